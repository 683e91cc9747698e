import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import {
  compareVersions,
  SCHEME_IDS,
  type Comparison,
  type SchemeId,
} from '@brickyard/firmware/version'
import { describe, expect, it } from 'vitest'

interface SchemeVectors {
  readonly scheme: SchemeId
  readonly order?: readonly (readonly string[])[]
  readonly pairs: readonly (readonly [string | null, string | null, Comparison])[]
}

const folder = fileURLToPath(new URL('schemes', import.meta.url))
const vectors = readdirSync(folder)
  .filter((name) => name.endsWith('.json'))
  .map((name) => JSON.parse(readFileSync(`${folder}/${name}`, 'utf8')) as SchemeVectors)

const MIRRORED: Readonly<Record<Comparison, Comparison>> = {
  lt: 'gt',
  gt: 'lt',
  eq: 'eq',
  incomparable: 'incomparable',
  unknown: 'unknown',
}

describe('golden pairs of versions', () => {
  it('exist for every scheme, 150 or more in all', () => {
    expect(vectors.map(({ scheme }) => scheme).sort()).toEqual([...SCHEME_IDS].sort())
    const pairs = vectors.reduce((sum, { pairs }) => sum + pairs.length, 0)
    expect(pairs).toBeGreaterThanOrEqual(150)
  })

  describe.each(vectors)('$scheme', ({ scheme, order = [], pairs }) => {
    it.each(pairs)('%j stands to %j as %s, and the other way round', (a, b, expected) => {
      expect(compareVersions(scheme, a, b, { order })).toBe(expected)
      expect(compareVersions(scheme, b, a, { order })).toBe(MIRRORED[expected])
    })
  })
})
