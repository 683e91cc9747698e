import type { Principal } from '../auth/principal.ts'
import type { Tx } from './hub-store.ts'
import { readToken, type PageRequest } from './page.ts'
import type { SiteTable } from './tables.ts'

/** What a person may see decides which rows there are (DESIGN.md §3: every site has an owner). */
export type SiteScope = Pick<Principal, 'owner'>

export interface SiteRow extends SiteTable {
  readonly acked_seq: number
  readonly lost: number
}

/** Sites by name. */
export async function listSites(tx: Tx, scope: SiteScope, page: PageRequest): Promise<SiteRow[]> {
  const [after = ''] = readToken(page.pageToken, 1) ?? []
  const rows = await selectSites(tx, scope)
    .where('sites.name', '>', String(after))
    .limit(page.limit + 1)
    .execute()
  return rows.map(withJournal)
}

export async function findSite(
  tx: Tx,
  scope: SiteScope,
  name: string,
): Promise<SiteRow | undefined> {
  const row = await selectSites(tx, scope).where('sites.name', '=', name).executeTakeFirst()
  return row === undefined ? undefined : withJournal(row)
}

/** Every site in scope: for the overview and for placement. */
export const allSites = async (tx: Tx, scope: SiteScope): Promise<SiteRow[]> =>
  (await selectSites(tx, scope).execute()).map(withJournal)

const selectSites = (tx: Tx, { owner }: SiteScope) => {
  const query = tx
    .selectFrom('sites')
    .leftJoin('journals', (join) =>
      join.onRef('journals.site', '=', 'sites.name').onRef('journals.epoch', '=', 'sites.epoch'),
    )
    .selectAll('sites')
    .select(['journals.acked_seq', 'journals.lost'])
    .orderBy('sites.name')
  return owner === undefined ? query : query.where('sites.owner', '=', owner)
}

const withJournal = (
  row: SiteTable & { acked_seq: number | null; lost: number | null },
): SiteRow => ({ ...row, acked_seq: row.acked_seq ?? 0, lost: row.lost ?? 0 })

/** Declared sleds of each site by state. */
export async function sledCounts(
  tx: Tx,
  sites: readonly string[],
): Promise<Map<string, Record<string, number>>> {
  const counts = new Map<string, Record<string, number>>()
  if (sites.length === 0) return counts
  const rows = await tx
    .selectFrom('sleds')
    .select(['site', 'state'])
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('declared', '=', 1)
    .where('site', 'in', sites)
    .groupBy(['site', 'state'])
    .execute()
  for (const { site, state, count } of rows) {
    const of = counts.get(site) ?? {}
    of[state] = Number(count)
    counts.set(site, of)
  }
  return counts
}
