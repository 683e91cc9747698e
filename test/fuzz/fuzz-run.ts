import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { Log } from '@brickyard/runtime/log'
import type { Udp } from '@brickyard/runtime/udp'
import { seededRandom } from '@brickyard/sim/seeded-random'
import { toHex } from '@brickyard/std/hex'
import { MiB } from '@brickyard/std/units'

/** Datagrams that a run hears; `.ci/run` asks for a million. */
export const FUZZ_DATAGRAMS = Number(process.env['BRICKYARD_FUZZ_COUNT'] ?? 20_000)
/** The same seed gives the same datagrams. */
export const FUZZ_SEED = process.env['BRICKYARD_FUZZ_SEED'] ?? String(Date.now())
export const FUZZ_TIMEOUT_MS = 600_000
/** What may be there more at the end: caches that have filled, not a leak per datagram. */
export const GROWTH_BYTES_MAX = MiB(16)
/** One datagram takes microseconds; the machine's own pauses are longer than that. */
const SLOW_MS = 20
/** Sent together, so that the kernel's buffers hold them. */
const BURST = 64
/** Some are lost, and some go to sockets that are closed. */
const SENT_PER_HEARD_MAX = 3
/** Bursts between two pauses. */
const PAUSE_BURSTS = 32

export const random = seededRandom(FUZZ_SEED)
export const oneOf = <T>(all: readonly T[]): T => all[random.below(all.length)] as T

/** Noise, or a true packet: as it is, with a few wrong bytes, cut off or with more behind it. */
export function mangled(packet: Uint8Array): Uint8Array {
  const noise = (most: number): Uint8Array =>
    Uint8Array.from({ length: random.below(most) }, () => random.below(256))
  const copy = Uint8Array.from(packet)
  switch (random.below(6)) {
    case 0:
      return noise(700)
    case 1:
    case 2:
      for (let flips = 1 + random.below(6); flips > 0 && copy.length > 0; flips--) {
        copy[random.below(copy.length)] = random.below(256)
      }
      return copy
    case 3:
      return copy.subarray(0, random.below(copy.length + 1))
    case 4:
      return Uint8Array.of(...copy, ...noise(80))
    default:
      return copy
  }
}

export const silentLog: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silentLog,
}

export interface WatchedUdp {
  readonly udp: Udp
  /** Datagrams that came in, each counted once. */
  heard(): number
  /** Those that took too long, and twice more when they were heard again, in hex. */
  readonly slow: readonly string[]
}

/** Sockets that look at how long each datagram takes. What is thrown ends the test. */
export function watched(on: Udp): WatchedUdp {
  let heard = 0
  const slow: string[] = []
  const udp: Udp = {
    async bind(where) {
      const socket = await on.bind(where)
      return {
        ...socket,
        onDatagram: (take) =>
          socket.onDatagram((bytes, from) => {
            const isSlow = (): boolean => {
              const beganMs = performance.now()
              take(bytes, from)
              return performance.now() - beganMs > SLOW_MS
            }
            heard += 1
            if (isSlow() && isSlow() && isSlow()) slow.push(toHex(bytes))
          }),
      }
    },
  }
  return { udp, heard: () => heard, slow }
}

/**
 * Sends burst after burst, with a pause now and then, until `FUZZ_DATAGRAMS` were heard; gives how
 * much memory grew meanwhile, once caches were filled.
 */
export async function bombard(
  heard: () => number,
  send: () => void,
  pause: () => Promise<void> = async () => undefined,
): Promise<number> {
  let warmBytes: number | undefined
  for (let sent = 0; heard() < FUZZ_DATAGRAMS;) {
    if (sent > FUZZ_DATAGRAMS * SENT_PER_HEARD_MAX) throw new Error(`only ${heard()} heard`)
    if (heard() >= FUZZ_DATAGRAMS / 2) warmBytes ??= usedBytes()
    const before = heard()
    for (let n = 0; n < BURST; n++) send()
    sent += BURST
    if (sent % (BURST * PAUSE_BURSTS) === 0) await pause()
    for (let turns = 0; heard() < before + BURST && turns < BURST; turns++) {
      await new Promise((resolve) => setImmediate(resolve))
    }
  }
  return usedBytes() - (warmBytes ?? 0)
}

function usedBytes(): number {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  collect()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}
