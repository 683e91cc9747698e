import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  admit,
  FRESH_WINDOW,
  nextSequence,
  WINDOW_AHEAD,
  WINDOW_BEHIND,
  type SequenceWindow,
} from './sequence-window.ts'

const after = (numbers: readonly number[], from: SequenceWindow = FRESH_WINDOW): SequenceWindow =>
  numbers.reduce((window, n) => admit(window, n) ?? window, from)

describe('session sequence window (IPMI 2.0 §6.12.13)', () => {
  it('takes numbers in order, and each once', () => {
    const window = after([1, 2, 3])
    expect(window.highest).toBe(3)
    for (const n of [1, 2, 3]) expect(admit(window, n)).toBeUndefined()
  })

  it('takes what comes late, once', () => {
    const window = after([1, 5])
    const late = admit(window, 3)
    expect(late?.highest).toBe(5)
    expect(admit(late as SequenceWindow, 3)).toBeUndefined()
    expect(admit(late as SequenceWindow, 4)).toBeDefined()
  })

  it('ends exactly 15 ahead and 16 behind', () => {
    const window = { highest: 100, seenBelow: 0 }
    expect(admit(window, 100 + WINDOW_AHEAD)).toBeDefined()
    expect(admit(window, 101 + WINDOW_AHEAD)).toBeUndefined()
    expect(admit(window, 100 - WINDOW_BEHIND)).toBeDefined()
    expect(admit(window, 99 - WINDOW_BEHIND)).toBeUndefined()
  })

  it('never takes zero, and goes on over the end of 32 bits', () => {
    const last = 2 ** 32 - 1
    const window = { highest: last, seenBelow: 0 }
    expect(admit(window, 0)).toBeUndefined()
    expect(nextSequence(last)).toBe(1)
    expect(admit(window, 1)?.highest).toBe(1)
  })

  it('never takes a number twice, whatever the order', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 80 }), { maxLength: 200 }), (numbers) => {
        const taken: number[] = []
        let window = FRESH_WINDOW
        for (const n of numbers) {
          const next = admit(window, n)
          if (next === undefined) continue
          taken.push(n)
          window = next
        }
        expect(new Set(taken).size).toBe(taken.length)
      }),
    )
  })
})
