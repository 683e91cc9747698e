import type { RackDocument } from '@brickyard/model/rack'
import type { Assignment } from '@brickyard/protocol/assignment'

/** What decides the wanted state of one site. */
export interface SiteWishes {
  readonly rack: RackDocument | undefined
  /** Assignments that the site has not yet reported as released. */
  readonly assignments: readonly Assignment[]
}

/** Documents by key; a released assignment is not among them, and so leaves the wanted state. */
export function planDocuments({
  rack,
  assignments,
}: SiteWishes): Readonly<Record<string, unknown>> {
  const documents: Record<string, unknown> = {}
  if (rack !== undefined) documents['rack'] = rack
  for (const assignment of assignments) documents[`assignment/${assignment.id}`] = assignment
  return documents
}

export interface DocumentChanges {
  /** JSON text by key. */
  readonly put: Readonly<Record<string, string>>
  readonly remove: readonly string[]
}

/** What has to change in the documents as stored (JSON text by key); undefined when nothing has. */
export function planChanges(
  stored: ReadonlyMap<string, string>,
  documents: Readonly<Record<string, unknown>>,
): DocumentChanges | undefined {
  const put: Record<string, string> = {}
  for (const [key, document] of Object.entries(documents)) {
    const text = JSON.stringify(document)
    if (stored.get(key) !== text) put[key] = text
  }
  const remove = [...stored.keys()].filter((key) => !Object.hasOwn(documents, key))
  return Object.keys(put).length === 0 && remove.length === 0 ? undefined : { put, remove }
}
