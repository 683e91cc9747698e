import type { BmcFault } from '@brickyard/bmc/fault'
import type { SledName } from '@brickyard/model/names'
import type { Clock, Timer } from '@brickyard/runtime/clock'
import type { Result } from '@brickyard/std/result'

/** A BMC that does not answer is asked less often, down to every eighth time. */
const SLOWDOWN_MAX = 8
/** One reading that is lost says little: the BMC is asked as often as before, until it is silent again. */
const SILENT_TOLERATED = 1

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
  /** There may be something new: reads a watched sled in `delayMs` at the latest, then in that step. */
  soon(sled: SledName, delayMs: number): void
  stop(): void
}

interface Watch {
  timer: Timer | undefined
  /** Readings in a row that gave nothing. */
  silent: number
  /** When the present reading was to begin. */
  dueMs: number
  /** Asked for while a reading was under way, which may have come too early. */
  againMs: number | undefined
}

/**
 * Reads something of each sled's BMC at its own pace, spread over the period so that they never go in
 * step. The pace is of the beginnings: how long a reading takes moves none of those after it.
 */
export function createBmcPoll<T>(options: BmcPollOptions<T>): BmcPoll {
  const { clock, everyMs } = options
  const watches = new Map<SledName, Watch>()

  function arm(sled: SledName, watch: Watch, dueMs: number): void {
    watch.dueMs = dueMs
    const delayMs = Math.max(0, dueMs - clock.monotonicMs())
    watch.timer?.cancel()
    watch.timer = clock.after(delayMs, () => {
      watch.timer = undefined
      void look(sled, watch)
    })
  }

  async function look(sled: SledName, watch: Watch): Promise<void> {
    const reading = await options.read(sled)
    if (watches.get(sled) !== watch) return
    const silent = !reading.ok && reading.error.kind !== 'refused'
    watch.silent = silent ? watch.silent + 1 : 0
    const slower = Math.max(0, watch.silent - SILENT_TOLERATED)
    const periodMs = everyMs * Math.min(SLOWDOWN_MAX, 2 ** slower)
    // A reading that outlasted its period is followed by the next in step, not by those it missed.
    const lateMs = Math.max(0, clock.monotonicMs() - watch.dueMs)
    const nextMs = watch.dueMs + Math.max(1, Math.ceil(lateMs / periodMs)) * periodMs
    arm(sled, watch, Math.min(nextMs, watch.againMs ?? Infinity))
    watch.againMs = undefined
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
        const watch: Watch = { timer: undefined, silent: 0, dueMs: 0, againMs: undefined }
        watches.set(sled, watch)
        arm(sled, watch, clock.monotonicMs() + (everyMs * at) / sleds.length)
      }
    },
    soon(sled, delayMs) {
      const watch = watches.get(sled)
      if (watch === undefined) return
      const atMs = clock.monotonicMs() + delayMs
      if (watch.timer === undefined) watch.againMs = atMs
      else if (atMs < watch.dueMs) arm(sled, watch, atMs)
    },
    stop() {
      for (const sled of watches.keys()) drop(sled)
    },
  }
}
