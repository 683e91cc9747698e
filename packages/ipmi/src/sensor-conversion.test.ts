import { describe, expect, it } from 'vitest'
import {
  convertRaw,
  LINEARIZATIONS,
  nearestRaw,
  signedRaw,
  toleranceOf,
  type ReadingFactors,
} from './sensor-conversion.ts'
import { unitText, type SensorUnit } from './sensor-unit.ts'

const LINEAR: ReadingFactors = {
  format: 'unsigned',
  linearization: 'linear',
  m: 1,
  b: 0,
  bExponent: 0,
  resultExponent: 0,
  tolerance: 0,
}

describe('reading conversion', () => {
  it('reads a raw byte as its format says', () => {
    expect([0x7f, 0x80, 0xff].map((raw) => signedRaw('unsigned', raw))).toEqual([127, 128, 255])
    expect([0x7f, 0x80, 0xff].map((raw) => signedRaw('twos-complement', raw))).toEqual([
      127, -128, -1,
    ])
    expect([0x7f, 0x80, 0xfe, 0xff].map((raw) => signedRaw('ones-complement', raw))).toEqual([
      127, -127, -1, 0,
    ])
  })

  it('works M, B and both exponents', () => {
    // (6·201 + 0)·10⁻² volts
    expect(convertRaw({ ...LINEAR, m: 6, resultExponent: -2 }, 201)).toBe(12.06)
    // (−2·10 + 3·10²)·10⁻¹
    const shifted = { ...LINEAR, m: -2, b: 3, bExponent: 2, resultExponent: -1 }
    expect(convertRaw(shifted, 10)).toBe(28)
    expect(convertRaw({ ...LINEAR, format: 'twos-complement' }, 0xe7)).toBe(-25)
  })

  it('has every linearization', () => {
    const of = (linearization: (typeof LINEARIZATIONS)[number], raw: number) =>
      convertRaw({ ...LINEAR, linearization }, raw)
    expect(of('ln', 1)).toBe(0)
    expect(of('log10', 100)).toBe(2)
    expect(of('log2', 8)).toBe(3)
    expect(of('e^x', 1)).toBeCloseTo(Math.E, 6)
    expect(of('10^x', 2)).toBe(100)
    expect(of('2^x', 5)).toBe(32)
    expect(of('1/x', 4)).toBe(0.25)
    expect(of('x^2', 9)).toBe(81)
    expect(of('x^3', 3)).toBe(27)
    expect(of('sqrt', 81)).toBe(9)
    expect(of('cube-root', 27)).toBe(3)
    expect(LINEARIZATIONS).toHaveLength(12)
  })

  it('has no value where the function has none', () => {
    expect(convertRaw({ ...LINEAR, linearization: '1/x' }, 0)).toBeUndefined()
    expect(convertRaw({ ...LINEAR, linearization: 'ln', b: -5 }, 1)).toBeUndefined()
  })

  it('tells how far a linear reading may be off', () => {
    expect(toleranceOf({ ...LINEAR, m: -6, resultExponent: -2, tolerance: 2 })).toBe(0.06)
    expect(toleranceOf({ ...LINEAR, linearization: 'ln', tolerance: 2 })).toBeUndefined()
  })

  it('finds the raw reading of a value again, whatever the function', () => {
    for (const linearization of LINEARIZATIONS) {
      const factors = { ...LINEAR, linearization, resultExponent: -2 }
      for (const raw of [1, 7, 100, 255]) {
        const value = convertRaw(factors, raw)
        if (value === undefined) continue
        expect(convertRaw(factors, nearestRaw(factors, value))).toBe(value)
      }
    }
  })
})

describe('units', () => {
  const unit = (base: number, more: Partial<SensorUnit> = {}): SensorUnit => ({
    percentage: false,
    base,
    modifier: 0,
    modifierUse: 'none',
    rate: 0,
    ...more,
  })
  it('are written as people write them', () => {
    expect([1, 4, 5, 6, 18, 19, 92].map((base) => unitText(unit(base)))).toEqual([
      '°C',
      'V',
      'A',
      'W',
      'RPM',
      'Hz',
      'gram',
    ])
    expect(unitText(unit(0, { percentage: true }))).toBe('%')
    expect(unitText(unit(7, { rate: 3 }))).toBe('J/s')
    expect(unitText(unit(70, { modifier: 22, modifierUse: 'divide' }))).toBe('B/s')
    expect(unitText(unit(200))).toBe('unit 200')
  })
})
