import { performance } from 'node:perf_hooks'
import type { Clock } from '../clock.ts'

/** Longest delay of one setTimeout; longer ones are chained. */
const TIMEOUT_MS_MAX = 2 ** 31 - 1

/** The machine's clocks. */
export const systemClock: Clock = {
  wallMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  after(delayMs, work) {
    const dueMs = performance.now() + Math.max(0, delayMs)
    let handle: NodeJS.Timeout
    const arm = (): void => {
      const leftMs = dueMs - performance.now()
      handle =
        leftMs > TIMEOUT_MS_MAX
          ? setTimeout(arm, TIMEOUT_MS_MAX)
          : setTimeout(work, Math.max(0, leftMs))
    }
    arm()
    return { cancel: () => clearTimeout(handle) }
  },
}
