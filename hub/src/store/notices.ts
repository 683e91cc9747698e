import type { Tx } from './hub-store.ts'
import type { NoticeTable } from './tables.ts'

/** Notices of one site: what a person may still read; a site that says more loses its oldest. */
const NOTICES_PER_SITE_MAX = 200

/** Notes what a site told; the same thing told again only moves its time. */
export async function putNotice(tx: Tx, notice: Omit<NoticeTable, 'first_at_ms'>): Promise<void> {
  const key = notice.key.slice(0, 200)
  const { kind, sled, text, at_ms } = notice
  await tx
    .insertInto('notices')
    .values({ ...notice, key, first_at_ms: at_ms })
    .onConflict((c) => c.columns(['site', 'key']).doUpdateSet({ kind, sled, text, at_ms }))
    .execute()
  const beyond = await tx
    .selectFrom('notices')
    .select('key')
    .where('site', '=', notice.site)
    .orderBy('at_ms', 'desc')
    .orderBy('key')
    .offset(NOTICES_PER_SITE_MAX)
    .limit(NOTICES_PER_SITE_MAX)
    .execute()
  for (const { key: old } of beyond) await clearNotice(tx, notice.site, old)
}

/** Clears every notice of these kinds of events; of one network alone where it is named. */
export async function clearNotices(
  tx: Tx,
  site: string,
  kinds: readonly string[],
  isOf: (key: string) => boolean = () => true,
): Promise<void> {
  const rows = await tx
    .selectFrom('notices')
    .select('key')
    .where('site', '=', site)
    .where('kind', 'in', kinds)
    .execute()
  for (const { key } of rows.filter((row) => isOf(row.key))) await clearNotice(tx, site, key)
}

export async function clearNotice(tx: Tx, site: string, key: string): Promise<void> {
  await tx.deleteFrom('notices').where('site', '=', site).where('key', '=', key).execute()
}
