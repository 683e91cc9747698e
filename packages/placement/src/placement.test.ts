import type { SiteName, SledName, TenantName } from '@brickyard/model/names'
import { SLED_STATES } from '@brickyard/model/sled-lifecycle'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { choose, type Placement } from './choose.ts'
import { judgeSite, RULES } from './filter.ts'
import type { FleetSnapshot, PlacementRequest, SiteOffer, SledOffer } from './fleet.ts'
import { scoreSled } from './score.ts'

const GIB = 2 ** 30
const sledName = fc.constantFrom('sled-1', 'sled-2', 'sled-3', 'sled-4')
const often = <T>(usual: T, ...rare: T[]): fc.Arbitrary<T> =>
  fc.oneof({ weight: 4, arbitrary: fc.constant(usual) }, fc.constantFrom(usual, ...rare))

const sledOffer: fc.Arbitrary<SledOffer> = fc.record({
  name: sledName as fc.Arbitrary<SledName>,
  state: often('ready', ...SLED_STATES),
  hold: often(undefined, { by: 'ann', reason: 'broken fan' }),
  architecture: often('x86_64', 'aarch64'),
  firmwareMode: often('uefi', 'bios'),
  secureBoot: often(undefined, true),
  model: often('m1', 'm2', undefined),
  labels: often({}, { gpu: 'none' }, { gpu: 'l4' }),
  nics: often(2, 1),
  tenant: often(undefined, 'shop' as TenantName, 'bank' as TenantName),
  inventory: often(
    { memoryBytes: 64 * GIB, disks: [{ bytes: 480 * GIB, sectorBytes: 512 }] },
    undefined,
    { memoryBytes: 16 * GIB, disks: [{ bytes: 8 * GIB, sectorBytes: 512 }] },
    { memoryBytes: 256 * GIB, disks: [{ bytes: 960 * GIB, sectorBytes: 4096 }] },
    { memoryBytes: 32 * GIB, disks: [] },
  ),
})
const siteOffer: fc.Arbitrary<SiteOffer> = fc.record({
  name: fc.constantFrom('east', 'north', 'south', 'west') as fc.Arbitrary<SiteName>,
  labels: often({}, { region: 'eu' }),
  link: often('up', 'down', 'never'),
  paused: often(undefined, 'the owner paused it'),
  tenants: often(undefined, ['shop' as TenantName], ['bank' as TenantName]),
  isolation: often('port-per-slot', 'none'),
  sleds: fc.uniqueArray(sledOffer, { selector: ({ name }) => name, maxLength: 4 }),
})
const fleet: fc.Arbitrary<FleetSnapshot> = fc
  .uniqueArray(siteOffer, { selector: ({ name }) => name, maxLength: 4 })
  .map((sites) => ({ sites }))
const request: fc.Arbitrary<PlacementRequest> = fc.record({
  count: fc.integer({ min: 1, max: 5 }),
  tenant: fc.constant('shop' as TenantName),
  constraints: fc.record({
    sites: often(undefined, ['east' as SiteName], ['north' as SiteName, 'west' as SiteName]),
    labels: often(undefined, { gpu: 'none' }, { region: 'eu' }),
    arch: often(undefined, 'x86_64', 'aarch64'),
    model: often(undefined, 'm1'),
    minMemoryBytes: often(undefined, 32 * GIB),
    spread: fc.constantFrom(undefined, 'site', 'pack'),
  }),
  image: fc.record({
    name: fc.constant('debian'),
    kind: often('disk', 'netboot'),
    arch: often('x86_64', 'aarch64'),
    firmware: often(['uefi'], ['uefi', 'bios']),
    secureBoot: often(true, false),
    minDiskBytes: fc.constant(20 * GIB),
    sectorBytes: often(512, 4096),
  }),
  nics: often(undefined, 2),
  seed: fc.constantFrom('one', 'two'),
})

/** Every way to take `count` of the sleds that fit. */
function combinations<T>(items: readonly T[], count: number): T[][] {
  if (count === 0) return [[]]
  return items.flatMap((item, index) =>
    combinations(items.slice(index + 1), count - 1).map((rest) => [item, ...rest]),
  )
}

const countsOf = (sites: readonly string[]): number[] => {
  const counts = new Map<string, number>()
  for (const site of sites) counts.set(site, (counts.get(site) ?? 0) + 1)
  return [...counts.values()]
}
const unevenness = (sites: readonly string[]): number =>
  countsOf(sites).reduce((sum, n) => sum + n * n, 0)

describe('placement against every possible choice', () => {
  it('places all or none, and only what the rules let through', () => {
    fc.assert(
      fc.property(fleet, request, (fleet, request) => {
        const fits = fleet.sites
          .flatMap((site) => judgeSite(site, request))
          .filter(({ broken }) => broken.length === 0)
        const { placed, candidates } = choose(fleet, request)
        expect(candidates).toBe(fits.length)
        expect(placed).toHaveLength(fits.length >= request.count ? request.count : 0)
        const names = placed.map(({ site, sled }) => `${site}/${sled}`)
        expect(new Set(names).size).toBe(names.length)
        const allowed = fits.map(({ site, sled }) => `${site.name}/${sled.name}`)
        for (const name of names) expect(allowed).toContain(name)
      }),
      { numRuns: 400 },
    )
  })

  it('is as good as the best of them', () => {
    fc.assert(
      fc.property(fleet, request, (fleet, request) => {
        const { placed } = choose(fleet, request)
        if (placed.length === 0) return
        const fits = fleet.sites
          .flatMap((site) => judgeSite(site, request))
          .filter(({ broken }) => broken.length === 0)
          .map(({ site, sled }) => ({
            site: site.name,
            score: scoreSled(site, sled, request).total,
          }))
        const total = (of: readonly { score: number }[]) => of.reduce((sum, s) => sum + s.score, 0)
        const all = combinations(fits, request.count)
        const sites = placed.map(({ site }) => site)
        const { spread } = request.constraints
        if (spread === 'pack') {
          const fewest = Math.min(...all.map((way) => new Set(way.map((s) => s.site)).size))
          expect(new Set(sites).size).toBe(fewest)
          return
        }
        const even = (way: readonly { site: string }[]) => unevenness(way.map((s) => s.site))
        const least = Math.min(...all.map(even))
        if (spread === 'site') expect(unevenness(sites)).toBe(least)
        const rivals = spread === 'site' ? all.filter((way) => even(way) === least) : all
        expect(total(placed)).toBe(Math.max(...rivals.map(total)))
      }),
      { numRuns: 300 },
    )
  })

  it('does not depend on the order in which sites and sleds are given', () => {
    fc.assert(
      fc.property(fleet, request, (fleet, request) => {
        const turned = {
          sites: [...fleet.sites].reverse().map((s) => ({ ...s, sleds: [...s.sleds].reverse() })),
        }
        expect(choose(turned, request).placed).toEqual(choose(fleet, request).placed)
      }),
    )
  })
})

describe('the explanation', () => {
  it('accounts for every sled once', () => {
    fc.assert(
      fc.property(fleet, request, (fleet, request) => {
        const { counts, candidates } = choose(fleet, request)
        const sleds = fleet.sites.reduce((sum, site) => sum + site.sleds.length, 0)
        expect(counts.reduce((sum, { sleds }) => sum + sleds, candidates)).toBe(sleds)
      }),
    )
  })

  it('gives every refusal a reason', () => {
    fc.assert(
      fc.property(fleet, request, (fleet, request) => {
        for (const refusal of choose(fleet, request).refused) {
          expect(RULES).toContain(refusal.rule)
          expect(refusal.reason.length).toBeGreaterThan(5)
        }
      }),
    )
  })

  it('is honest: lifting the rules it names makes the request possible, fewer do not', () => {
    const named = { single: 0, together: 0 }
    fc.assert(
      fc.property(fleet, request, (fleet, request) => {
        const { placed, blockers } = choose(fleet, request)
        if (placed.length > 0) {
          expect(blockers).toEqual([])
          return
        }
        for (const { rules, candidates } of blockers) {
          const without = choose(fleet, request, new Set(rules))
          expect(without.placed).toHaveLength(request.count)
          expect(without.candidates).toBe(candidates)
          for (const kept of rules) {
            const fewer = new Set(rules.filter((rule) => rule !== kept))
            expect(choose(fleet, request, fewer).placed).toEqual([])
          }
          if (rules.length === 1) named.single++
          else named.together++
        }
      }),
      { numRuns: 600 },
    )
    expect(named.single).toBeGreaterThan(0)
    expect(named.together).toBeGreaterThan(0)
  })
})

const ready = (name: string, more: Partial<SledOffer> = {}): SledOffer => ({
  name: name as SledName,
  state: 'ready',
  architecture: 'x86_64',
  firmwareMode: 'uefi',
  labels: {},
  nics: 2,
  inventory: { memoryBytes: 64 * GIB, disks: [{ bytes: 480 * GIB, sectorBytes: 512 }] },
  ...more,
})
const site = (name: string, sleds: SledOffer[], more: Partial<SiteOffer> = {}): SiteOffer => ({
  name: name as SiteName,
  labels: {},
  link: 'up',
  isolation: 'port-per-slot',
  sleds,
  ...more,
})
const wanted = (count: number, more: Partial<PlacementRequest> = {}): PlacementRequest => ({
  count,
  tenant: 'shop' as TenantName,
  constraints: {},
  image: {
    name: 'debian-13',
    kind: 'disk',
    arch: 'x86_64',
    firmware: ['uefi'],
    secureBoot: false,
    minDiskBytes: 20 * GIB,
    sectorBytes: 512,
  },
  seed: 'd-1',
  ...more,
})
const placedAt = ({ placed }: Placement) => placed.map(({ site, sled }) => `${site}/${sled}`)

describe('a request', () => {
  it('is refused in words a person understands', () => {
    const small = { memoryBytes: 16 * GIB, disks: [{ bytes: 8 * GIB, sectorBytes: 512 }] }
    const busy = ready('c', { state: 'in-use', stateReason: 'deployment shop-1' })
    const fleet = {
      sites: [
        site('east', [ready('a'), ready('b', { inventory: small }), busy]),
        site('west', [ready('a')], { link: 'down' }),
      ],
    }
    const refused = choose(fleet, wanted(3))
    expect(refused.placed).toEqual([])
    expect(refused.refused).toEqual([
      {
        site: 'east',
        sled: 'b',
        rule: 'disk-size',
        reason: 'it has at most 8 GiB of disk, image debian-13 needs 20 GiB',
      },
      { site: 'east', sled: 'c', rule: 'sled-state', reason: 'it is in-use (deployment shop-1)' },
      {
        site: 'west',
        rule: 'site-link',
        reason: 'its agent is out of reach, and what is free there is not known for sure',
      },
    ])
    expect(refused.summary).toBe(
      '3 sleds wanted, 1 of 4 fit. In the way: the site is out of reach (1 sled); ' +
        'the sled is not ready (1 sled); the disk is too small (1 sled). It would work without ' +
        '"the site is out of reach" and "the sled is not ready" (then 3 fit), or without ' +
        '"the site is out of reach" and "the disk is too small" (then 3 fit), or without ' +
        '"the sled is not ready" and "the disk is too small" (then 3 fit).',
    )
  })

  it('spreads, packs, and leaves the large offer whole for others', () => {
    const four = ['a', 'b', 'c', 'd'].map((name) => ready(name))
    const fleet = {
      sites: [site('east', four), site('north', four.slice(0, 2)), site('west', four.slice(0, 1))],
    }
    const sites = (spread: 'site' | 'pack', count: number) =>
      choose(fleet, wanted(count, { constraints: { spread } }))
        .placed.map(({ site }) => site)
        .sort()
    expect(sites('site', 3)).toEqual(['east', 'north', 'west'])
    expect(sites('site', 5)).toEqual(['east', 'east', 'north', 'north', 'west'])
    expect(sites('pack', 2)).toEqual(['north', 'north'])
    expect(sites('pack', 5)).toEqual(['east', 'east', 'east', 'east', 'west'])
  })

  it('takes the close fit before the large sled', () => {
    const large = { memoryBytes: 512 * GIB, disks: [{ bytes: 4000 * GIB, sectorBytes: 512 }] }
    const fleet = { sites: [site('east', [ready('a', { inventory: large }), ready('b')])] }
    expect(placedAt(choose(fleet, wanted(1)))).toEqual(['east/b'])
  })

  it('lets the seed, not the name, decide between equals', () => {
    const names = Array.from({ length: 24 }, (_, i) => ready(`sled-${i}`))
    const fleet = { sites: [site('east', names)] }
    const first = (seed: string) => placedAt(choose(fleet, wanted(1, { seed })))[0]
    const firsts = new Set(Array.from({ length: 40 }, (_, i) => first(`d-${i}`)))
    expect(firsts.size).toBeGreaterThan(12)
    expect(first('d-1')).toBe(first('d-1'))
  })

  it('keeps a second tenant out of a site that cannot isolate', () => {
    const shared = [ready('a', { state: 'in-use', tenant: 'bank' as TenantName }), ready('b')]
    const fleet = { sites: [site('east', shared, { isolation: 'none' })] }
    expect(choose(fleet, wanted(1)).refused).toEqual([
      {
        site: 'east',
        rule: 'site-isolation',
        reason: 'it cannot keep tenants apart and carries work of bank',
      },
    ])
  })

  it('puts an unsigned image on no sled that checks signatures', () => {
    const fleet = { sites: [site('east', [ready('a', { secureBoot: true })])] }
    const refused = choose(fleet, wanted(1))
    expect(refused.placed).toEqual([])
    expect(refused.blockers.map(({ rules }) => rules)).toEqual([['secure-boot']])
    const image = { ...wanted(1).image, secureBoot: true }
    expect(placedAt(choose(fleet, wanted(1, { image })))).toEqual(['east/a'])
  })

  it('takes only sleds with the NICs that the wished network names', () => {
    const fleet = { sites: [site('east', [ready('a', { nics: 1 }), ready('b')])] }
    const placement = choose(fleet, wanted(1, { nics: 2 }))
    expect(placedAt(placement)).toEqual(['east/b'])
    expect(placement.refused[0]).toMatchObject({
      rule: 'nics',
      reason: 'it has 1 declared NICs, the request’s network needs 2',
    })
    expect(placedAt(choose(fleet, wanted(2)))).toEqual(['east/a', 'east/b'])
  })

  it('does not take a label name such as toString for one that is there', () => {
    const fleet = { sites: [site('east', [ready('a')])] }
    const constraints = { labels: { toString: 'x' } }
    expect(choose(fleet, wanted(1, { constraints })).refused[0]?.reason).toBe(
      'it has no label toString, the request wants toString=x',
    )
  })
})
