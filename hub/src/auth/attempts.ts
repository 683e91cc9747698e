import type { Clock } from '@brickyard/runtime/clock'
import { Minutes } from '@brickyard/std/units'

/** Failures from one place within the window before it has to wait: room for typing errors, not for guessing. */
const FAILURES_MAX = 10
const WINDOW_MS = Minutes(5)
/** Places remembered; beyond, the oldest is forgotten, so that memory stays bounded. */
const PLACES_MAX = 10_000

/** Counts failed attempts by place (address and what was tried) and says when to wait. */
export interface Attempts {
  /** Seconds to wait before another attempt; 0 for none. */
  waitSeconds(place: string): number
  noteFailure(place: string): void
  noteSuccess(place: string): void
}

export function createAttempts(clock: Clock): Attempts {
  const places = new Map<string, { failures: number; sinceMs: number }>()
  const current = (place: string): { failures: number; sinceMs: number } | undefined => {
    const held = places.get(place)
    if (held !== undefined && clock.monotonicMs() - held.sinceMs < WINDOW_MS) return held
    places.delete(place)
    return undefined
  }
  return {
    waitSeconds(place) {
      const held = current(place)
      if (held === undefined || held.failures < FAILURES_MAX) return 0
      return Math.max(1, Math.ceil((held.sinceMs + WINDOW_MS - clock.monotonicMs()) / 1000))
    },
    noteFailure(place) {
      const held = current(place) ?? { failures: 0, sinceMs: clock.monotonicMs() }
      held.failures++
      places.delete(place)
      places.set(place, held)
      const oldest = places.keys().next()
      if (places.size > PLACES_MAX && !oldest.done) places.delete(oldest.value)
    },
    noteSuccess: (place) => void places.delete(place),
  }
}
