import type { SledName } from '@brickyard/model/names'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bestGradeWith, gradePlace, type Grade } from './grade.ts'
import { slotPlace } from './place.ts'
import { WITNESS_KINDS, witnessPath, type Witness, type WitnessKind } from './witness.ts'

const sled = 'sled-03' as SledName
const other = 'sled-04' as SledName
const here = slotPlace('a', 3)
const elsewhere = slotPlace('a', 4)
const saw = (kind: WitnessKind, more: Partial<Witness> = {}): Witness => ({
  kind,
  sled,
  place: here,
  detail: 'seen',
  atMs: 0,
  expiresAtMs: kind === 'declaration' ? undefined : 100,
  ...more,
})
const grade = (...witnesses: Witness[]): Grade =>
  gradePlace({ sled, declared: here, witnesses, nowMs: 50 }).grade

describe('the grade of a place', () => {
  it('is declared while nothing was observed', () => {
    expect(grade(saw('declaration'))).toBe('declared')
  })

  it('is probable when something observed agrees, even a physical path alone', () => {
    expect(grade(saw('declaration'), saw('dhcp'))).toBe('probable')
    expect(grade(saw('bmc-identity'))).toBe('probable')
    expect(grade(saw('fdb'), saw('lldp'), saw('option-82'))).toBe('probable')
    expect(grade(saw('feed'), saw('dhcp'))).toBe('probable')
  })

  it('is confirmed only when a data path and a power path agree', () => {
    expect(grade(saw('fdb'), saw('feed'))).toBe('confirmed')
    expect(grade(saw('option-82'), saw('feed'), saw('declaration'))).toBe('confirmed')
  })

  it('is conflicting when anything observed contradicts the declaration', () => {
    expect(grade(saw('dhcp'), saw('bmc-identity', { sled: undefined }))).toBe('conflicting')
    expect(grade(saw('dhcp', { place: elsewhere }))).toBe('conflicting')
    expect(grade(saw('dhcp', { sled: other }))).toBe('conflicting')
    expect(grade(saw('fdb'), saw('feed'), saw('dhcp', { place: elsewhere }))).toBe('conflicting')
  })

  it('says what contradicts', () => {
    const stranger = saw('bmc-identity', { sled: undefined, detail: 'serial X1' })
    expect(gradePlace({ sled, declared: here, witnesses: [stranger], nowMs: 50 }).reason).toBe(
      'bmc-identity saw a stranger at a/slot-3: serial X1',
    )
  })

  it('is unknown without a declared place', () => {
    const found = gradePlace({ sled, declared: undefined, witnesses: [saw('dhcp')], nowMs: 50 })
    expect(found.grade).toBe('unknown')
  })

  it('leaves out what is stale and what is about others', () => {
    expect(grade(saw('dhcp', { expiresAtMs: 50 }))).toBe('declared')
    expect(grade(saw('dhcp', { sled: other, place: elsewhere }))).toBe('declared')
  })
})

/** What a site has today: no switch and no power shelf is read yet. */
const OBSERVED_TODAY: readonly WitnessKind[] = ['declaration', 'dhcp', 'bmc-identity']

describe('confirmed', () => {
  const witness = (kinds: readonly WitnessKind[]): fc.Arbitrary<Witness> =>
    fc.record({
      kind: fc.constantFrom(...kinds),
      sled: fc.constantFrom(sled, other, undefined),
      place: fc.constantFrom(here, elsewhere),
      detail: fc.constant(''),
      atMs: fc.constant(0),
      expiresAtMs: fc.constantFrom(10, 100, undefined),
    })

  it('is out of reach of the witnesses there are today', () => {
    fc.assert(
      fc.property(fc.array(witness(OBSERVED_TODAY), { maxLength: 8 }), (witnesses) => {
        expect(grade(...witnesses)).not.toBe('confirmed')
      }),
      { numRuns: 2000 },
    )
    expect(bestGradeWith(OBSERVED_TODAY)).toBe('probable')
  })

  it('always rests on a living data path, a living power path and no contradiction', () => {
    fc.assert(
      fc.property(fc.array(witness(WITNESS_KINDS), { maxLength: 8 }), (witnesses) => {
        const graded = gradePlace({ sled, declared: here, witnesses, nowMs: 50 })
        if (graded.grade !== 'confirmed') return
        const living = witnesses.filter((w) => w.expiresAtMs === undefined || w.expiresAtMs > 50)
        const agreeing = living.filter((w) => w.sled === sled && w.place === here)
        const paths = agreeing.map(({ kind }) => witnessPath(kind))
        expect(paths).toContain('data')
        expect(paths).toContain('power')
      }),
      { numRuns: 2000 },
    )
  })
})

describe('the best grade a site can reach', () => {
  it('follows from its equipment', () => {
    expect(bestGradeWith([])).toBe('unknown')
    expect(bestGradeWith(['declaration'])).toBe('declared')
    expect(bestGradeWith(['declaration', 'fdb'])).toBe('probable')
    expect(bestGradeWith(['declaration', 'lldp', 'feed'])).toBe('confirmed')
  })
})
