import { describe, expect, it } from 'vitest'
import { scoreFlakiness, type Outcome } from './flakiness-score.ts'

const good = (tookMs = 200): Outcome => ({ answered: true, tookMs })
const bad: Outcome = { answered: false, tookMs: 7000 }
const times = (n: number, outcome: Outcome): Outcome[] => Array.from({ length: n }, () => outcome)

describe('flakiness of a BMC', () => {
  it('is none where every reading is answered at once', () => {
    expect(scoreFlakiness(times(40, good()))).toEqual({
      score: 100,
      word: 'steady',
      says: '40 of 40 readings answered, most within a second',
    })
  })

  it('grows with silence', () => {
    expect(scoreFlakiness([...times(36, good()), ...times(4, bad)])).toMatchObject({
      score: 90,
      word: 'a little flaky',
    })
    expect(scoreFlakiness([...times(24, good()), ...times(16, bad)]).word).toBe('flaky')
    expect(scoreFlakiness([...times(4, good()), ...times(36, bad)]).word).toBe('hardly answers')
    expect(scoreFlakiness(times(40, bad))).toMatchObject({ score: 0, word: 'silent' })
  })

  it('grows with slowness, and one slow answer is none', () => {
    expect(scoreFlakiness([...times(39, good()), good(9000)]).score).toBe(100)
    expect(scoreFlakiness(times(40, good(10_000)))).toMatchObject({
      score: 70,
      says: '40 of 40 readings answered, most within 10.0 s',
    })
    expect(scoreFlakiness([...times(20, good(60_000)), ...times(20, bad)]).score).toBe(20)
  })

  it('is not judged from two readings', () => {
    expect(scoreFlakiness(times(2, bad)).word).toBe('unknown')
  })
})
