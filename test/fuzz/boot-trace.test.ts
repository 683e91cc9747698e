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

const NUMBERS = Uint8Array.of(1, 3, 9, 9, 9, 177, 5, 1, 0x80, 0x86, 0x10, 0x0e, 19, 1, 1, 20, 1, 1)
/** What network firmware, iPXE and a relay say, with every option that a trace reads. */
const SAID: readonly Uint8Array[] = (['discover', 'request', 'inform', 'release'] as const).map(
  (messageType) =>
    encodePacket({
      op: 'request',
      hardwareType: 1,
      hops: 1,
      xid: 7,
      secs: 0,
      broadcast: true,
      ciaddr: Ipv4.ANY,
      yiaddr: Ipv4.ANY,
      siaddr: Ipv4.ANY,
      giaddr: ip('10.98.0.2'),
      chaddr: Mac.toBytes(SLED_MAC),
      serverName: '',
      bootFile: '',
      options: {
        messageType,
        vendorClass: 'PXEClient:Arch:00007:UNDI:003016',
        userClasses: ['iPXE', 'x'.repeat(90)],
        clientArchitectures: [7, 16, 11],
        clientUuid: '12345678-1234-5678-1234-123456789abc',
        hostName: 'sled',
        requestedAddress: ip('10.98.0.11'),
        ipxeFeatures: NUMBERS,
        vendorSpecific: Uint8Array.of(6, 1, 8, 71, 4, 0, 0, 0, 0, 255),
        relayAgent: Uint8Array.of(1, 40, ...new Uint8Array(40).fill(0xee), 2, 1, 9),
      },
    }),
)
/** The servers hear far more (dhcp-sockets.test.ts): here each packet is also put into words. */
const PACKETS = Math.max(20_000, FUZZ_DATAGRAMS / 5)
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
      const decoded = decodePacket(mangled(oneOf(SAID)))
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
