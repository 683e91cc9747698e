/** How sure it is that a sled sits where it is declared to sit. */
import type { SledName } from '@brickyard/model/names'
import type { PlaceKey } from './place.ts'
import { witnessPath, type Witness, type WitnessKind, type WitnessPath } from './witness.ts'

export const GRADES = ['confirmed', 'probable', 'declared', 'conflicting', 'unknown'] as const
/**
 * `confirmed`: a data-path and a power-path witness agree. `probable`: something observed agrees
 * with the declaration. `declared`: nobody but the declaration says so. `conflicting`: an
 * observation contradicts it; the declaration is never rewritten for that. `unknown`: not declared.
 */
export type Grade = (typeof GRADES)[number]

export interface GradedPlace {
  readonly grade: Grade
  /** Why, for a person. */
  readonly reason: string
  /** The witnesses that still count, those that speak of this sled or its place. */
  readonly witnesses: readonly Witness[]
}

export interface GradeQuestion {
  readonly sled: SledName
  /** The place it is declared in; undefined when nobody declared it. */
  readonly declared: PlaceKey | undefined
  /** Everything known at the site; what is stale or about others is left out here. */
  readonly witnesses: readonly Witness[]
  readonly nowMs: number
}

/** Grades one sled's place. Deterministic; the order of the witnesses does not matter. */
export function gradePlace(question: GradeQuestion): GradedPlace {
  const { sled, declared, nowMs } = question
  const witnesses = question.witnesses.filter(
    (w) =>
      (w.sled === sled || w.place === declared) &&
      (w.expiresAtMs === undefined || nowMs < w.expiresAtMs),
  )
  const seen = witnesses.filter(({ kind }) => kind !== 'declaration')
  if (declared === undefined) {
    return { grade: 'unknown', reason: 'it is in no declared place', witnesses }
  }
  const against = seen.filter((w) => w.sled !== sled || w.place !== declared)
  if (against.length > 0) {
    return { grade: 'conflicting', reason: against.map(contradiction).join('; '), witnesses }
  }
  const paths = new Set<WitnessPath>(seen.map(({ kind }) => witnessPath(kind)))
  if (paths.has('data') && paths.has('power')) {
    return { grade: 'confirmed', reason: 'its data port and its power feed agree', witnesses }
  }
  if (seen.length > 0) {
    const kinds = [...new Set(seen.map(({ kind }) => kind))].sort()
    return {
      grade: 'probable',
      reason: `${kinds.join(' and ')} ${kinds.length === 1 ? 'agrees' : 'agree'} with it`,
      witnesses,
    }
  }
  return { grade: 'declared', reason: 'nothing has been observed there yet', witnesses }
}

const contradiction = (w: Witness): string =>
  `${w.kind} saw ${w.sled ?? 'a stranger'} at ${w.place}: ${w.detail}`

/** The best grade a site can reach with the kinds of witness its equipment gives. */
export function bestGradeWith(kinds: readonly WitnessKind[]): Grade {
  const paths = new Set(kinds.map(witnessPath))
  if (paths.has('data') && paths.has('power')) return 'confirmed'
  if (paths.has('data') || paths.has('power') || paths.has('address')) return 'probable'
  return paths.has('paper') ? 'declared' : 'unknown'
}
