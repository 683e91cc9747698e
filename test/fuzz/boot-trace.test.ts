import { createBootTracer } from '@brickyard/agent/netboot/trace'
import { BOOT_TABLES, createBootBook } from '@brickyard/agent/netboot/trace-book'
import { createNetbootCounts } from '@brickyard/agent/netboot/trace-counts'
import { createWatches } from '@brickyard/agent/netboot/trace-watches'
import { decodePacket, encodePacket } from '@brickyard/dhcp/packet'
import { Ipv4 } from '@brickyard/model/ipv4'
import { Mac } from '@brickyard/model/mac'
import type { SledName } from '@brickyard/model/names'
import type { Network } from '@brickyard/model/rack'
import { bootTraceSchema } from '@brickyard/protocol/boot-trace'
import { openNodeStore } from '@brickyard/runtime/node/store'
import { migrate } from '@brickyard/runtime/store'
import { virtualClock } from '@brickyard/sim/virtual-clock'
import { expect, it } from 'vitest'
import {
  FUZZ_DATAGRAMS,
  FUZZ_SEED,
  FUZZ_TIMEOUT_MS,
  mangled,
  oneOf,
  random,
  silentLog,
} from './fuzz-run.ts'

const ip = (text: string): Ipv4 => text as Ipv4
const SLED_MAC = '52:54:00:98:00:01' as Mac
const NETWORK: Network = {
  name: 'prov',
  role: 'provisioning',
  mode: 'authoritative',
  subnet: '10.98.0.0/24',
  agentAddress: ip('10.98.0.1'),
  interface: 'br0',
  pool: { first: ip('10.98.0.100'), last: ip('10.98.0.199') },
  leaseSeconds: 600,
  dns: [],
}
const SLED = {
  name: 'sled-01' as SledName,
  architecture: 'x86_64',
  firmwareMode: 'uefi',
  secureBoot: false,
  address: ip('10.98.0.11'),
  boot: { kind: 'none', reason: 'it is ready' },
} as const

/** Numbers of sub-options that mean something in options 43, 82 and 175. */
const SUB_OPTIONS = [1, 2, 5, 6, 7, 8, 11, 19, 20, 71, 177, 235]
/** As many as one option holds. */
const TEXT_CHARS_MAX = 255

const bytes = (count: number): number[] => Array.from({ length: count }, () => random.below(256))
const text = (): string =>
  String.fromCharCode(...bytes(1 + random.below(TEXT_CHARS_MAX)).map((byte) => byte || 1))
/** A few sub-options as they should be, but for what is in them. */
const subOptions = (): Uint8Array =>
  Uint8Array.from(
    Array.from({ length: random.below(6) }, () => bytes(random.below(10))).flatMap((value) => [
      oneOf(SUB_OPTIONS),
      value.length,
      ...value,
    ]),
  )

/** What network firmware, iPXE, an OS or a relay says, with every option that a trace reads. */
function said(): Uint8Array {
  const isOdd = random.below(2) === 0
  return encodePacket({
    op: 'request',
    hardwareType: 1,
    hops: 1,
    xid: 7,
    secs: 0,
    broadcast: true,
    ciaddr: oneOf([Ipv4.ANY, ip('10.98.0.11')]),
    yiaddr: Ipv4.ANY,
    siaddr: Ipv4.ANY,
    giaddr: oneOf([Ipv4.ANY, ip('10.98.0.2')]),
    chaddr: Mac.toBytes(SLED_MAC),
    serverName: '',
    bootFile: '',
    options: {
      messageType: oneOf(['discover', 'request', 'inform', 'release']),
      vendorClass: isOdd ? text() : 'PXEClient:Arch:00007:UNDI:003016',
      userClasses: isOdd ? [text(), text()] : ['iPXE'],
      clientArchitectures: isOdd ? bytes(1 + random.below(12)) : [7, 16],
      clientUuid: '12345678-1234-5678-1234-123456789abc',
      hostName: isOdd ? text() : 'sled-01',
      requestedAddress: ip('10.98.0.11'),
      ipxeFeatures: oneOf([undefined, subOptions()]),
      vendorSpecific: subOptions(),
      relayAgent: oneOf([undefined, subOptions()]),
    },
  })
}

/** The servers hear far more (dhcp-sockets.test.ts): here each packet is also put into words. */
const PACKETS = Math.max(10_000, FUZZ_DATAGRAMS / 20)
const ANSWERS = ['offer', 'ack', 'nak', 'silent', 'inform'] as const
/** As many machines that nobody declared as there may be in a site. */
const STRANGERS = 8
/** Time passes now and then, so that one boot ends and another begins. */
const PAUSE_MS_MAX = 200_000
const LOOKS = 20

it(
  `the trace tells of ${PACKETS} odd packets what the hub can read (seed ${FUZZ_SEED})`,
  { timeout: FUZZ_TIMEOUT_MS },
  async () => {
    const clock = virtualClock()
    const store = openNodeStore({ path: ':memory:', durable: false })
    migrate(store, [BOOT_TABLES])
    const identity = () => ({ macs: [SLED_MAC], uuid: null })
    const book = createBootBook({ store, clock, log: silentLog, identity })
    const watches = createWatches(clock)
    const counts = createNetbootCounts()
    const tracer = createBootTracer({ clock, book, watches, counts, awaited: () => undefined })
    tracer.watching(NETWORK)

    let readable = 0
    const hear = (): void => {
      const decoded = decodePacket(mangled(said()))
      if (!decoded.ok) return
      readable += 1
      const { packet } = decoded.value
      const n = random.below(STRANGERS)
      const mac = n === 0 ? SLED_MAC : (`02:00:00:00:00:0${n}` as Mac)
      const sled = n === 0 ? SLED : undefined
      const answer = { kind: oneOf(ANSWERS), address: packet.yiaddr, reason: 'a reason' }
      const loader = () => ({ kind: 'none', reason: 'no loader' }) as const
      tracer.dhcp({ network: NETWORK, packet, mac, sled, answer, loader, sent: true })
      const file = { way: 'tftp', name: 'a.efi', result: 'part', bytes: 1, bytesTotal: 2 } as const
      const address = packet.yiaddr
      tracer.file({ network: 'prov', address, ...file, durationMs: 1, reason: null })
    }
    const look = (): void => {
      const asked = [{ sled: SLED.name }, undefined, { mac: '02:00:00:00:00:01' }]
      for (const of of asked) {
        const trace = bootTraceSchema.safeParse(tracer.trace(of))
        expect(trace.error?.issues ?? []).toEqual([])
        expect(trace.data?.attempts.length).toBeGreaterThan(0)
      }
    }
    for (let round = 1; round <= PACKETS; round++) {
      hear()
      if (random.below(50) === 0) await clock.advance(random.below(PAUSE_MS_MAX))
      if (round % Math.ceil(PACKETS / LOOKS) === 0) look()
    }
    // What cannot be read is told of by nobody.
    expect(readable).toBeGreaterThan(PACKETS / 3)
    store.close()
  },
)
