import type { RackDocument } from '@brickyard/model/rack'
import { problem, type Problem } from '@brickyard/std/problem'
import type { Notes, Tx } from './hub-store.ts'
import { declareSleds } from './sleds.ts'
import { settleWanted } from './wanted.ts'

/**
 * Makes a checked rack document the one of its site. Refused (the problems are answered) when it
 * leaves out a sled that carries work. Where the site holds a newer generation than this hub ever
 * sent, putting the rack is a person's decision that this hub's word counts from now on.
 */
export async function putRack(
  tx: Tx,
  rack: RackDocument,
  notes: Notes,
): Promise<readonly Problem[]> {
  const { site } = rack
  const atWork = await tx
    .selectFrom('assignments')
    .select(['sled', 'deployment'])
    .where('site', '=', site)
    .where('state', '!=', 'released')
    .execute()
  const problems = atWork
    .filter(({ sled }) => !rack.sleds.some(({ name }) => name === sled))
    .map(({ sled, deployment }) =>
      problem('sleds', 'missing', `sled '${sled}', which carries deployment ${deployment}`),
    )
  if (problems.length > 0) return problems
  await declareSleds(tx, rack)
  await tx
    .updateTable('sites')
    .set({ rack: JSON.stringify(rack) })
    .where('name', '=', site)
    .execute()
  if (await takeOver(tx, site)) notes.wanted(site)
  await settleWanted(tx, site, notes)
  for (const { name } of rack.sleds) {
    notes.changed({ kind: 'sled', id: `${site}/${name}`, site })
  }
  notes.changed({ kind: 'site', id: site, site })
  return []
}

/** Ends a conflict of generations: ours go on above the site's, and the whole state is sent. */
async function takeOver(tx: Tx, site: string): Promise<boolean> {
  const row = await tx
    .selectFrom('sites')
    .select('conflict_generation')
    .where('name', '=', site)
    .executeTakeFirstOrThrow()
  if (row.conflict_generation === null) return false
  const generation = row.conflict_generation + 1
  await tx
    .updateTable('sites')
    .set({
      conflict_generation: null,
      wanted_generation: generation,
      whole_below_generation: generation,
    })
    .where('name', '=', site)
    .execute()
  return true
}
