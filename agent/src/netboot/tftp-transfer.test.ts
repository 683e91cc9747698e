import type { Udp, UdpAddress } from '@brickyard/runtime/udp'
import { recordingLog } from '@brickyard/sim/recording-log'
import { virtualClock } from '@brickyard/sim/virtual-clock'
import { Minutes, Seconds } from '@brickyard/std/units'
import { negotiate } from '@brickyard/tftp/negotiate'
import { decodeTftp, encodeAck, type TftpPacket } from '@brickyard/tftp/packet'
import { startSend } from '@brickyard/tftp/send-machine'
import { describe, expect, it } from 'vitest'
import { runTransfer } from './tftp-transfer.ts'

const CLIENT: UdpAddress = { address: '10.98.0.11', port: 2070 }

/** A transfer of 100 blocks on a socket of the test's own, in virtual time. */
async function transfer() {
  const clock = virtualClock()
  const sent: TftpPacket[] = []
  const end: { ended: boolean; closed: boolean } = { ended: false, closed: false }
  let take: (bytes: Uint8Array, from: UdpAddress) => void = () => undefined
  const udp: Udp = {
    bind: async () => ({
      local: { address: '10.98.0.1', port: 4000 },
      send: (bytes) => {
        const packet = decodeTftp(bytes)
        if (packet.ok) sent.push(packet.value)
      },
      onDatagram: (taken) => {
        take = taken
      },
      onError: () => undefined,
      close: () => {
        end.closed = true
      },
    }),
  }
  const first = startSend(new Uint8Array(512 * 100), negotiate(new Map(), 512 * 100))
  const onEnd = (): void => {
    end.ended = true
  }
  const parts = { udp, clock, log: recordingLog(), network: 'lab', address: '10.98.0.1' }
  runTransfer(parts, { name: 'file', client: CLIENT, first, onEnd })
  await clock.advance(0)
  return { clock, sent, end, ack: (block: number) => take(encodeAck(block), CLIENT) }
}

describe('a transfer', () => {
  it('repeats a block after 1, 2, 4, 8 and 8 s, and gives up 8 s later', async () => {
    const { clock, sent, end } = await transfer()
    const seen: number[] = []
    for (let second = 0; second < 40; second++) {
      await clock.advance(Seconds(1))
      seen.push(sent.filter(({ kind }) => kind === 'data').length)
    }
    const grewAt = seen.flatMap((count, n) => (count > (seen[n - 1] ?? 1) ? [n + 1] : []))
    expect(grewAt).toEqual([1, 3, 7, 15, 23])
    expect(sent.at(-1)).toMatchObject({ kind: 'error' })
    expect(end).toEqual({ ended: true, closed: true })
    expect(clock.timerCount).toBe(0)
  })

  it('waits a second again after every block, however long it waited before', async () => {
    const { clock, sent, ack } = await transfer()
    // Asked three times; the next wait is 8 s.
    await clock.advance(Seconds(7.5))
    ack(1)
    const before = sent.length
    await clock.advance(Seconds(0.9))
    expect(sent.length).toBe(before)
    await clock.advance(Seconds(0.2))
    expect(sent.length).toBe(before + 1)
  })

  it('ends after ten minutes for a client that only dawdles', async () => {
    const { clock, sent, end, ack } = await transfer()
    for (let block = 1; !end.ended && block < 100; block++) {
      ack(block)
      await clock.advance(Seconds(20))
    }
    expect(clock.monotonicMs()).toBeLessThan(Minutes(11))
    expect(sent.at(-1)).toEqual({ kind: 'error', code: 0, message: 'too slow' })
    expect(end).toEqual({ ended: true, closed: true })
    expect(clock.timerCount).toBe(0)
  })
})
