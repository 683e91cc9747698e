import { SLED_STATES } from '@brickyard/model/sled-lifecycle'
import { describe, expect, it } from 'vitest'
import {
  checkFreeOfWork,
  checkSafeToPull,
  onlyPowerUnknown,
  POWER_READING_AGE_MAX_MS,
  type PullFacts,
} from './check-safe-to-pull.ts'

const idle: PullFacts = { state: 'ready', power: 'off', powerAgeMs: 1000 }
const codes = (facts: Partial<PullFacts>): string[] => {
  const verdict = checkSafeToPull({ ...idle, ...facts })
  return verdict.safe ? [] : verdict.reasons.map(({ code }) => code)
}

describe('safe to pull', () => {
  it('is a ready sled that was just read as off', () => {
    expect(checkSafeToPull(idle)).toEqual({ safe: true })
  })

  it('is no sled that carries work, in whatever passing state', () => {
    const unsafe = SLED_STATES.filter((state) => codes({ state }).length > 0)
    expect(unsafe).toEqual(['reserved', 'provisioning', 'in-use', 'releasing', 'adopted'])
    expect(codes({ state: 'in-use' })).toEqual(['in-use'])
    expect(codes({ state: 'provisioning' })).toEqual(['busy'])
    expect(codes({ state: 'adopted' })).toEqual(['not-ours'])
  })

  it('is no sled that is protected, busy or powered on', () => {
    expect(codes({ protectedBecause: 'it feeds the switch' })).toEqual(['protected'])
    expect(codes({ operation: 'inspect' })).toEqual(['busy'])
    expect(codes({ operation: 'provision', state: 'provisioning' })).toEqual(['busy'])
    expect(codes({ power: 'on' })).toEqual(['powered-on'])
  })

  it('is no sled whose power is unknown, never read, or read too long ago', () => {
    expect(codes({ power: 'unknown' })).toEqual(['power-unknown'])
    expect(codes({ powerAgeMs: undefined })).toEqual(['power-unknown'])
    expect(codes({ powerAgeMs: POWER_READING_AGE_MAX_MS })).toEqual([])
    expect(codes({ powerAgeMs: POWER_READING_AGE_MAX_MS + 1 })).toEqual(['power-unknown'])
  })

  it('is no sled on hold that still carries work; without work it is', () => {
    expect(codes({ state: 'held', work: 'shop' })).toEqual(['in-use'])
    expect(codes({ state: 'held' })).toEqual([])
  })

  it('gives every reason at once, in words', () => {
    const facts: PullFacts = { ...idle, state: 'in-use', work: 'shop', power: 'on' }
    expect(checkSafeToPull(facts)).toEqual({
      safe: false,
      reasons: [
        { code: 'in-use', text: 'It is in use by shop. Have it released first.' },
        { code: 'powered-on', text: 'It is powered on. Power it off first.' },
      ],
    })
  })
})

describe('free of work', () => {
  it('does not ask for power', () => {
    expect(checkFreeOfWork({ ...idle, power: 'on' })).toEqual({ safe: true })
    expect(checkFreeOfWork({ ...idle, state: 'in-use' }).safe).toBe(false)
  })
})

describe('a verdict that hangs on the power reading alone', () => {
  it('is told apart from one that forbids', () => {
    const only = (facts: Partial<PullFacts>) =>
      onlyPowerUnknown(checkSafeToPull({ ...idle, ...facts }))
    expect(only({ power: 'unknown' })).toBe(true)
    expect(only({ power: 'unknown', state: 'in-use' })).toBe(false)
    expect(only({ power: 'on' })).toBe(false)
    expect(only({})).toBe(false)
  })
})
