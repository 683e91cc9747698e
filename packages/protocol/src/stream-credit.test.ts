import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  creditRoom,
  nextGrant,
  noteBytesSent,
  noteGrant,
  noteReceived,
  noteTaken,
  receiverCredit,
  senderCredit,
} from './stream-credit.ts'

const WINDOW = 1000

describe('credit', () => {
  it('never lets more wait than the window, loses nothing, and never stops while it is taken', () => {
    const deeds = fc.array(fc.record({ send: fc.nat(3000), take: fc.nat(700) }), { maxLength: 60 })
    fc.assert(
      fc.property(deeds, (steps) => {
        let sender = senderCredit()
        let receiver = receiverCredit(WINDOW)
        let waiting = 0
        const grant = (): void => {
          const next = nextGrant(receiver)
          receiver = next.credit
          sender = noteGrant(sender, next.bytes)
        }
        grant()
        for (const { send, take } of steps) {
          const bytes = Math.min(send, creditRoom(sender))
          sender = noteBytesSent(sender, bytes)
          const received = noteReceived(receiver, bytes)
          if (received === undefined) throw new Error('an honest sender was refused')
          receiver = received
          waiting += bytes
          expect(waiting).toBeLessThanOrEqual(WINDOW)
          const taken = Math.min(take, waiting)
          waiting -= taken
          receiver = noteTaken(receiver, taken)
          grant()
        }
        receiver = noteTaken(receiver, waiting)
        grant()
        expect(creditRoom(sender)).toBeGreaterThan(0)
      }),
    )
  })

  it('refuses bytes that were not granted', () => {
    const receiver = nextGrant(receiverCredit(WINDOW)).credit
    expect(noteReceived(receiver, WINDOW)?.received).toBe(WINDOW)
    expect(noteReceived(receiver, WINDOW + 1)).toBeUndefined()
  })

  it('takes no grant that is nonsense', () => {
    for (const bytes of [-1, 0.5, Number.NaN, Infinity, Number.MAX_SAFE_INTEGER]) {
      expect(noteGrant(senderCredit(10), bytes).granted).toBe(10)
    }
  })

  it('goes no further than the sender itself allows', () => {
    const generous = noteGrant(noteBytesSent(senderCredit(50), 20), 1e12, 100)
    expect(creditRoom(generous)).toBe(100)
  })

  it('waits until half the window is free', () => {
    let receiver = nextGrant(receiverCredit(WINDOW)).credit
    receiver = noteReceived(receiver, WINDOW) ?? receiver
    expect(nextGrant(noteTaken(receiver, 499)).bytes).toBe(0)
    expect(nextGrant(noteTaken(receiver, 500)).bytes).toBe(500)
  })
})
