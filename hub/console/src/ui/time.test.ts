import { describe, expect, it } from 'vitest'
import { agoText, asOfText, durationText, spanText } from './time.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE

describe('times in words', () => {
  it('tells a span in the one unit that matters', () => {
    expect(spanText(0)).toBe('0 s')
    expect(spanText(59_999)).toBe('59 s')
    expect(spanText(MINUTE)).toBe('1 min')
    expect(spanText(3 * HOUR + 20 * MINUTE)).toBe('3 h')
    expect(spanText(49 * HOUR)).toBe('2 d')
    expect(durationText(65_000)).toBe('1 min 05 s')
    expect(durationText(412)).toBe('0.4 s')
  })

  it('tells past and future apart', () => {
    expect(agoText(1000, 2000)).toBe('just now')
    expect(agoText(0, 5 * MINUTE)).toBe('5 min ago')
    expect(agoText(5 * MINUTE, 0)).toBe('in 5 min')
  })

  it('gives a value its time, and says when there never was one', () => {
    expect(asOfText(null, 0)).toBe('never reported')
    expect(asOfText(0, 3 * HOUR)).toMatch(/^as of \d\d:\d\d \(3 h\)$/)
  })
})
