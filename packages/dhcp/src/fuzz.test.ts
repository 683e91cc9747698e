import { Ipv4 } from '@brickyard/model/ipv4'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Binding, createLeaseMachine, stepLease } from './lease-machine.ts'
import { type LeaseNetwork, LeaseTable } from './lease-table.ts'
import * as vectors from './packet-vectors.ts'
import { decodePacket, type DhcpPacket, encodePacket, replyBytesMax } from './packet.ts'
import { buildReply } from './reply.ts'

/** Whatever arrives, nothing throws and everything ends; a long run is asked for by the environment. */
const DATAGRAMS = Number(process.env['BRICKYARD_FUZZ_COUNT'] ?? 20_000)
const SEED = Number(process.env['BRICKYARD_FUZZ_SEED'] ?? Date.now() % 2 ** 31)

const ip = (text: string): Ipv4 => text as Ipv4
const NETWORK: LeaseNetwork = {
  subnet: { network: ip('10.98.0.0'), prefixLength: 24 },
  serverAddress: ip('10.98.0.1'),
  pool: { first: ip('10.98.0.100'), last: ip('10.98.0.119') },
  leaseSeconds: 60,
  dns: [],
  authoritative: true,
  reserved: new Set([ip('10.98.0.105')]),
}

const { vector, frame } = vectors
const SEEDS: readonly Uint8Array[] = [
  vectors.OVMF_DISCOVER,
  vectors.IPXE_DISCOVER,
  vectors.RENEW_RELAYED,
  vectors.OVERLOADED,
  vector(`${frame({})} 35 01 03 32 04 0a620064 36 04 0a620001 ff`), // REQUEST
  vector(`${frame({})} 35 01 04 32 04 0a620064 36 04 0a620001 ff`), // DECLINE
  vector(`${frame({ ciaddr: '0a620064' })} 35 01 07 36 04 0a620001 ff`), // RELEASE
  vector(`${frame({ ciaddr: '0a620064' })} 35 01 08 ff`), // INFORM
  vector(`${frame({})} 35 01 01 3d 13 ff00000001 0002 0000ab11 0*9 ff`), // DUID client id
]

/** A small deterministic generator (mulberry32), so that a failure can be had again by its seed. */
function randomOf(seed: number): (below: number) => number {
  let state = seed >>> 0
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
}

function datagram(random: (below: number) => number, round: number): Uint8Array {
  const seed = Uint8Array.from(SEEDS[random(SEEDS.length)] as Uint8Array)
  const flip = (from: number): Uint8Array => {
    for (let count = 1 + random(8); count > 0; count--) {
      seed[from + random(seed.length - from)] = random(256)
    }
    return seed
  }
  switch (round % 4) {
    case 0:
      return Uint8Array.from({ length: random(700) }, () => random(256))
    case 1:
      return flip(0)
    case 2:
      return flip(240).subarray(0, 240 + random(seed.length - 239))
    default: {
      const soup = Uint8Array.from({ length: random(400) }, () => random(256))
      return Uint8Array.of(...seed.subarray(0, 240), 53, 1, 1 + random(8), ...soup)
    }
  }
}

const bindingOf = (reservation: Ipv4 | undefined): Binding => ({
  reservation,
  clientClass: reservation === undefined ? 'unknown' : 'sled',
})

describe('anything that arrives', () => {
  it(`is decoded, decided and answered, or refused (seed ${SEED})`, { timeout: 600_000 }, () => {
    const random = randomOf(SEED)
    const machine = createLeaseMachine(new LeaseTable(NETWORK))
    let readable = 0
    for (let round = 0; round < DATAGRAMS; round++) {
      const bytes = datagram(random, round)
      const decoded = decodePacket(bytes)
      if (!decoded.ok) continue
      readable++
      const { packet } = decoded.value
      const reservation = random(3) === 0 ? ip(`10.98.0.${random(256)}`) : undefined
      const { answer } = stepLease(machine, packet, bindingOf(reservation), round * 50)
      if (answer.kind === 'silent') continue
      const reply = buildReply(packet, answer, NETWORK, { boot: { file: 'a.efi' } })
      const written = encodePacket(reply, replyBytesMax(packet))
      expect(written.length).toBeLessThanOrEqual(1472)
      const back = decodePacket(written)
      expect(back.ok && back.value.packet.options.relayAgent).toEqual(packet.options.relayAgent)
    }
    // The generators must reach past the first check, or this proves nothing.
    expect(readable).toBeGreaterThan(DATAGRAMS / 10)
    expect([...machine.table.all()].length).toBeLessThanOrEqual(256)
  })

  it('comes back from encode and decode as it was, when it was readable', () => {
    const options = fc.array(
      fc.tuple(fc.integer({ min: 1, max: 254 }), fc.uint8Array({ maxLength: 40 })),
      { maxLength: 12 },
    )
    fc.assert(
      fc.property(options, (list) => {
        const area = list.flatMap(([code, value]) => [code, value.length, ...value])
        const first = decodePacket(Uint8Array.of(...vector(frame({})), ...area, 255))
        if (!first.ok) return
        // A split option that is written whole, and a text cut at its NUL, settle after one round.
        const once = decodePacket(encodePacket(first.value.packet))
        expect(once.ok).toBe(true)
        if (!once.ok) return
        const twice = decodePacket(encodePacket(once.value.packet))
        expect(twice.ok && twice.value.packet.options).toEqual(once.value.packet.options)
      }),
      { numRuns: 500 },
    )
  })
})

type Verb = 'discover' | 'select' | 'renew' | 'release' | 'decline'

/** What client `client` sends about `address`. */
function messageOf(verb: Verb, client: number, address: Ipv4): DhcpPacket {
  const base = decodePacket(vector(`${frame({})} 35 01 01 ff`))
  if (!base.ok) throw new Error(base.error)
  const byCiaddr = verb === 'renew' || verb === 'release'
  const toUs = verb !== 'renew' && verb !== 'discover'
  return {
    ...base.value.packet,
    chaddr: Uint8Array.of(2, 0, 0, 0, 0, client),
    ciaddr: byCiaddr ? address : Ipv4.ANY,
    options: {
      messageType: verb === 'renew' || verb === 'select' ? 'request' : verb,
      requestedAddress: byCiaddr ? undefined : address,
      serverId: toUs ? NETWORK.serverAddress : undefined,
    },
  }
}

describe('the lease machine', () => {
  const turn = fc.record({
    client: fc.integer({ min: 1, max: 12 }),
    verb: fc.constantFrom<Verb>('discover', 'select', 'renew', 'release', 'decline'),
    last: fc.integer({ min: 98, max: 108 }),
    reserved: fc.boolean(),
    waitSeconds: fc.constantFrom(0, 1, 30, 61, 700),
  })
  const pool = { first: ip('10.98.0.100'), last: ip('10.98.0.106') }

  it('never lets two clients use one address at the same time', () => {
    fc.assert(
      fc.property(fc.array(turn, { maxLength: 60 }), (turns) => {
        const machine = createLeaseMachine(new LeaseTable({ ...NETWORK, pool }))
        /** What each client believes: the address it was last acknowledged, and until when. */
        const using = new Map<number, { readonly address: Ipv4; readonly untilMs: number }>()
        let nowMs = 0
        for (const { client, verb, last, reserved, waitSeconds } of turns) {
          nowMs += waitSeconds * 1000
          const packet = messageOf(verb, client, ip(`10.98.0.${last}`))
          const reservation = reserved ? ip('10.98.0.105') : undefined
          const { answer } = stepLease(machine, packet, bindingOf(reservation), nowMs)
          // Who asks anew, gives back or is refused uses nothing any more (RFC 2131 figure 5).
          if (verb !== 'renew' || answer.kind === 'nak') using.delete(client)
          if (answer.kind !== 'ack') continue
          using.set(client, {
            address: answer.address,
            untilMs: nowMs + NETWORK.leaseSeconds * 1000,
          })
          const live = [...using.values()].filter(({ untilMs }) => untilMs > nowMs)
          expect(new Set(live.map(({ address }) => address)).size).toBe(live.length)
        }
      }),
      { numRuns: 500 },
    )
  })
})
