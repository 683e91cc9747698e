import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { encodePacket } from '@brickyard/dhcp/packet'
import type { NetworkMode } from '@brickyard/model/rack'
import { seededRandom } from '@brickyard/sim/seeded-random'
import { toHex } from '@brickyard/std/hex'
import { MiB } from '@brickyard/std/units'
import { expect, it } from 'vitest'
import { createForeignWatch } from './dhcp-foreign-watch.ts'
import {
  ip,
  NETWORK,
  PXE,
  requestFrom,
  silentLog,
  SLED_MAC,
  startDhcp,
  strangerMac,
  US,
} from './dhcp-rig.ts'

/** Datagrams of a run, over all modes; a long one is asked for by the environment. */
const COUNT = Number(process.env['BRICKYARD_FUZZ_COUNT'] ?? 20_000)
const SEED = process.env['BRICKYARD_FUZZ_SEED'] ?? String(Date.now())
/** One datagram takes microseconds; the machine's own pauses are longer than that. */
const SLOW_MS = 20
/** What may be there more at the end: caches that have filled, not a leak per datagram. */
const GROWTH_BYTES_MAX = MiB(16)
const MODES: readonly NetworkMode[] = ['listen-only', 'authoritative', 'proxy', 'relayed']

const random = seededRandom(SEED)
const relayAgent = Uint8Array.of(1, 2, 1, 7, 2, 1, 9, 5, 4, 10, 98, 0, 0)
const VALID: readonly Uint8Array[] = [
  requestFrom(SLED_MAC, { messageType: 'discover', ...PXE, userClasses: ['iPXE'] }),
  requestFrom(strangerMac(1), { messageType: 'discover', clientId: Uint8Array.of(255, 1, 2) }),
  requestFrom(strangerMac(2), {
    messageType: 'request',
    requestedAddress: ip('10.98.0.100'),
    serverId: US,
  }),
  requestFrom(SLED_MAC, { messageType: 'request', serverId: ip('10.98.0.66'), ...PXE }),
  requestFrom(strangerMac(3), { messageType: 'discover', relayAgent }, { giaddr: ip('10.98.0.2') }),
  requestFrom(strangerMac(2), {
    messageType: 'decline',
    requestedAddress: ip('10.98.0.100'),
    serverId: US,
  }),
  requestFrom(
    strangerMac(2),
    { messageType: 'release', serverId: US },
    { ciaddr: ip('10.98.0.100') },
  ),
  requestFrom(SLED_MAC, { messageType: 'inform', ...PXE }, { ciaddr: ip('10.98.0.11') }),
  requestFrom(
    SLED_MAC,
    { messageType: 'offer', serverId: ip('10.98.0.66'), bootFileName: 'a.efi' },
    { op: 'reply', yiaddr: ip('10.98.0.70') },
  ),
].map((packet) => encodePacket(packet))

/** Noise, a true packet with a few wrong bytes, a part of one, or one of another client. */
function datagram(): Uint8Array {
  const packet = Uint8Array.from(VALID[random.below(VALID.length)] as Uint8Array)
  switch (random.below(4)) {
    case 0:
      return Uint8Array.from({ length: random.below(700) }, () => random.below(256))
    case 1:
      for (let flips = 1 + random.below(6); flips > 0; flips--) {
        packet[random.below(packet.length)] = random.below(256)
      }
      return packet
    case 2:
      return packet.subarray(0, 240 + random.below(packet.length - 239))
    default:
      // The last bytes of its hardware address, and the server that it names or is.
      for (const at of [31, 32, 33]) packet[at] = random.below(256)
      return packet
  }
}

function usedBytes(): number {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  collect()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

it.each(MODES)(
  `lives through ${COUNT / MODES.length} datagrams on each port in the mode %s (seed ${SEED})`,
  { timeout: 600_000 },
  async (mode) => {
    const pool = { first: ip('10.98.0.100'), last: ip('10.98.0.199') }
    const network = { ...NETWORK, mode, pool, leaseSeconds: 60 }
    const neighbours = { macOf: () => (random.below(8) === 0 ? strangerMac(7) : undefined) }
    const rig = await startDhcp({ network, neighbours })
    const { udp, clock, hearBytes, sent, events, server, move } = rig
    const watch = createForeignWatch({
      network,
      udp,
      clock,
      log: silentLog,
      report: (event) => void events.push(event),
      trouble: () => undefined,
      neighbours,
      mayOpen: true,
    })
    await watch.start()
    const slow: string[] = []
    let usedAtFirst = 0
    const rounds = COUNT / MODES.length
    for (let round = 0; round < rounds; round++) {
      const bytes = datagram()
      for (const port of [67, 68, 4011]) {
        const isSlow = (): boolean => {
          const beganMs = performance.now()
          hearBytes(port, bytes, { address: '10.98.0.77', port: 4012 })
          return performance.now() - beganMs > SLOW_MS
        }
        if (isSlow() && isSlow() && isSlow()) slow.push(toHex(bytes))
      }
      move(random.below(40))
      if (mode === 'listen-only') {
        expect(sent.every(({ by }) => by === 68)).toBe(true)
      }
      sent.length = 0
      events.length = 0
      if (round === Math.floor(rounds / 2)) usedAtFirst = usedBytes()
    }
    expect(slow).toEqual([])
    expect(server.leases().length).toBeLessThanOrEqual(256)
    expect(watch.servers().length).toBeLessThanOrEqual(16)
    expect(usedBytes() - usedAtFirst).toBeLessThan(GROWTH_BYTES_MAX)
  },
)
