import type { SiteName } from '@brickyard/model/names'
import { assignmentSchema, type Assignment } from '@brickyard/protocol/assignment'
import { parseRackDocument } from '@brickyard/protocol/rack-document'
import type { WantedDelta } from '@brickyard/protocol/wanted-state'
import { assert } from '@brickyard/std/assert'
import { planChanges, planDocuments } from '../reconcile/plan.ts'
import type { Notes, Tx } from './hub-store.ts'
import type { AssignmentTable } from './tables.ts'

/**
 * Brings the documents of a site to what they should be, under one new generation when anything
 * changed. Called in every transaction that touches a rack or an assignment.
 */
export async function settleWanted(tx: Tx, site: SiteName, notes: Notes): Promise<void> {
  const row = await tx
    .selectFrom('sites')
    .select(['rack', 'wanted_generation'])
    .where('name', '=', site)
    .executeTakeFirstOrThrow()
  const assignments = await tx
    .selectFrom('assignments')
    .selectAll()
    .where('site', '=', site)
    .where('state', '!=', 'released')
    .orderBy('id')
    .execute()
  const stored = await tx
    .selectFrom('wanted_documents')
    .select(['key', 'body'])
    .where('site', '=', site)
    .execute()
  const rack = row.rack === null ? undefined : parseRackDocument(JSON.parse(row.rack))
  assert(rack?.ok !== false, `the stored rack document of ${site} was checked when it was put`)
  const changes = planChanges(
    new Map(stored.flatMap(({ key, body }) => (body === null ? [] : [[key, body]]))),
    planDocuments({ rack: rack?.value, assignments: assignments.map(toAssignment) }),
  )
  if (changes === undefined) return
  const generation = row.wanted_generation + 1
  const rows = [
    ...Object.entries(changes.put).map(([key, body]) => ({ site, key, body, generation })),
    ...changes.remove.map((key) => ({ site, key, body: null, generation })),
  ]
  for (const each of rows) {
    const { body } = each
    await tx
      .insertInto('wanted_documents')
      .values(each)
      .onConflict((c) => c.columns(['site', 'key']).doUpdateSet({ body, generation }))
      .execute()
  }
  await tx
    .updateTable('sites')
    .set({ wanted_generation: generation })
    .where('name', '=', site)
    .execute()
  notes.wanted(site)
  notes.changed({ kind: 'site', id: site, site })
}

function toAssignment(row: AssignmentTable): Assignment {
  const parsed = assignmentSchema.safeParse({
    ...(JSON.parse(row.document) as object),
    wanted: row.wanted,
  })
  assert(parsed.success, `the stored assignment ${row.id} was checked when it was made`)
  return parsed.data
}

/** What brings a site from generation `held` (0: it holds nothing) to the present one. */
export async function wantedSince(
  tx: Tx,
  site: SiteName,
  held: number,
): Promise<WantedDelta | undefined> {
  const row = await tx
    .selectFrom('sites')
    .select(['wanted_generation', 'conflict_generation', 'whole_below_generation'])
    .where('name', '=', site)
    .executeTakeFirst()
  if (row === undefined || row.conflict_generation !== null) return undefined
  if (row.wanted_generation <= held) return undefined
  const base = held < row.whole_below_generation ? 0 : held
  const changed = await tx
    .selectFrom('wanted_documents')
    .select(['key', 'body'])
    .where('site', '=', site)
    .where('generation', '>', base)
    .orderBy('key')
    .execute()
  const put = Object.fromEntries(
    changed.flatMap(({ key, body }) => (body === null ? [] : [[key, JSON.parse(body) as unknown]])),
  )
  const removed = changed.flatMap(({ key, body }) => (body === null ? [key] : []))
  return base === 0
    ? { generation: row.wanted_generation, base: null, put, remove: [] }
    : { generation: row.wanted_generation, base, put, remove: removed }
}
