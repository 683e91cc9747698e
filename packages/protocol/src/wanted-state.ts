import type { RackDocument } from '@brickyard/model/rack'
import { err, ok, type Result } from '@brickyard/std/result'
import * as z from 'zod'
import { assignmentSchema, type Assignment } from './assignment.ts'
import { parseRackDocument } from './rack-document.ts'

/**
 * What the hub wants of a site: documents by key (`rack`, `assignment/<id>`, `baseline/<name>`),
 * under one generation that only rises (DESIGN.md §2.4, §5).
 */
export interface WantedState {
  readonly generation: number
  readonly documents: Readonly<Record<string, unknown>>
}

export const EMPTY_WANTED: WantedState = { generation: 0, documents: {} }

/** A change from generation `base` to `generation`; `base` null means: the whole state. */
export const wantedDeltaSchema = z.object({
  generation: z.number().int().min(1),
  base: z.number().int().min(0).nullable(),
  put: z.record(z.string().max(200), z.unknown()),
  remove: z.array(z.string().max(200)),
})
export type WantedDelta = z.infer<typeof wantedDeltaSchema>

export type WantedRefusal =
  | { readonly kind: 'older-generation'; readonly held: number; readonly offered: number }
  | { readonly kind: 'gap'; readonly held: number; readonly base: number }

/** Applies a delta. An older or equal generation is refused; so is a delta on a base we do not hold. */
export function applyWanted(
  held: WantedState,
  delta: WantedDelta,
): Result<WantedState, WantedRefusal> {
  if (delta.generation <= held.generation) {
    return err({ kind: 'older-generation', held: held.generation, offered: delta.generation })
  }
  if (delta.base !== null && delta.base !== held.generation) {
    return err({ kind: 'gap', held: held.generation, base: delta.base })
  }
  const documents: Record<string, unknown> = delta.base === null ? {} : { ...held.documents }
  for (const key of delta.remove) delete documents[key]
  Object.assign(documents, delta.put)
  return ok({ generation: delta.generation, documents })
}

/** The delta that brings `from` to `to`; documents are compared by their JSON text. */
export function wantedDelta(from: WantedState, to: WantedState): WantedDelta {
  const put: Record<string, unknown> = {}
  for (const [key, document] of Object.entries(to.documents)) {
    if (JSON.stringify(from.documents[key]) !== JSON.stringify(document)) put[key] = document
  }
  const remove = Object.keys(from.documents).filter((key) => !(key in to.documents))
  return { generation: to.generation, base: from.generation, put, remove }
}

/** The documents in the model's types; a document that cannot be read is named and left out. */
export interface ReadWanted {
  readonly rack: RackDocument | undefined
  readonly assignments: readonly Assignment[]
  readonly problems: readonly string[]
}

/** Reads every document this release knows; unknown kinds are kept for newer ones, not refused. */
export function readWanted(state: WantedState): ReadWanted {
  let rack: RackDocument | undefined
  const assignments: Assignment[] = []
  const problems: string[] = []
  for (const [key, document] of Object.entries(state.documents)) {
    if (key === 'rack') {
      const parsed = parseRackDocument(document)
      if (parsed.ok) rack = parsed.value
      else
        problems.push(...parsed.error.map((p) => `rack: ${p.field} is ${p.value}; ${p.expected}`))
    } else if (key.startsWith('assignment/')) {
      const parsed = assignmentSchema.safeParse(document)
      if (parsed.success) assignments.push(parsed.data)
      else problems.push(`${key}: ${parsed.error.issues.map((issue) => issue.message).join('; ')}`)
    }
  }
  return { rack, assignments, problems }
}
