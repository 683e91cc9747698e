/** Judges the firmware found on a sled against the catalogue's baselines. Needs nothing but its input. */
import type { Baseline, Catalogue, Release, Rule } from './catalogue.ts'
import type { ComponentKind, FirmwareComponent, FirmwareInventory } from './inventory.ts'
import { matchRules, matchWeight } from './match.ts'
import { compareVersions, type Comparison } from './version.ts'

export type Verdict = 'compliant' | 'behind' | 'unknown'

export interface ComponentVerdict {
  readonly kind: ComponentKind
  readonly name: string
  /** As reported. */
  readonly version: string
  readonly verdict: Verdict
  /** Why, for a person. */
  readonly reason: string
  /** The catalogue's rule it belongs to. */
  readonly rule?: string | undefined
  /** The release it runs, where the catalogue recognises it. */
  readonly release?: string | undefined
  /** The release the baseline wants. */
  readonly wanted?: string | undefined
  readonly advisories: readonly {
    readonly id: string
    readonly title: string
    /** `unknown` when no fixed release is known or the versions cannot be compared. */
    readonly exposed: 'yes' | 'unknown'
  }[]
}

/** One verdict for each component, in the order of the inventory. */
export const judgeFirmware = (
  catalogue: Catalogue,
  inventory: FirmwareInventory,
): ComponentVerdict[] =>
  inventory.components.map((component) => judgeComponent(catalogue, inventory, component))

/** The worst verdict of a sled: behind before unknown before compliant; unknown when there is none. */
export function worstVerdict(verdicts: readonly Pick<ComponentVerdict, 'verdict'>[]): Verdict {
  if (verdicts.some(({ verdict }) => verdict === 'behind')) return 'behind'
  const allKnown = verdicts.length > 0 && verdicts.every(({ verdict }) => verdict === 'compliant')
  return allKnown ? 'compliant' : 'unknown'
}

function judgeComponent(
  catalogue: Catalogue,
  inventory: FirmwareInventory,
  component: FirmwareComponent,
): ComponentVerdict {
  const found = {
    kind: component.kind,
    name: component.name ?? component.kind.toUpperCase(),
    version: component.version,
    advisories: unruledAdvisories(catalogue, inventory, component),
  }
  const [rule, second] = matchRules(catalogue.rules, inventory, component)
  if (rule === undefined) {
    return { ...found, verdict: 'unknown', reason: 'the catalogue does not know this component' }
  }
  if (second !== undefined) {
    const reason = `the catalogue cannot tell ${rule.id} and ${second.id} apart here`
    return { ...found, verdict: 'unknown', reason }
  }
  const judged = judgeByRule(catalogue, rule, component)
  return { ...found, ...judged, advisories: [...judged.advisories, ...found.advisories] }
}

type Judgement = Pick<
  ComponentVerdict,
  'verdict' | 'reason' | 'rule' | 'release' | 'wanted' | 'advisories'
>

function judgeByRule(catalogue: Catalogue, rule: Rule, component: FirmwareComponent): Judgement {
  const { version, versionTruncated: truncated } = component
  const releases = rule.releases.flatMap((id) => catalogue.releases.find((r) => r.id === id) ?? [])
  const order = releases.map(({ literals }) => literals)
  const compare = (release: Release): Comparison =>
    compareVersions(rule.scheme, version, release.literals[0], { order, truncated })
  const running =
    releases.find(({ literals }) => literals.includes(version.trim())) ??
    releases.find((release) => compare(release) === 'eq')
  const baseline = newestBaselineWith(catalogue.baselines, rule)
  const wantedId = baseline?.components.find((c) => c.rule === rule.id)?.release
  const wanted = releases.find(({ id }) => id === wantedId)
  const judged = {
    rule: rule.id,
    release: running?.id,
    wanted: wanted?.id,
    advisories: exposures(catalogue, rule, running, compare),
  }
  if (running?.blocked !== undefined) {
    return {
      ...judged,
      verdict: 'behind',
      reason: `this version is blocked: ${running.blocked.reason}`,
    }
  }
  if (wanted === undefined || baseline === undefined) {
    return { ...judged, verdict: 'unknown', reason: 'no baseline says which version is wanted' }
  }
  const comparison = running?.id === wanted.id ? 'eq' : compare(wanted)
  return { ...judged, ...inWords(comparison, component, wanted, baseline) }
}

const newestBaselineWith = (baselines: readonly Baseline[], rule: Rule): Baseline | undefined =>
  baselines
    .filter(({ components }) => components.some((c) => c.rule === rule.id))
    .sort((a, b) => b.generation - a.generation)[0]

function inWords(
  comparison: Comparison,
  { version, versionTruncated }: FirmwareComponent,
  wanted: Release,
  baseline: Baseline,
): Pick<ComponentVerdict, 'verdict' | 'reason'> {
  const want = `baseline ${baseline.id} wants ${wanted.version}`
  switch (comparison) {
    case 'lt':
      return { verdict: 'behind', reason: `older than wanted: ${want}` }
    case 'eq':
      return { verdict: 'compliant', reason: want }
    case 'gt':
      return { verdict: 'compliant', reason: `newer than wanted: ${want}` }
    case 'incomparable':
      return { verdict: 'unknown', reason: `it has no common order with what is wanted: ${want}` }
    case 'unknown':
      return {
        verdict: 'unknown',
        reason: `'${version}' ${versionTruncated === true ? 'leaves out the numbers that decide' : 'does not say which version this is'}; ${want}`,
      }
  }
}

function exposures(
  catalogue: Catalogue,
  rule: Rule,
  running: Release | undefined,
  compare: (release: Release) => Comparison,
): ComponentVerdict['advisories'] {
  return catalogue.advisories.flatMap(({ id, title, affected }) => {
    const range = affected.find((a) => 'rule' in a && a.rule === rule.id)
    if (range === undefined || !('rule' in range) || running?.fixes.includes(id) === true) return []
    const fixed = catalogue.releases.find((r) => r.id === range.fixedIn)
    const comparison = fixed === undefined ? 'unknown' : compare(fixed)
    if (comparison === 'eq' || comparison === 'gt') return []
    return [{ id, title, exposed: comparison === 'lt' ? ('yes' as const) : ('unknown' as const) }]
  })
}

/** Advisories that name a kind of component without knowing which of its versions are affected. */
const unruledAdvisories = (
  catalogue: Catalogue,
  inventory: FirmwareInventory,
  component: FirmwareComponent,
): ComponentVerdict['advisories'] =>
  catalogue.advisories
    .filter(({ affected }) =>
      affected.some((a) => 'match' in a && matchWeight(a, inventory, component) > 0),
    )
    .map(({ id, title }) => ({ id, title, exposed: 'unknown' as const }))
