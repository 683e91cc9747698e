import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Catalogue } from '@brickyard/firmware/catalogue'
import { checkCatalogue } from '@brickyard/firmware/check-catalogue'
import { formatProblem } from '@brickyard/std/problem'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, it } from 'vitest'
import { loadCatalogue } from './load.ts'

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))
const readJson = (path: string): unknown => JSON.parse(readFileSync(here(path), 'utf8'))
const jsonFiles = (folder: string): string[] =>
  readdirSync(here(folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.json'))
    .map((name) => `${folder}/${name}`)
    .sort()

const ajv = new Ajv2020({ strict: true, strictTypes: false, allErrors: true })
for (const path of jsonFiles('schema')) ajv.addSchema(readJson(path) as object)

const SCHEMA_OF: readonly (readonly [string, string])[] = [
  ...jsonFiles('data/vendors').map((path) => [path, 'family.schema.json'] as const),
  ...jsonFiles('data/baselines').map((path) => [path, 'baselines.schema.json'] as const),
  ...jsonFiles('data/advisories').map((path) => [path, 'advisories.schema.json'] as const),
  ...jsonFiles('schemes').map((path) => [path, 'scheme.schema.json'] as const),
]

describe('every file of the catalogue', () => {
  it.each(SCHEMA_OF)('%s keeps to %s', (path, schema) => {
    const validate = ajv.getSchema(schema)
    expect(validate).toBeDefined()
    expect([validate?.(readJson(path)), validate?.errors]).toEqual([true, null])
  })

  it('is refused by its schema when a fact lacks its source', () => {
    const family = readJson('data/vendors/hpe/ilo.json') as { releases: { evidence: unknown[] }[] }
    family.releases[0]!.evidence = []
    expect(ajv.getSchema('family.schema.json')?.(family)).toBe(false)
  })

  it('is in what load gives', () => {
    const source = readFileSync(here('load.ts'), 'utf8')
    for (const path of jsonFiles('data')) expect(source).toContain(`./${path}`)
  })

  it('carries no serial number or address of the machine it was read from', () => {
    for (const path of jsonFiles('data')) {
      const text = readFileSync(here(path), 'utf8')
      expect(text).not.toMatch(/([0-9a-f]{2}:){5}[0-9a-f]{2}/i)
      expect(text.toLowerCase()).not.toContain('serial')
    }
  })
})

describe('the catalogue as a whole', () => {
  const catalogue = loadCatalogue()

  it('has nothing wrong with it', () => {
    expect(checkCatalogue(catalogue).map(formatProblem)).toEqual([])
  })

  it('has a dozen real releases, each with a source', () => {
    expect(catalogue.releases.length).toBeGreaterThanOrEqual(12)
    for (const { id, evidence } of catalogue.releases) {
      expect([id, evidence.some(({ seenOn }) => seenOn !== undefined)]).toEqual([id, true])
    }
  })

  it('has no release that could be flashed, because none has a known SHA-256 yet', () => {
    expect(catalogue.releases.filter(({ artifact }) => artifact !== undefined)).toEqual([])
  })

  it('notices a tie, a missing near miss, a wrong order and a dangling id', () => {
    const rule = catalogue.rules.find(({ id }) => id === 'hpe/ilo-5')!
    const broken: Catalogue = {
      ...catalogue,
      rules: [
        ...catalogue.rules.filter(({ id }) => id !== 'hpe/ilo-5'),
        { ...rule, releases: [rule.releases[1]!, rule.releases[0]] },
        { ...rule, id: 'hpe/ilo-5-again' },
      ],
      advisories: [],
    }
    const expected = checkCatalogue(broken).map(({ expected }) => expected)
    expect(expected).toContain('one narrowest rule')
    expect(expected).toContain('oldest first')
    expect(expected).toContain('the id of an advisory')
  })
})
