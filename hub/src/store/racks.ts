import type { RackDocument } from '@brickyard/model/rack'
import { problem, type Problem } from '@brickyard/std/problem'
import type { Notes, Tx } from './hub-store.ts'
import { isOfNetwork, LASTING_KINDS } from '../fleet/notice-of.ts'
import { clearNotices } from './notices.ts'
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
  await forgetNetworks(tx, rack)
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

/** What was wrong on a network that changes or goes: the site looks anew, and tells what is still so. */
async function forgetNetworks(tx: Tx, { site, networks }: RackDocument): Promise<void> {
  const row = await tx
    .selectFrom('sites')
    .select('rack')
    .where('name', '=', site)
    .executeTakeFirstOrThrow()
  const held = row.rack === null ? [] : (JSON.parse(row.rack) as RackDocument).networks
  const kept = new Set(networks.map((network) => JSON.stringify(network)))
  const changed = held.filter((network) => !kept.has(JSON.stringify(network)))
  await clearNotices(tx, site, LASTING_KINDS, (key) =>
    changed.some(({ name }) => isOfNetwork(key, name)),
  )
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
