import type { Clock, Timer } from '@brickyard/runtime/clock'
import { LifeEnded } from './life.ts'

/**
 * Virtual time. Nothing passes by itself: `advance` and `runUntil` run what is due in the order of
 * its time (first armed first), and let every promise that needs no time settle after each timer.
 */
export interface VirtualClock extends Clock {
  /** Lets `ms` pass. Throws what a timer threw, unless its process had ended (`LifeEnded`). */
  advance(ms: number): Promise<void>
  /** Lets time pass until `done` holds; false when `limitMs` went by before. */
  runUntil(done: () => boolean, limitMs: number): Promise<boolean>
  /** Makes the wall clock jump; monotonic time and timers do not notice. */
  setWallMs(wallMs: number): void
  /** Timers armed and not yet due, for tests on leaks. */
  readonly timerCount: number
}

interface Armed {
  readonly dueMs: number
  readonly order: number
  readonly work: () => void
  cancelled: boolean
}

/** 2026-11-20 00:00 UTC: certificates and expiries of the project's own time are good. */
export const VIRTUAL_EPOCH_MS = 1_795_132_800_000
/** Turns of the real event loop after each timer: promises settle in one, web streams in two. */
const SETTLE_TURNS = 2
/**
 * Virtual time goes in steps of 1/1024 ms, which doubles hold exactly. With finer ones "deadline less
 * now" can be too small to add to now, and code that waits for the rest would wait for ever.
 */
const STEPS_PER_MS = 1024
/** Timers run without time going on by a millisecond before it is called a loop without progress. */
const TIMERS_PER_MS_MAX = 50_000

export function virtualClock(startWallMs = VIRTUAL_EPOCH_MS): VirtualClock {
  const heap = new TimerHeap()
  let nowMs = 0
  let wallOffsetMs = startWallMs
  let order = 0

  async function settle(): Promise<void> {
    for (let turn = 0; turn < SETTLE_TURNS; turn++) {
      await new Promise<void>((resolve) => setImmediate(resolve))
    }
  }

  async function run(untilMs: number, done: () => boolean): Promise<boolean> {
    await settle()
    let ran = 0
    let ranSinceMs = nowMs
    while (!done()) {
      const next = heap.peek()
      if (next === undefined || next.dueMs > untilMs) {
        nowMs = Math.max(nowMs, untilMs)
        return done()
      }
      heap.pop()
      if (next.cancelled) continue
      nowMs = Math.max(nowMs, next.dueMs)
      if (nowMs - ranSinceMs >= 1) {
        ran = 0
        ranSinceMs = nowMs
      }
      if (++ran > TIMERS_PER_MS_MAX) {
        throw new Error(`virtual time stands still at ${nowMs} ms: ${String(next.work)}`)
      }
      fire(next.work)
      await settle()
    }
    return true
  }

  return {
    wallMs: () => Math.floor(wallOffsetMs + nowMs),
    monotonicMs: () => nowMs,
    after(delayMs, work): Timer {
      const timer = { dueMs: dueAfter(nowMs, delayMs), order: order++, work, cancelled: false }
      heap.push(timer)
      return {
        cancel: () => {
          timer.cancelled = true
        },
      }
    },
    advance: async (ms) => {
      await run(dueAfter(nowMs, ms), () => false)
    },
    runUntil: (done, limitMs) => run(dueAfter(nowMs, limitMs), done),
    setWallMs(wallMs) {
      wallOffsetMs = wallMs - nowMs
    },
    get timerCount() {
      return heap.live()
    },
  }
}

/** The first step at or behind the delay's end; a delay that is more than none takes one step at least. */
const dueAfter = (nowMs: number, delayMs: number): number =>
  delayMs > 0
    ? Math.max(Math.ceil((nowMs + delayMs) * STEPS_PER_MS), nowMs * STEPS_PER_MS + 1) / STEPS_PER_MS
    : nowMs

function fire(work: () => void): void {
  try {
    work()
  } catch (error) {
    if (!(error instanceof LifeEnded)) throw error
  }
}

/** A binary heap by (due, order). */
class TimerHeap {
  readonly #items: Armed[] = []

  peek = (): Armed | undefined => this.#items[0]
  live = (): number => this.#items.filter((item) => !item.cancelled).length

  push(item: Armed): void {
    const items = this.#items
    items.push(item)
    let at = items.length - 1
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (before(items[parent] as Armed, item)) break
      items[at] = items[parent] as Armed
      at = parent
    }
    items[at] = item
  }

  pop(): void {
    const items = this.#items
    const last = items.pop()
    if (last === undefined || items.length === 0) return
    let at = 0
    for (;;) {
      let child = 2 * at + 1
      if (child >= items.length) break
      const right = items[child + 1]
      if (right !== undefined && before(right, items[child] as Armed)) child++
      if (before(last, items[child] as Armed)) break
      items[at] = items[child] as Armed
      at = child
    }
    items[at] = last
  }
}

const before = (a: Armed, b: Armed): boolean =>
  a.dueMs < b.dueMs || (a.dueMs === b.dueMs && a.order < b.order)
