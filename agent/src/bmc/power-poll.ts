import type { BmcFault } from '@brickyard/bmc/fault'
import type { SledName } from '@brickyard/model/names'
import type { PowerState } from '@brickyard/model/operation'
import type { Clock, Timer } from '@brickyard/runtime/clock'
import type { Result } from '@brickyard/std/result'

/** A BMC that does not answer is asked less often, down to every eighth time. */
const SLOWDOWN_MAX = 8

/** One look at the power of a sled. */
export interface PowerReading {
  readonly sled: SledName
  /** `unknown` when the BMC did not answer; the fault says why. */
  readonly state: PowerState
  readonly fault: BmcFault | undefined
  /** On the monotonic clock. */
  readonly atMs: number
}

export interface PowerPollOptions {
  readonly readPower: (sled: SledName) => Promise<Result<PowerState, BmcFault>>
  readonly clock: Clock
  readonly everyMs: number
  /** Told of every reading, changed or not. */
  readonly report: (reading: PowerReading) => void
}

export interface PowerPoll {
  /** The sleds to watch from now on; those not named are watched no more. */
  watch(sleds: readonly SledName[]): void
  stop(): void
}

interface Watch {
  timer: Timer | undefined
  slowdown: number
}

/** Reads the power of each sled at its own pace, spread over the period so that they never go in step. */
export function createPowerPoll(options: PowerPollOptions): PowerPoll {
  const { clock, everyMs } = options
  const watches = new Map<SledName, Watch>()

  function arm(sled: SledName, watch: Watch, delayMs: number): void {
    watch.timer = clock.after(delayMs, () => void look(sled, watch))
  }

  async function look(sled: SledName, watch: Watch): Promise<void> {
    const result = await options.readPower(sled)
    if (watches.get(sled) !== watch) return
    const atMs = clock.monotonicMs()
    const silent = !result.ok && result.error.kind !== 'refused'
    watch.slowdown = silent ? Math.min(SLOWDOWN_MAX, watch.slowdown * 2) : 1
    arm(sled, watch, everyMs * watch.slowdown)
    options.report(
      result.ok
        ? { sled, state: result.value, fault: undefined, atMs }
        : { sled, state: 'unknown', fault: result.error, atMs },
    )
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
