import { Seconds } from '@brickyard/std/units'

/** One asking of a BMC: whether it answered, whatever it said, and how long that took. */
export interface Outcome {
  readonly answered: boolean
  readonly tookMs: number
}

/** How far a BMC can be relied on, of 100, and why in words. */
export interface Flakiness {
  readonly score: number
  readonly word: 'steady' | 'a little flaky' | 'flaky' | 'hardly answers' | 'silent' | 'unknown'
  readonly says: string
}

/** Outcomes that count: ten minutes of power readings. */
export const OUTCOMES_MAX = 40
/** With fewer nothing can be said. */
const OUTCOMES_MIN = 3
/** An answer that nine of ten reach is slow from here on, and costs most of what it may cost at the second. */
const SLOW_MS = Seconds(1)
const VERY_SLOW_MS = Seconds(10)
const SLOW_COSTS_MAX = 30
const QUANTILE = 0.9

/** Scores the recent outcomes: each share of silence costs its percent, slow answers up to 30 more. */
export function scoreFlakiness(outcomes: readonly Outcome[]): Flakiness {
  if (outcomes.length < OUTCOMES_MIN) {
    return { score: 100, word: 'unknown', says: 'it was not asked often enough yet' }
  }
  const answers = outcomes.filter(({ answered }) => answered)
  const share = answers.length / outcomes.length
  if (answers.length === 0) {
    return { score: 0, word: 'silent', says: `none of ${outcomes.length} readings was answered` }
  }
  const times = answers.map(({ tookMs }) => tookMs).toSorted((a, b) => a - b)
  const slowMs = times[Math.floor((times.length - 1) * QUANTILE)] ?? 0
  const slowness = Math.min(1, Math.max(0, (slowMs - SLOW_MS) / (VERY_SLOW_MS - SLOW_MS)))
  const score = Math.max(1, Math.round(100 * share - SLOW_COSTS_MAX * slowness))
  const times90 = slowMs < Seconds(1) ? 'within a second' : `within ${(slowMs / 1000).toFixed(1)} s`
  const says = `${answers.length} of ${outcomes.length} readings answered, most ${times90}`
  return { score, word: wordOf(score), says }
}

const wordOf = (score: number): Flakiness['word'] =>
  score >= 95 ? 'steady' : score >= 80 ? 'a little flaky' : score >= 50 ? 'flaky' : 'hardly answers'
