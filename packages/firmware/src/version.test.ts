import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compareVersions, isReadable, SCHEME_IDS, type SchemeId } from './version.ts'

const number = fc.integer({ min: 0, max: 99 }).map(String)
const dotted = fc.array(number, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('.'))

/** Strings of each scheme, close enough to each other that equal and neighbouring ones occur. */
const OF_SCHEME: Readonly<Record<SchemeId, fc.Arbitrary<string>>> = {
  'dotted-int': dotted,
  'dotted-dash-int': fc.tuple(dotted, number).map(([a, b]) => `${a}-${b}`),
  'hpe-rom': fc
    .tuple(fc.constantFrom('U46', 'A43'), number, number, fc.constantFrom('', ' (03/11/2025)'))
    .map(([family, a, b, date]) => `${family} v${a}.${b}${date}`),
  'hpe-ilo': fc
    .tuple(fc.constantFrom('', 'iLO 5 v', 'iLO 6 v'), number, number)
    .map(([generation, a, b]) => `${generation}${a}.${b}`),
  'hex-octets': fc
    .array(fc.integer({ min: 0, max: 255 }), { minLength: 1, maxLength: 3 })
    .map((parts) => parts.map((part) => part.toString(16).padStart(2, '0')).join('.')),
  'smc-bios': fc
    .tuple(number, number, fc.constantFrom('', 'a', 'b'))
    .map(([a, b, letter]) => `${a}.${b}${letter}`),
  'prefix-num': fc
    .tuple(fc.constantFrom('F', 'L'), dotted, fc.constantFrom('', 'B'))
    .map(([prefix, n, suffix]) => `${prefix}${n}${suffix}`),
  'intel-nvm': fc
    .tuple(number, number, fc.constantFrom('0x80000d00', '0x80004200'))
    .map(([a, b, id]) => `${a}.${b} ${id} 1.1766.0`),
  'nvidia-nic': fc
    .tuple(fc.constantFrom('16', '22'), number, number)
    .map(([family, a, b]) => `${family}.${a}.${b}`),
  'lenovo-xcc': fc
    .tuple(number, fc.constantFrom('A', 'B'), number, number)
    .map(([build, letter, a, b]) => `${build}${letter}-${a}.${b}`),
  opaque: fc.constantFrom('GDC5602Q', 'HPK3', 'HPK4', 'HPK5', 'HPK9'),
}
const order = [['HPK3'], ['HPK4'], ['HPK5']]

describe.each(SCHEME_IDS.map((scheme) => [scheme]))('versions of scheme %s', (scheme) => {
  const version = OF_SCHEME[scheme]
  const compare = (a: string, b: string) => compareVersions(scheme, a, b, { order })

  it('equal themselves', () => {
    fc.assert(
      fc.property(version, (a) => {
        fc.pre(isReadable(scheme, a))
        expect(compare(a, a)).toBe('eq')
      }),
    )
  })

  it('stand to each other in mirror image', () => {
    const mirrored = { lt: 'gt', gt: 'lt' } as const
    fc.assert(
      fc.property(version, version, (a, b) => {
        const there = compare(a, b)
        expect(compare(b, a)).toBe(there === 'lt' || there === 'gt' ? mirrored[there] : there)
      }),
    )
  })

  it('are transitive', () => {
    fc.assert(
      fc.property(version, version, version, (a, b, c) => {
        fc.pre(compare(a, b) === 'lt' && compare(b, c) === 'lt')
        // A version without its family may stand between two families: then there is no order.
        expect(['lt', 'incomparable']).toContain(compare(a, c))
      }),
      { maxSkipsPerRun: 1000 },
    )
  })

  it('never throw, whatever a BMC reports', () => {
    const anything = fc.oneof(
      version,
      fc.string({ unit: 'binary', maxLength: 300 }),
      fc.constant('9'.repeat(300)),
    )
    fc.assert(
      fc.property(anything, anything, (a, b) => {
        expect(['lt', 'eq', 'gt', 'incomparable', 'unknown']).toContain(compare(a, b))
      }),
    )
  })
})

describe('a truncated version', () => {
  const truncated = (a: string, b: string) =>
    compareVersions('dotted-int', a, b, { truncated: true })

  it('is no answer where the missing numbers decide', () => {
    expect(truncated('1.71', '1.71.11')).toBe('unknown')
  })

  it('is an answer where they do not', () => {
    expect(truncated('1.71', '1.72.11')).toBe('lt')
    expect(truncated('1.73', '1.72.11')).toBe('gt')
    expect(truncated('4.40', '4.40.00.00')).toBe('eq')
  })
})
