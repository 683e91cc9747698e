/** What must hold for a catalogue as a whole, beyond what each entry's schema says. */
import { problem, type Problem } from '@brickyard/std/problem'
import type { Catalogue, Rule } from './catalogue.ts'
import type { FirmwareInventory } from './inventory.ts'
import { matchRules, matchWeight } from './match.ts'
import { compareVersions, isReadable } from './version.ts'

/** Everything wrong with a catalogue; empty when it can be relied on. */
export const checkCatalogue = (catalogue: Catalogue): Problem[] => [
  ...unique('releases', catalogue.releases),
  ...unique('rules', catalogue.rules),
  ...unique('baselines', catalogue.baselines),
  ...unique('advisories', catalogue.advisories),
  ...checkReleases(catalogue),
  ...catalogue.rules.flatMap((rule) => [
    ...checkOrder(catalogue, rule),
    ...checkCases(catalogue, rule),
  ]),
  ...checkBaselines(catalogue),
  ...checkAdvisories(catalogue),
]

function* unique(field: string, entries: readonly { readonly id: string }[]): Generator<Problem> {
  const seen = new Set<string>()
  for (const { id } of entries) {
    if (seen.has(id)) yield problem(`${field}.id`, id, 'an id used once')
    seen.add(id)
  }
}

function* checkReleases(catalogue: Catalogue): Generator<Problem> {
  for (const { id, evidence, fixes, component } of catalogue.releases) {
    if (evidence.length === 0) yield problem(`${id}.evidence`, evidence, 'at least one source')
    const rules = catalogue.rules.filter(({ releases }) => releases.includes(id))
    if (rules.length === 0) yield problem(id, id, 'a rule that lists it')
    if (rules.some((rule) => rule.component !== component)) {
      yield problem(`${id}.component`, component, 'the component of its rule')
    }
    for (const fixed of fixes) {
      if (!catalogue.advisories.some((advisory) => advisory.id === fixed)) {
        yield problem(`${id}.fixes`, fixed, 'the id of an advisory')
      }
    }
  }
}

/** The order of a rule's list is the order its scheme gives, wherever the scheme gives one. */
function* checkOrder(catalogue: Catalogue, rule: Rule): Generator<Problem> {
  const releases = rule.releases.flatMap((id) => catalogue.releases.find((r) => r.id === id) ?? [])
  if (releases.length < rule.releases.length) {
    yield problem(`${rule.id}.releases`, rule.releases, 'ids of releases that exist')
  }
  const order = releases.map(({ literals }) => literals)
  for (const [index, release] of releases.entries()) {
    for (const literal of release.literals) {
      if (!isReadable(rule.scheme, literal)) {
        yield problem(`${release.id}.literals`, literal, `a version of scheme ${rule.scheme}`)
      }
    }
    const next = releases[index + 1]
    if (next === undefined) continue
    const comparison = compareVersions(rule.scheme, release.literals[0], next.literals[0], {
      order,
    })
    if (comparison !== 'lt') {
      yield problem(`${rule.id}.releases`, `${release.version}, ${next.version}`, 'oldest first')
    }
  }
}

function* checkCases(catalogue: Catalogue, rule: Rule): Generator<Problem> {
  const matching = (inventory: FirmwareInventory): number =>
    inventory.components.filter((c) => matchWeight(rule, inventory, c) > 0).length
  for (const [index, inventory] of rule.matches.entries()) {
    if (matching(inventory) !== 1) {
      yield problem(`${rule.id}.matches[${index}]`, matching(inventory), 'one matching component')
    }
  }
  if (rule.mustNotMatch.length === 0) {
    yield problem(`${rule.id}.mustNotMatch`, [], 'at least one near miss')
  }
  for (const [index, inventory] of rule.mustNotMatch.entries()) {
    if (matching(inventory) === 0) continue
    yield problem(`${rule.id}.mustNotMatch[${index}]`, matching(inventory), 'no match')
  }
  yield* checkTies(catalogue, rule)
}

/** No component of any example may be claimed by two rules of the same narrowness. */
function* checkTies(catalogue: Catalogue, rule: Rule): Generator<Problem> {
  for (const inventory of [...rule.matches, ...rule.mustNotMatch]) {
    for (const component of inventory.components) {
      const [first, second] = matchRules(catalogue.rules, inventory, component)
      if (first === undefined || second === undefined) continue
      yield problem(`${rule.id}.match`, `${first.id}, ${second.id}`, 'one narrowest rule')
    }
  }
}

function* checkBaselines(catalogue: Catalogue): Generator<Problem> {
  for (const baseline of catalogue.baselines) {
    for (const { rule: ruleId, release } of baseline.components) {
      const rule = catalogue.rules.find(({ id }) => id === ruleId)
      if (rule?.releases.includes(release) !== true) {
        yield problem(`${baseline.id}.components`, release, `a release of rule ${ruleId}`)
      }
      if (catalogue.releases.find(({ id }) => id === release)?.blocked !== undefined) {
        yield problem(`${baseline.id}.components`, release, 'a release that is not blocked')
      }
    }
  }
}

function* checkAdvisories(catalogue: Catalogue): Generator<Problem> {
  for (const { id, affected } of catalogue.advisories) {
    for (const range of affected) {
      if (!('rule' in range)) continue
      const { rule: ruleId, fixedIn } = range
      const rule = catalogue.rules.find((r) => r.id === ruleId)
      if (rule === undefined) yield problem(`${id}.affected`, ruleId, 'the id of a rule')
      else if (fixedIn !== undefined && !rule.releases.includes(fixedIn)) {
        yield problem(`${id}.affected`, fixedIn, `a release of rule ${ruleId}`)
      }
    }
  }
}
