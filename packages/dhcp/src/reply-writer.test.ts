import { Ipv4 } from '@brickyard/model/ipv4'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { LeaseNetwork } from './lease-table.ts'
import { type DhcpPacket, encodePacket, replyBytesMax } from './packet.ts'
import { buildReply } from './reply.ts'
import { createReplyWriter } from './reply-writer.ts'
import { ip, requestOf } from './test-packets.ts'

const NETWORK: LeaseNetwork = {
  subnet: { network: ip('10.98.0.0'), prefixLength: 24 },
  serverAddress: ip('10.98.0.1'),
  pool: { first: ip('10.98.0.100'), last: ip('10.98.0.102') },
  leaseSeconds: 3600,
  router: ip('10.98.0.1'),
  dns: [ip('10.98.0.2'), ip('10.98.0.3')],
  domain: 'rack',
  authoritative: true,
  reserved: new Set(),
}

const address = fc.integer({ min: 0, max: 0xffffffff }).map(Ipv4.fromNumber)
/** Of few lengths, so that many requests of a run get answers of one pattern. */
const bytes = (...lengths: number[]) =>
  fc
    .constantFrom(...lengths)
    .chain((length) => fc.uint8Array({ minLength: length, maxLength: length }))
const request: fc.Arbitrary<DhcpPacket> = fc
  .record({
    xid: fc.integer({ min: 0, max: 0xffffffff }),
    broadcast: fc.boolean(),
    ciaddr: fc.oneof(fc.constant(Ipv4.ANY), address),
    giaddr: fc.oneof(fc.constant(Ipv4.ANY), address),
    chaddr: bytes(6, 6, 6, 16),
    clientId: fc.option(bytes(7, 7, 300), { nil: undefined }),
    relayAgent: fc.option(bytes(12, 255), { nil: undefined }),
    maxMessageSizeBytes: fc.constantFrom(undefined, 576, 1472),
  })
  .map(({ clientId, relayAgent, maxMessageSizeBytes, ...header }) =>
    requestOf(1, { clientId, relayAgent, maxMessageSizeBytes }, header),
  )
const leaseSeconds = fc.constantFrom(600, 604_800)
const answered = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({ kind: fc.constantFrom('offer', 'ack'), address, leaseSeconds }),
  },
  { weight: 1, arbitrary: fc.constant({ kind: 'inform' } as const) },
  { weight: 1, arbitrary: fc.constant({ kind: 'nak', reason: 'it is taken' } as const) },
)
const told = fc.record({
  hostName: fc.constantFrom(undefined, 'sled-01', 'undefined'),
  boot: fc.constantFrom(
    undefined,
    { file: 'snponly.efi', nextServer: ip('10.98.0.1'), vendorClass: 'PXEClient' } as const,
    { file: `http://10.98.0.1/${'x'.repeat(200)}`, vendorClass: 'HTTPClient' } as const,
  ),
})

describe('a reply writer', () => {
  it('writes what buildReply and encodePacket do, byte for byte, however often it wrote the like', () => {
    const turns = fc.array(fc.tuple(request, answered, told), { maxLength: 60 })
    fc.assert(
      fc.property(turns, (all) => {
        const write = createReplyWriter(NETWORK)
        const written = all.map(([packet, said, more]) => write(packet, said, more))
        const expected = all.map(([packet, said, more]) =>
          encodePacket(buildReply(packet, said, NETWORK, more), replyBytesMax(packet)),
        )
        // Compared after the last was written: none may have been overwritten by a later one.
        expect(written.map((one) => [...one])).toEqual(expected.map((one) => [...one]))
      }),
      { numRuns: 60 },
    )
  })

  it('writes on when it has written to a thousand hosts, over nothing that it wrote before', () => {
    const write = createReplyWriter(NETWORK)
    const turns = Array.from({ length: 2000 }, (_, n) => {
      const kind = n % 2 === 0 ? 'offer' : 'ack'
      const answer = { kind, address: ip('10.98.0.100'), leaseSeconds: 600 } as const
      return { packet: requestOf(n, {}), answer, extras: { hostName: `sled-${n >> 1}` } }
    })
    const written = turns.map(({ packet, answer, extras }) => write(packet, answer, extras))
    const expected = turns.map(({ packet, answer, extras }) =>
      encodePacket(buildReply(packet, answer, NETWORK, extras), replyBytesMax(packet)),
    )
    expect(written.every((one, at) => Buffer.compare(one, expected[at] as Uint8Array) === 0)).toBe(
      true,
    )
  })
})
