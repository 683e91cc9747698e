import type { Tx } from './hub-store.ts'
import { readToken, type PageRequest } from './page.ts'
import type { SiteScope } from './sites.ts'
import type { SledTable } from './tables.ts'

/** A declared sled with the work it carries. */
export interface SledRow extends SledTable {
  readonly assignment: string | null
  readonly deployment: string | null
  /** State of its assignment, and whose work it is. */
  readonly assignment_state: string | null
  readonly tenant: string | null
}

export interface SledFilter {
  readonly site?: string | undefined
  readonly state?: string | undefined
  readonly name?: string | undefined
}

/** Declared sleds by site and name. */
export async function listSleds(
  tx: Tx,
  scope: SiteScope,
  filter: SledFilter,
  page?: PageRequest,
): Promise<SledRow[]> {
  let query = tx
    .selectFrom('sleds')
    .innerJoin('sites', 'sites.name', 'sleds.site')
    .leftJoin('assignments', (join) =>
      join
        .onRef('assignments.site', '=', 'sleds.site')
        .onRef('assignments.sled', '=', 'sleds.name')
        .on('assignments.state', '!=', 'released'),
    )
    .leftJoin('deployments', 'deployments.id', 'assignments.deployment')
    .selectAll('sleds')
    .select([
      'assignments.id as assignment',
      'assignments.deployment',
      'assignments.state as assignment_state',
      'deployments.tenant',
    ])
    .where('sleds.declared', '=', 1)
    .orderBy('sleds.site')
    .orderBy('sleds.name')
  if (scope.owner !== undefined) query = query.where('sites.owner', '=', scope.owner)
  if (filter.site !== undefined) query = query.where('sleds.site', '=', filter.site)
  if (filter.name !== undefined) query = query.where('sleds.name', '=', filter.name)
  if (filter.state !== undefined) query = query.where('sleds.state', '=', filter.state)
  if (page === undefined) return await query.execute()
  const [site, name] = readToken(page.pageToken, 2) ?? []
  if (site !== undefined && name !== undefined) {
    query = query.where((eb) =>
      eb.or([
        eb('sleds.site', '>', String(site)),
        eb.and([eb('sleds.site', '=', String(site)), eb('sleds.name', '>', String(name))]),
      ]),
    )
  }
  return await query.limit(page.limit + 1).execute()
}

export const findSled = async (
  tx: Tx,
  scope: SiteScope,
  site: string,
  name: string,
): Promise<SledRow | undefined> => (await listSleds(tx, scope, { site, name }))[0]
