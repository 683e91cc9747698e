/** Chooses the sleds for a request: filter, score, then all of them or none. */
import type { SiteName, SledName } from '@brickyard/model/names'
import { assert } from '@brickyard/std/assert'
import { explain, type Explanation } from './explain.ts'
import { judgeSite, type Judged, type Rule } from './filter.ts'
import type { FleetSnapshot, PlacementRequest } from './fleet.ts'
import { scoreSled, type Score } from './score.ts'

export interface Placed {
  readonly site: SiteName
  readonly sled: SledName
  readonly score: number
  readonly parts: Score['parts']
}

export interface Placement extends Explanation {
  /** `request.count` sleds, or none. */
  readonly placed: readonly Placed[]
}

/** Decides where a request goes. `lifted` rules are not asked: for what-if questions only. */
export function choose(
  fleet: FleetSnapshot,
  request: PlacementRequest,
  lifted?: ReadonlySet<Rule>,
): Placement {
  assert(Number.isInteger(request.count) && request.count >= 1, `count: ${request.count}`)
  const judged = fleet.sites.flatMap((site) => judgeSite(site, request, lifted))
  const candidates = judged
    .filter(({ broken }) => broken.length === 0)
    .map((sled) => candidate(sled, request))
    .sort(better)
  const placed = candidates.length < request.count ? [] : pick(candidates, request)
  return { placed, ...explain(judged, request, placed.length > 0) }
}

interface Candidate extends Placed {
  /** Decides between equal scores without favouring any name. */
  readonly tie: number
}

function candidate({ site, sled }: Judged, request: PlacementRequest): Candidate {
  const { total, parts } = scoreSled(site, sled, request)
  const tie = hash(`${request.seed}/${site.name}/${sled.name}`)
  return { site: site.name, sled: sled.name, score: total, parts, tie }
}

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

const better = (a: Candidate, b: Candidate): number =>
  b.score - a.score || a.tie - b.tie || byText(a.site, b.site) || byText(a.sled, b.sled)

function pick(candidates: readonly Candidate[], request: PlacementRequest): Placed[] {
  const { count, constraints } = request
  const chosen =
    constraints.spread === 'site'
      ? spreadOverSites(candidates, count)
      : constraints.spread === 'pack'
        ? packIntoSites(candidates, count)
        : candidates.slice(0, count)
  assert(chosen.length === count, 'all or nothing')
  return chosen.map(({ site, sled, score, parts }) => ({ site, sled, score, parts }))
}

/** Candidates by site, best first within each; sites in the order of their best candidate. */
function bySite(candidates: readonly Candidate[]): Candidate[][] {
  const sites = new Map<SiteName, Candidate[]>()
  for (const each of candidates) {
    const of = sites.get(each.site)
    if (of === undefined) sites.set(each.site, [each])
    else of.push(each)
  }
  return [...sites.values()]
}

/** Fills sites level by level: one sled from each, the best first, then a second from each … */
function spreadOverSites(candidates: readonly Candidate[], count: number): Candidate[] {
  const sites = bySite(candidates)
  const chosen: Candidate[] = []
  for (let level = 0; chosen.length < count; level++) {
    const layer = sites.flatMap((site) => site[level] ?? []).sort(better)
    chosen.push(...layer.slice(0, count - chosen.length))
  }
  return chosen
}

/**
 * The fewest sites that hold them all: the fullest offers first, and for the rest the smallest
 * offer that still takes it, so that large offers stay whole for others.
 */
function packIntoSites(candidates: readonly Candidate[], count: number): Candidate[] {
  const sites = bySite(candidates)
  const order = new Map(sites.map((site, index) => [site, index]))
  const rank = (site: Candidate[]): number => order.get(site) as number
  const chosen: Candidate[] = []
  while (chosen.length < count) {
    const left = count - chosen.length
    const enough = sites.filter((site) => site.length >= left)
    const next =
      enough.length > 0
        ? enough.sort((a, b) => a.length - b.length || rank(a) - rank(b))[0]
        : sites.sort((a, b) => b.length - a.length || rank(a) - rank(b))[0]
    assert(next !== undefined, 'there are at least as many candidates as sleds wanted')
    chosen.push(...next.slice(0, left))
    sites.splice(sites.indexOf(next), 1)
  }
  return chosen
}

/** FNV-1a, 32 bits: the same everywhere, and near names land far apart. */
function hash(text: string): number {
  let value = 0x811c9dc5
  for (let i = 0; i < text.length; i++) {
    value ^= text.charCodeAt(i)
    value = Math.imul(value, 0x01000193)
  }
  // One more round of mixing: the last characters alone barely move the high bits.
  value ^= value >>> 15
  value = Math.imul(value, 0x2c1b3c6d)
  return (value ^ (value >>> 13)) >>> 0
}
