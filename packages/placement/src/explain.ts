/** Why a request was placed as it was, or what stands in its way and what would change that. */
import type { SiteName, SledName } from '@brickyard/model/names'
import { RULES, type Judged, type Rule } from './filter.ts'
import type { PlacementRequest } from './fleet.ts'

/** Refusals listed one by one; the counts always cover all. 500 fill a page, more help nobody. */
export const REFUSALS_LISTED_MAX = 500
/** Ways out that are listed: those that free the most sleds. */
const BLOCKERS_LISTED_MAX = 5
/** Rules lifted together at most when looking for a way: more than three is another request. */
const RULES_LIFTED_MAX = 3

export interface Refusal {
  readonly site: SiteName
  /** Undefined when the whole site is refused. */
  readonly sled?: SledName | undefined
  readonly rule: Rule
  readonly reason: string
}

export interface RuleCount {
  readonly rule: Rule
  /** Sleds for which this is the first rule in the way. */
  readonly sleds: number
}

/** Rules that, lifted together, would leave enough sleds: the fewest that do. */
export interface Blocker {
  readonly rules: readonly Rule[]
  /** Sleds that could carry the request then. */
  readonly candidates: number
}

export interface Explanation {
  readonly wanted: number
  /** Sleds that passed every rule. */
  readonly candidates: number
  readonly refused: readonly Refusal[]
  /** Refusals beyond REFUSALS_LISTED_MAX. */
  readonly refusedMore: number
  readonly counts: readonly RuleCount[]
  /** Empty when it was placed, or when no few rules lifted would help. */
  readonly blockers: readonly Blocker[]
  /** One paragraph for a person. */
  readonly summary: string
}

/** Explains a judged fleet. Every sled is a candidate or is refused with a reason. */
export function explain(
  judged: readonly Judged[],
  request: PlacementRequest,
  placed: boolean,
): Explanation {
  const candidates = judged.filter(({ broken }) => broken.length === 0).length
  const refusals = allRefusals(judged)
  const counts = RULES.map((rule) => ({
    rule,
    sleds: judged.filter(({ broken }) => broken[0]?.rule === rule).length,
  })).filter(({ sleds }) => sleds > 0)
  const blockers = placed ? [] : findBlockers(judged, candidates, request.count)
  return {
    wanted: request.count,
    candidates,
    refused: refusals.slice(0, REFUSALS_LISTED_MAX),
    refusedMore: Math.max(0, refusals.length - REFUSALS_LISTED_MAX),
    counts,
    blockers,
    summary: summarise(request, judged.length, candidates, counts, blockers),
  }
}

/** A site whose own rule refuses it is named once, not sled by sled. */
function allRefusals(judged: readonly Judged[]): Refusal[] {
  const refusals: Refusal[] = []
  const sitesNamed = new Set<SiteName>()
  for (const { site, sled, broken } of judged) {
    const first = broken[0]
    if (first === undefined) continue
    if (!first.rule.startsWith('site-')) {
      refusals.push({ site: site.name, sled: sled.name, ...first })
    } else if (!sitesNamed.has(site.name)) {
      sitesNamed.add(site.name)
      refusals.push({ site: site.name, ...first })
    }
  }
  return refusals
}

function findBlockers(judged: readonly Judged[], candidates: number, wanted: number): Blocker[] {
  /** How many sleds are refused by exactly this set of rules (as bits of RULES). */
  const bySet = new Map<number, number>()
  let seen = 0
  for (const { broken } of judged) {
    const set = broken.reduce((bits, { rule }) => bits | (1 << RULES.indexOf(rule)), 0)
    if (set === 0) continue
    seen |= set
    bySet.set(set, (bySet.get(set) ?? 0) + 1)
  }
  const bits = RULES.map((_, index) => 1 << index).filter((bit) => (seen & bit) !== 0)
  for (let size = 1; size <= RULES_LIFTED_MAX; size++) {
    const found: Blocker[] = []
    for (const lifted of subsets(bits, size)) {
      let freed = 0
      for (const [set, sleds] of bySet) if ((set & ~lifted) === 0) freed += sleds
      if (candidates + freed < wanted) continue
      const rules = RULES.filter((_, index) => (lifted & (1 << index)) !== 0)
      found.push({ rules, candidates: candidates + freed })
    }
    if (found.length === 0) continue
    return found.sort((a, b) => b.candidates - a.candidates).slice(0, BLOCKERS_LISTED_MAX)
  }
  return []
}

/** Every way to take `size` of `bits`, each as the sum of its bits. */
function* subsets(bits: readonly number[], size: number): Generator<number> {
  if (size === 0) return yield 0
  for (const [index, bit] of bits.entries()) {
    for (const rest of subsets(bits.slice(index + 1), size - 1)) yield bit | rest
  }
}

const IN_WORDS: Readonly<Record<Rule, string>> = {
  'site-named': 'the site is not among those named',
  'site-paused': 'the site takes no new work',
  'site-tenant': 'the site’s owner does not take this tenant',
  'site-link': 'the site is out of reach',
  'site-isolation': 'the site cannot keep tenants apart',
  'sled-hold': 'somebody holds the sled',
  'sled-state': 'the sled is not ready',
  'sled-inventory': 'the sled has not been inspected',
  architecture: 'the architecture does not match',
  'firmware-mode': 'the image does not boot by the sled’s firmware',
  'secure-boot': 'the image is not signed for Secure Boot',
  model: 'the model does not match',
  labels: 'the labels do not match',
  nics: 'there are too few NICs for the wished network',
  memory: 'there is too little memory',
  'disk-size': 'the disk is too small',
  'sector-size': 'the disk’s sectors do not match the image',
}

function summarise(
  request: PlacementRequest,
  all: number,
  candidates: number,
  counts: readonly RuleCount[],
  blockers: readonly Blocker[],
): string {
  const sleds = (n: number): string => (n === 1 ? '1 sled' : `${n} sleds`)
  if (candidates >= request.count) {
    return `${sleds(request.count)} wanted, ${candidates} of ${all} fit.`
  }
  const why = [...counts]
    .sort((a, b) => b.sleds - a.sleds)
    .map(({ rule, sleds: n }) => `${IN_WORDS[rule]} (${sleds(n)})`)
    .join('; ')
  const way = blockers
    .map(
      (b) =>
        `${b.rules.map((rule) => `"${IN_WORDS[rule]}"`).join(' and ')} (then ${b.candidates} fit)`,
    )
    .join(', or without ')
  const first = `${sleds(request.count)} wanted, ${candidates} of ${all} fit.`
  const second = why === '' ? '' : ` In the way: ${why}.`
  return `${first}${second}${way === '' ? '' : ` It would work without ${way}.`}`
}
