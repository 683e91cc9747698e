import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { nodeUdp } from '@brickyard/runtime/node/udp'
import type { Udp } from '@brickyard/runtime/udp'
import { seededRandom } from '@brickyard/sim/seeded-random'
import { toHex } from '@brickyard/std/hex'
import { MiB } from '@brickyard/std/units'
import {
  encodeAck,
  encodeData,
  encodeError,
  encodeOack,
  encodeRequest,
} from '@brickyard/tftp/packet'
import { expect, it } from 'vitest'
import { startTftpRig } from './tftp-rig.ts'

/** Datagrams that a run hears; a long one is asked for by the environment. */
const COUNT = Number(process.env['BRICKYARD_FUZZ_COUNT'] ?? 20_000)
const SEED = process.env['BRICKYARD_FUZZ_SEED'] ?? String(Date.now())
/** One datagram takes microseconds; the machine's own pauses are longer than that. */
const SLOW_MS = 20
/** Sent together, so that the kernel's buffer holds them. */
const BURST = 64
/** What goes to the port of a transfer that has ended is heard by nobody. */
const BURSTS_MAX = (COUNT * 3) / BURST
/** What may be there more at the end: caches that have filled, not a leak per datagram. */
const GROWTH_BYTES_MAX = MiB(16)
/** Datagrams before memory is first looked at. */
const WARM_UP = Math.min(COUNT / 4, 50_000)

const OPTIONS = new Map([
  ['blksize', '1468'],
  ['tsize', '0'],
  ['windowsize', '16'],
  ['timeout', '1'],
])
const VALID: readonly Uint8Array[] = [
  encodeRequest('read', 'file', OPTIONS),
  encodeRequest('read', 'file', new Map(), 'netascii'),
  encodeRequest('read', 'none'),
  encodeRequest('write', 'file', OPTIONS),
  encodeData(1, new Uint8Array(40)),
  encodeOack(OPTIONS),
  encodeError(0, 'stop'),
  ...[0, 1, 2, 16, 65_535].map(encodeAck),
]

const random = seededRandom(SEED)

/** Noise, a true packet with a few wrong bytes, a part of one, or one as it should be. */
function datagram(): Uint8Array {
  const packet = Uint8Array.from(VALID[random.below(VALID.length)] as Uint8Array)
  switch (random.below(4)) {
    case 0:
      return Uint8Array.from({ length: random.below(600) }, () => random.below(256))
    case 1:
      for (let flips = 1 + random.below(4); flips > 0; flips--) {
        packet[random.below(packet.length)] = random.below(256)
      }
      return packet
    case 2:
      return packet.subarray(0, random.below(packet.length + 1))
    default:
      return packet
  }
}

/** The real sockets, with a watch on how long each datagram takes. */
function watched(): { udp: Udp; handled: () => number; slow: string[] } {
  let handled = 0
  const slow: string[] = []
  const udp: Udp = {
    async bind(where) {
      const socket = await nodeUdp.bind(where)
      return {
        ...socket,
        onDatagram: (take) =>
          socket.onDatagram((bytes, from) => {
            const isSlow = (): boolean => {
              const beganMs = performance.now()
              take(bytes, from)
              return performance.now() - beganMs > SLOW_MS
            }
            handled += 1
            if (isSlow() && isSlow() && isSlow()) slow.push(toHex(bytes))
          }),
      }
    },
  }
  return { udp, handled: () => handled, slow }
}

function usedBytes(): number {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  collect()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

it(
  `lives through ${COUNT} datagrams on both ports (seed ${SEED})`,
  { timeout: 600_000 },
  async () => {
    const watch = watched()
    const file = new Uint8Array(100_000).fill(0x0a)
    const rig = await startTftpRig(new Map([['file', file]]), watch.udp)
    const client = await rig.client()
    let usedAtFirst = 0
    let port = rig.server.port()
    for (let bursts = 0; watch.handled() < COUNT && bursts < BURSTS_MAX; bursts++) {
      const before = watch.handled()
      if (usedAtFirst === 0 && before >= WARM_UP) usedAtFirst = usedBytes()
      for (let n = 0; n < BURST; n++)
        client.send(datagram(), random.below(2) === 0 ? undefined : port)
      for (let turns = 0; watch.handled() < before + BURST && turns < BURST; turns++) {
        await new Promise((resolve) => setImmediate(resolve))
      }
      // The port of the transfer that answered last, which the next burst disturbs.
      const heard = client.takeHeard().findLast(({ packet }) => packet.kind !== 'error')
      port = heard?.from.port ?? port
    }
    expect(watch.handled()).toBeGreaterThanOrEqual(COUNT)
    expect(watch.slow).toEqual([])
    expect(rig.server.transfers()).toBeLessThanOrEqual(8)
    expect(usedBytes() - usedAtFirst).toBeLessThan(GROWTH_BYTES_MAX)
    expect(await rig.fetch('file', { blockBytes: 1468 }, '127.0.0.2')).toHaveLength(file.length)
    rig.stop()
  },
)
