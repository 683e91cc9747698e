import type { Tx } from './hub-store.ts'
import { readToken, type PageRequest } from './page.ts'
import type { EventTable, OperationTable } from './tables.ts'
import type { SiteScope } from './sites.ts'

export interface OperationFilter {
  readonly site?: string | undefined
  readonly sled?: string | undefined
  readonly state?: string | undefined
  readonly assignment?: string | undefined
  readonly id?: string | undefined
}

export interface WorkScope extends SiteScope {
  /** Only operations for assignments of this tenant. */
  readonly onlyTenant?: string | undefined
}

/** Operations, newest first. */
export async function listOperations(
  tx: Tx,
  scope: WorkScope,
  filter: OperationFilter,
  page: PageRequest,
): Promise<OperationTable[]> {
  let query = tx
    .selectFrom('operations')
    .innerJoin('sites', 'sites.name', 'operations.site')
    .selectAll('operations')
    .orderBy('operations.started_at_ms', 'desc')
    .orderBy('operations.id', 'desc')
    .limit(page.limit + 1)
  if (scope.owner !== undefined) query = query.where('sites.owner', '=', scope.owner)
  const { onlyTenant } = scope
  if (onlyTenant !== undefined) {
    query = query.where('operations.assignment', 'in', (eb) =>
      eb
        .selectFrom('assignments')
        .innerJoin('deployments', 'deployments.id', 'assignments.deployment')
        .select('assignments.id')
        .where('deployments.tenant', '=', onlyTenant),
    )
  }
  if (filter.site !== undefined) query = query.where('operations.site', '=', filter.site)
  if (filter.sled !== undefined) query = query.where('operations.sled', '=', filter.sled)
  if (filter.state !== undefined) query = query.where('operations.state', '=', filter.state)
  if (filter.id !== undefined) query = query.where('operations.id', '=', filter.id)
  if (filter.assignment !== undefined) {
    query = query.where('operations.assignment', '=', filter.assignment)
  }
  const [atMs, id] = readToken(page.pageToken, 2) ?? []
  if (typeof atMs === 'number' && id !== undefined) {
    query = query.where((eb) =>
      eb.or([
        eb('operations.started_at_ms', '<', atMs),
        eb.and([eb('operations.started_at_ms', '=', atMs), eb('operations.id', '<', String(id))]),
      ]),
    )
  }
  return await query.execute()
}

export interface EventFilter {
  readonly site?: string | undefined
  readonly sled?: string | undefined
  readonly kind?: string | undefined
  /** Events behind this one, oldest first; otherwise the newest come first. */
  readonly after?: number | undefined
}

export async function listEvents(
  tx: Tx,
  scope: SiteScope,
  filter: EventFilter,
  page: PageRequest,
): Promise<EventTable[]> {
  const forward = filter.after !== undefined
  let query = tx
    .selectFrom('events')
    .innerJoin('sites', 'sites.name', 'events.site')
    .selectAll('events')
    .orderBy('events.id', forward ? 'asc' : 'desc')
    .limit(page.limit + 1)
  if (scope.owner !== undefined) query = query.where('sites.owner', '=', scope.owner)
  if (filter.site !== undefined) query = query.where('events.site', '=', filter.site)
  if (filter.sled !== undefined) query = query.where('events.sled', '=', filter.sled)
  if (filter.kind !== undefined) query = query.where('events.kind', '=', filter.kind)
  if (filter.after !== undefined) query = query.where('events.id', '>', filter.after)
  const [id] = readToken(page.pageToken, 1) ?? []
  if (typeof id === 'number') query = query.where('events.id', forward ? '>' : '<', id)
  return await query.execute()
}
