import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { noteAcked, noteSent, openWindow, roomInWindow, UNACKED_EVENTS_MAX } from './send-window.ts'

describe('the send window', () => {
  it('never lets more be under way than the bound, and never forgets an acknowledgement', () => {
    const steps = fc.array(
      fc.record({ send: fc.nat(1000), ack: fc.integer({ min: -50, max: 2000 }) }),
      { maxLength: 50 },
    )
    fc.assert(
      fc.property(fc.nat(100), steps, (held, run) => {
        let window = openWindow(held)
        for (const { send, ack } of run) {
          const before = window
          window = noteSent(window, window.sentSeq + Math.min(send, roomInWindow(window)))
          window = noteAcked(window, ack)
          expect(window.ackedSeq).toBeGreaterThanOrEqual(before.ackedSeq)
          expect(window.ackedSeq).toBeLessThanOrEqual(window.sentSeq)
          expect(window.sentSeq - window.ackedSeq).toBeLessThanOrEqual(UNACKED_EVENTS_MAX)
        }
      }),
    )
  })

  it('delivers everything in order over connections that break anywhere', () => {
    const breaks = fc.array(fc.record({ sent: fc.nat(300), taken: fc.nat(300) }), { maxLength: 20 })
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1000 }), breaks, (total, connections) => {
        let atHub = 0
        const connect = (sentMost: number, takenMost: number): void => {
          let window = openWindow(atHub)
          const most = Math.min(sentMost, roomInWindow(window), total - window.sentSeq)
          window = noteSent(window, window.sentSeq + most)
          for (let seq = window.ackedSeq + 1; seq <= window.sentSeq; seq++) {
            if (takenMost-- > 0) {
              expect(seq).toBe(atHub + 1)
              atHub = seq
            }
          }
        }
        for (const { sent, taken } of connections) connect(sent, taken)
        for (let i = 0; i <= total; i++) connect(UNACKED_EVENTS_MAX, UNACKED_EVENTS_MAX)
        expect(atHub).toBe(total)
      }),
    )
  })
})
