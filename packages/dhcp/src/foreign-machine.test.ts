import { describe, expect, it } from 'vitest'
import {
  createForeignMachine,
  type ForeignEffect,
  type ForeignMachine,
  hearAnswer,
  hearChoice,
  isProbeOf,
  nextTickMs,
  PROBE_EVERY_MS,
  tickForeign,
} from './foreign-machine.ts'
import { decodePacket, encodePacket } from './packet.ts'
import { ip, replyOf, requestOf } from './test-packets.ts'

const US = ip('10.98.0.1')
const THEM = ip('10.98.0.66')
const OFFER = replyOf(
  { messageType: 'offer', serverId: THEM, routers: [THEM], subnetMask: ip('255.255.255.0') },
  { yiaddr: ip('10.98.0.77') },
)

/** Lets time pass until `untilMs`; gives what happened, with the time of each. */
function run(machine: ForeignMachine, untilMs: number, answersUntilMs = 0) {
  const seen: [number, ForeignEffect][] = []
  for (let at = nextTickMs(machine); at <= untilMs; at = nextTickMs(machine)) {
    for (const effect of tickForeign(machine, at)) {
      seen.push([at, effect])
      if (effect.kind === 'probe' && at < answersUntilMs) hearAnswer(machine, OFFER, THEM, at + 1)
    }
  }
  return seen
}
const kinds = (seen: readonly [number, ForeignEffect][]): string[] =>
  seen.map(([at, { kind }]) => `${kind} ${at / 1000}`)

describe('other DHCP servers', () => {
  it('are asked for at the start and every ten minutes, twice each time, always as the same client', () => {
    const machine = createForeignMachine(US, 0)
    const seen = run(machine, PROBE_EVERY_MS + 20_000)
    expect(kinds(seen)).toEqual(['probe 0', 'probe 5', 'probe 610', 'probe 615'])
    const clients = seen.map(([, effect]) => {
      if (effect.kind !== 'probe') throw new Error('a probe')
      const { packet } = effect
      expect(decodePacket(encodePacket(packet)).ok).toBe(true)
      expect(packet).toMatchObject({ broadcast: true, options: { messageType: 'discover' } })
      expect(isProbeOf(packet, US)).toBe(true)
      expect(isProbeOf(packet, THEM)).toBe(false)
      return `${packet.chaddr.join(' ')} ${packet.options.clientId?.join(' ')}`
    })
    expect(new Set(clients).size).toBe(1)
  })

  it('are named once when they are heard: address, sender, relay, what they give and tell', () => {
    const machine = createForeignMachine(US, 0)
    expect(hearAnswer(machine, OFFER, THEM, 7)).toEqual([
      {
        kind: 'found',
        server: {
          server: THEM,
          sender: THEM,
          relay: undefined,
          gives: 'addresses',
          options: 'mask 255.255.255.0, router 10.98.0.66',
          heardAtMs: 7,
        },
      },
    ])
    expect(hearAnswer(machine, OFFER, THEM, 8)).toEqual([])
    const relayed = { ...OFFER, giaddr: ip('10.98.0.2') }
    expect(hearAnswer(machine, relayed, ip('10.98.0.2'), 9)).toMatchObject([
      { kind: 'found', server: { server: THEM, sender: '10.98.0.2', relay: '10.98.0.2' } },
    ])
  })

  it('are told from proxies, which give boot files alone', () => {
    const machine = createForeignMachine(US, 0)
    const proxy = replyOf(
      { messageType: 'offer', serverId: THEM, bootFileName: 'evil.efi' },
      { siaddr: THEM },
    )
    expect(hearAnswer(machine, proxy, THEM, 0)).toMatchObject([
      { server: { gives: 'boot files', options: 'next server 10.98.0.66, boot file evil.efi' } },
    ])
  })

  it('are not ourselves, nor clients', () => {
    const machine = createForeignMachine(US, 0)
    const ours = replyOf({ messageType: 'ack', serverId: US })
    expect(hearAnswer(machine, ours, US, 0)).toEqual([])
    expect(hearAnswer(machine, replyOf({ messageType: 'ack' }), US, 0)).toEqual([])
    expect(hearAnswer(machine, requestOf(1, { messageType: 'discover' }), THEM, 0)).toEqual([])
    expect(hearChoice(machine, US, 0)).toEqual([])
    expect(machine.servers.size).toBe(0)
  })

  it('are known by the choice of a client, too', () => {
    const machine = createForeignMachine(US, 0)
    expect(hearChoice(machine, THEM, 0)).toMatchObject([
      { kind: 'found', server: { server: THEM } },
    ])
    expect(hearChoice(machine, THEM, 1)).toEqual([])
  })

  it('are gone when two rounds were not answered, and not when one was lost', () => {
    const machine = createForeignMachine(US, 0)
    const seen = run(machine, 2 * PROBE_EVERY_MS, 6_000)
    expect(kinds(seen).filter((text) => text.startsWith('gone'))).toEqual(['gone 660'])
    const patient = createForeignMachine(US, 0)
    const lost = run(patient, 630_000, 6_000)
    // Silent in the second round, there again in the third, half a minute later.
    hearAnswer(patient, OFFER, THEM, 655_000)
    lost.push(...run(patient, 700_000))
    expect(kinds(lost).filter((text) => text.startsWith('gone'))).toEqual([])
  })

  it('are remembered up to a bound, however many are invented', () => {
    const machine = createForeignMachine(US, 0)
    for (let n = 0; n < 1000; n++) {
      const server = ip(`10.99.${n >> 8}.${n & 255}`)
      hearAnswer(machine, replyOf({ messageType: 'offer', serverId: server }), server, n)
    }
    expect(machine.servers.size).toBe(16)
  })
})
