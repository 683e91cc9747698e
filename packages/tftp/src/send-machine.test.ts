import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { negotiate } from './negotiate.ts'
import { decodeTftp, type TftpPacket } from './packet.ts'
import { type ReceiveStep, startReceive, stepReceive } from './receive-machine.ts'
import { type SendStep, startSend, stepSend } from './send-machine.ts'

const bytesOf = (count: number): Uint8Array => Uint8Array.from({ length: count }, (_, i) => i * 7)
const packetsOf = (step: SendStep | ReceiveStep): TftpPacket[] =>
  ('send' in step ? step.send : []).flatMap((bytes) => {
    const packet = decodeTftp(bytes)
    return packet.ok ? [packet.value] : []
  })
const blocksOf = (step: SendStep): number[] =>
  packetsOf(step).flatMap((packet) => (packet.kind === 'data' ? [packet.block] : []))

/** A sender and what was said to it. */
function sender(fileBytes: number, options: Record<string, string> = {}) {
  let step = startSend(bytesOf(fileBytes), negotiate(new Map(Object.entries(options)), fileBytes))
  const feed = (event: Parameters<typeof stepSend>[1]): SendStep => {
    if (step.kind !== 'continue') throw new Error(`already ${step.kind}`)
    step = stepSend(step.state, event)
    return step
  }
  return {
    first: step,
    hear: (packet: TftpPacket) => feed({ kind: 'packet', packet }),
    ack: (block: number) => feed({ kind: 'packet', packet: { kind: 'ack', block } }),
    timeout: () => feed({ kind: 'timeout' }),
  }
}

describe('startSend', () => {
  it('begins with block 1 when nothing was agreed, else with an OACK', () => {
    expect(blocksOf(sender(10).first)).toEqual([1])
    const withOptions = sender(1000, { tsize: '0' })
    expect(packetsOf(withOptions.first)).toEqual([
      { kind: 'oack', options: new Map([['tsize', '1000']]) },
    ])
    expect(blocksOf(withOptions.ack(0))).toEqual([1])
  })
})

describe('stepSend', () => {
  it('ends with a short block, an empty one when the length is a multiple', () => {
    const s = sender(1024)
    s.ack(1)
    expect(packetsOf(s.ack(2))).toEqual([{ kind: 'data', block: 3, bytes: new Uint8Array() }])
    expect(s.ack(3)).toEqual({ kind: 'done' })
    const empty = sender(0)
    expect(packetsOf(empty.first)).toMatchObject([{ block: 1, bytes: new Uint8Array() }])
    expect(empty.ack(1)).toEqual({ kind: 'done' })
  })

  it('sends a window at a time, and goes on from the last block confirmed (RFC 7440)', () => {
    const s = sender(5000, { windowsize: '4' })
    expect(blocksOf(s.ack(0))).toEqual([1, 2, 3, 4])
    expect(blocksOf(s.ack(2))).toEqual([3, 4, 5, 6])
    expect(blocksOf(s.ack(6))).toEqual([7, 8, 9, 10])
  })

  it('never answers a repeated or foreign ACK with data', () => {
    const s = sender(5000)
    s.ack(1)
    for (const block of [1, 0, 3, 65_535]) {
      const step = s.ack(block)
      expect(step).toMatchObject({ kind: 'continue', send: [] })
      // The timer keeps running: a stream of old ACKs must not hold off the repeat either.
      expect(step).not.toHaveProperty('waitMs')
    }
    expect(blocksOf(s.ack(2))).toEqual([3])
  })

  it('repeats with growing patience, then gives up and says so', () => {
    const s = sender(5000)
    const waits: (number | undefined)[] = []
    for (let n = 0; n < 5; n++) {
      const step = s.timeout()
      expect(blocksOf(step)).toEqual([1])
      waits.push(step.kind === 'continue' ? step.waitMs : undefined)
    }
    expect(waits).toEqual([2000, 4000, 8000, 8000, 8000])
    expect(s.timeout()).toMatchObject({
      kind: 'failed',
      reason: 'no answer after block 0, asked 6 times',
    })
  })

  it('repeats the OACK until it is confirmed, deaf to other ACKs', () => {
    const s = sender(5000, { tsize: '0' })
    expect(packetsOf(s.timeout())).toMatchObject([{ kind: 'oack' }])
    expect(packetsOf(s.ack(1))).toEqual([])
    expect(blocksOf(s.ack(0))).toEqual([1])
  })

  it('starts its patience anew with every block confirmed', () => {
    const s = sender(5000)
    s.timeout()
    s.timeout()
    expect(s.ack(1)).toMatchObject({ waitMs: 1000 })
  })

  it('ends when the client says so, and when it talks nonsense', () => {
    expect(sender(9).hear({ kind: 'error', code: 8, message: 'too big' })).toEqual({
      kind: 'failed',
      reason: 'the client ended it: too big (8)',
      send: [],
    })
    const nonsense = sender(9).hear({ kind: 'data', block: 1, bytes: new Uint8Array() })
    expect(packetsOf(nonsense)).toMatchObject([{ kind: 'error', code: 4 }])
  })

  it('is not disturbed by the same request again', () => {
    const again: TftpPacket = { kind: 'read', name: 'a', mode: 'octet', options: new Map() }
    expect(sender(9).hear(again)).toMatchObject({ kind: 'continue', send: [] })
  })

  it('passes block 65535 and goes on with 0', () => {
    const s = sender(8 * 65_540, { blksize: '8', windowsize: '64' })
    let step = s.ack(0)
    for (let block = 64; block <= 65_536; block += 64) step = s.ack(block & 0xffff)
    expect(blocksOf(step).slice(0, 3)).toEqual([1, 2, 3])
    expect(step).toMatchObject({ state: { acked: 65_536 } })
  })
})

describe('memory of a sender', () => {
  it('holds true blocks at any time, whatever of it still waits to be sent', () => {
    const [fileBytes, blockBytes] = [1003, 100]
    const file = bytesOf(fileBytes)
    let step = startSend(file, negotiate(new Map([['blksize', '100']]), fileBytes))
    const given: Uint8Array[] = []
    for (let block = 0; step.kind === 'continue'; block++) {
      given.push(...step.send)
      for (const bytes of given) {
        const packet = decodeTftp(bytes)
        if (!packet.ok || packet.value.kind !== 'data') continue
        const start = (packet.value.block - 1) * blockBytes
        expect(packet.value.bytes).toEqual(file.subarray(start, start + blockBytes))
      }
      step = stepSend(step.state, { kind: 'packet', packet: { kind: 'ack', block } })
    }
    expect(given.length).toBe(12)
    expect(step.kind).toBe('done')
  })
})

describe('sender and receiver', () => {
  it('bring any file across any loss, doubling and reordering that is not for ever', () => {
    const link = fc.record({
      fileBytes: fc.integer({ min: 0, max: 3000 }),
      blockBytes: fc.integer({ min: 8, max: 600 }),
      windowBlocks: fc.integer({ min: 1, max: 8 }),
      fates: fc.array(fc.constantFrom('pass', 'lose', 'double', 'swap'), { maxLength: 60 }),
    })
    fc.assert(
      fc.property(link, ({ fileBytes, blockBytes, windowBlocks, fates }) => {
        const file = bytesOf(fileBytes)
        expect(transfer(file, { blockBytes, windowBlocks }, fates)).toEqual(file)
      }),
      { numRuns: 300 },
    )
  })
})

/** Losses without a new block arriving: each costs one repeat, and both ends repeat five times. */
const LOSSES_MAX = 5
const ROUNDS_MAX = 20_000

/** Runs both machines over a link that treats each datagram as `fates` says, then well. */
function transfer(
  file: Uint8Array,
  options: { blockBytes: number; windowBlocks: number },
  fates: readonly string[],
): Uint8Array | string {
  let receiving = startReceive('file', options)
  let sending: SendStep | undefined
  const toServer: Uint8Array[] = []
  const toClient: Uint8Array[] = []
  let fate = 0
  let losses = 0
  const carry = (queue: Uint8Array[], send: readonly Uint8Array[]): void => {
    for (const sent of send) {
      const bytes = sent.slice()
      const what = fates[fate++]
      if (what === 'lose' && losses++ < LOSSES_MAX) continue
      if (what === 'swap') queue.unshift(bytes)
      else queue.push(bytes)
      if (what === 'double') queue.push(bytes)
    }
  }
  if (receiving.kind === 'continue') carry(toServer, receiving.send)
  for (let round = 0; round < ROUNDS_MAX; round++) {
    const atServer = toServer.shift()
    const atClient = toClient.shift()
    if (atServer !== undefined) {
      const packet = decodeTftp(atServer)
      if (!packet.ok) return packet.error
      if (sending === undefined && packet.value.kind === 'read') {
        sending = startSend(file, negotiate(packet.value.options, file.length))
        carry(toClient, sending.kind === 'continue' ? sending.send : [])
      } else if (sending?.kind === 'continue') {
        sending = stepSend(sending.state, { kind: 'packet', packet: packet.value })
        if (sending.kind !== 'done') carry(toClient, sending.send)
      }
    }
    if (atClient !== undefined && receiving.kind === 'continue') {
      const packet = decodeTftp(atClient)
      if (!packet.ok) return packet.error
      const before = receiving.state.received
      receiving = stepReceive(receiving.state, { kind: 'packet', packet: packet.value })
      if (receiving.kind === 'done') return receiving.file
      if (receiving.kind === 'continue' && receiving.state.received > before) losses = 0
      carry(toServer, receiving.send)
    }
    if (toServer.length > 0 || toClient.length > 0) continue
    // Nothing is on its way: whose patience ends first does not matter, so both do.
    if (sending?.kind === 'continue') {
      sending = stepSend(sending.state, { kind: 'timeout' })
      if (sending.kind !== 'done') carry(toClient, sending.send)
    }
    if (receiving.kind === 'continue') {
      receiving = stepReceive(receiving.state, { kind: 'timeout' })
      if (receiving.kind === 'continue') carry(toServer, receiving.send)
    }
    if (receiving.kind === 'failed') return receiving.reason
  }
  return 'it does not end'
}
