import type { BmcFault } from '@brickyard/bmc/fault'
import type { SledName } from '@brickyard/model/names'
import type { Clock, Timer } from '@brickyard/runtime/clock'
import type { Result } from '@brickyard/std/result'

/** A BMC that does not answer is asked less often, down to every eighth time. */
const SLOWDOWN_MAX = 8

export interface BmcPollOptions<T> {
  readonly read: (sled: SledName) => Promise<Result<T, BmcFault>>
  readonly clock: Clock
  readonly everyMs: number
  /** Told of every reading, changed or not; a fault says why there is none. */
  readonly report: (sled: SledName, reading: Result<T, BmcFault>) => void
}

export interface BmcPoll {
  /** The sleds to watch from now on; those not named are watched no more. */
  watch(sleds: readonly SledName[]): void
  stop(): void
}

interface Watch {
  timer: Timer | undefined
  slowdown: number
}

/** Reads something of each sled's BMC at its own pace, spread over the period so that they never go in step. */
export function createBmcPoll<T>(options: BmcPollOptions<T>): BmcPoll {
  const { clock, everyMs } = options
  const watches = new Map<SledName, Watch>()

  function arm(sled: SledName, watch: Watch, delayMs: number): void {
    watch.timer = clock.after(delayMs, () => void look(sled, watch))
  }

  async function look(sled: SledName, watch: Watch): Promise<void> {
    const reading = await options.read(sled)
    if (watches.get(sled) !== watch) return
    const silent = !reading.ok && reading.error.kind !== 'refused'
    watch.slowdown = silent ? Math.min(SLOWDOWN_MAX, watch.slowdown * 2) : 1
    arm(sled, watch, everyMs * watch.slowdown)
    options.report(sled, reading)
  }

  function drop(sled: SledName): void {
    watches.get(sled)?.timer?.cancel()
    watches.delete(sled)
  }

  return {
    watch(sleds) {
      for (const sled of watches.keys()) if (!sleds.includes(sled)) drop(sled)
      for (const [at, sled] of sleds.entries()) {
        if (watches.has(sled)) continue
        const watch: Watch = { timer: undefined, slowdown: 1 }
        watches.set(sled, watch)
        arm(sled, watch, (everyMs * at) / sleds.length)
      }
    },
    stop() {
      for (const sled of watches.keys()) drop(sled)
    },
  }
}
