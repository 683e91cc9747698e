import { describe, expect, it } from 'vitest'
import type { Catalogue, Release, Rule } from './catalogue.ts'
import type { FirmwareComponent, FirmwareInventory } from './inventory.ts'
import { judgeFirmware, worstVerdict } from './judge.ts'

const evidence = [{ url: 'https://example.org', note: 'made up for this test' }] as const
const release = (version: string, more: Partial<Release> = {}): Release => ({
  id: `acme/bmc/${version}`,
  vendor: 'acme',
  component: 'bmc',
  version,
  literals: [version],
  criticality: 'unknown',
  fixes: [],
  evidence,
  ...more,
})
const inventoryOf = (...components: FirmwareComponent[]): FirmwareInventory => ({
  system: { manufacturer: 'Acme', model: 'One' },
  components,
})
const bmc = (version: string, more: Partial<FirmwareComponent> = {}): FirmwareComponent => ({
  kind: 'bmc',
  version,
  ...more,
})
const rule: Rule = {
  id: 'acme/bmc',
  component: 'bmc',
  match: [[{ field: 'system.manufacturer', test: 'equals', values: ['ACME'] }]],
  scheme: 'dotted-int',
  releases: ['acme/bmc/1.0', 'acme/bmc/1.5', 'acme/bmc/2.0'],
  matches: [inventoryOf(bmc('1.0'))],
  mustNotMatch: [{ system: {}, components: [bmc('1.0')] }],
}
const catalogue: Catalogue = {
  releases: [release('1.0'), release('1.5', { fixes: ['leak'] }), release('2.0')],
  rules: [rule],
  baselines: [
    {
      id: 'old',
      name: 'old',
      generation: 1,
      components: [{ rule: 'acme/bmc', release: 'acme/bmc/1.0' }],
      qualifiedOn: [],
    },
    {
      id: 'new',
      name: 'new',
      generation: 2,
      components: [{ rule: 'acme/bmc', release: 'acme/bmc/1.5' }],
      qualifiedOn: [],
    },
  ],
  advisories: [
    {
      id: 'leak',
      cve: ['CVE-2000-0001'],
      title: 'it leaks',
      affected: [{ rule: 'acme/bmc', fixedIn: 'acme/bmc/1.5' }],
      exploited: 'no',
      mitigation: 'none',
      evidence,
    },
    {
      id: 'everywhere',
      cve: ['CVE-2000-0002'],
      title: 'nobody knows which',
      affected: [
        {
          component: 'bmc',
          match: [[{ field: 'component.vendor', test: 'equals', values: ['Widely'] }]],
        },
      ],
      exploited: 'no',
      mitigation: 'none',
      evidence,
    },
  ],
}
const judge = (component: FirmwareComponent, by: Catalogue = catalogue) =>
  judgeFirmware(by, inventoryOf(component))[0]!

describe('the verdict on a component', () => {
  it('is behind when it is older than the newest baseline wants', () => {
    expect(judge(bmc('1.0'))).toMatchObject({
      verdict: 'behind',
      reason: 'older than wanted: baseline new wants 1.5',
      release: 'acme/bmc/1.0',
      wanted: 'acme/bmc/1.5',
      advisories: [{ id: 'leak', exposed: 'yes' }],
    })
  })

  it('is compliant at the wanted version and above it', () => {
    expect(judge(bmc('1.5'))).toMatchObject({ verdict: 'compliant', advisories: [] })
    expect(judge(bmc('3.1'))).toMatchObject({ verdict: 'compliant', advisories: [] })
    expect(judge(bmc('3.1')).release).toBeUndefined()
  })

  it('counts the release that settles an advisory, and those after it, as free of it', () => {
    const releases = [release('1.0'), release('1.5'), release('2.0')]
    expect(judge(bmc('1.5.0'), { ...catalogue, releases }).advisories).toEqual([])
    expect(judge(bmc('2.0'), { ...catalogue, releases }).advisories).toEqual([])
    expect(judge(bmc('1.4'), { ...catalogue, releases }).advisories).toHaveLength(1)
  })

  it('is unknown when the version says nothing, with the advisory left open', () => {
    expect(judge(bmc('N/A'))).toMatchObject({
      verdict: 'unknown',
      reason: "'N/A' does not say which version this is; baseline new wants 1.5",
      advisories: [{ id: 'leak', exposed: 'unknown' }],
    })
  })

  it('is unknown when only the numbers that agree are known', () => {
    const wants = release('1.5.7', { id: 'acme/bmc/1.5', literals: ['1.5.7'] })
    const longer = { ...catalogue, releases: [release('1.0'), wants, release('2.0')] }
    expect(judge(bmc('1.5', { versionTruncated: true }), longer).verdict).toBe('unknown')
    expect(judge(bmc('1.4', { versionTruncated: true }), longer).verdict).toBe('behind')
  })

  it('is unknown for what no rule or two rules claim', () => {
    const stranger = { system: { manufacturer: 'Other' }, components: [bmc('1.0')] }
    expect(judgeFirmware(catalogue, stranger)[0]).toMatchObject({
      verdict: 'unknown',
      reason: 'the catalogue does not know this component',
    })
    const twice = { ...catalogue, rules: [rule, { ...rule, id: 'acme/other' }] }
    expect(judge(bmc('1.0'), twice).reason).toContain('cannot tell acme/bmc and acme/other apart')
  })

  it('follows the narrower of two rules', () => {
    const narrow: Rule = {
      ...rule,
      id: 'acme/one',
      match: [[...rule.match[0], { field: 'system.model', test: 'contains', values: ['One'] }]],
    }
    expect(judge(bmc('1.0'), { ...catalogue, rules: [rule, narrow] }).rule).toBe('acme/one')
  })

  it('is behind when the running release is blocked, even one newer than wanted', () => {
    const blocked = release('2.0', { blocked: { reason: 'it bricks', since: '2026-01-01' } })
    const releases = [...catalogue.releases.slice(0, 2), blocked]
    expect(judge(bmc('2.0'), { ...catalogue, releases })).toMatchObject({
      verdict: 'behind',
      reason: 'this version is blocked: it bricks',
    })
  })

  it('is unknown without a baseline', () => {
    expect(judge(bmc('1.0'), { ...catalogue, baselines: [] })).toMatchObject({
      verdict: 'unknown',
      reason: 'no baseline says which version is wanted',
    })
  })

  it('names an advisory whose affected versions nobody knows', () => {
    expect(judge(bmc('2.0', { vendor: 'widely' })).advisories).toEqual([
      { id: 'everywhere', title: 'nobody knows which', exposed: 'unknown' },
    ])
  })
})

describe('the worst verdict', () => {
  it('never turns nothing known into a good one', () => {
    expect(worstVerdict([])).toBe('unknown')
    expect(worstVerdict([{ verdict: 'compliant' }, { verdict: 'unknown' }])).toBe('unknown')
    expect(worstVerdict([{ verdict: 'unknown' }, { verdict: 'behind' }])).toBe('behind')
    expect(worstVerdict([{ verdict: 'compliant' }])).toBe('compliant')
  })
})
