import type { SiteName } from '@brickyard/model/names'
import { Hours } from '@brickyard/std/units'
import type { Notes, Tx } from './hub-store.ts'
import type { ActTable } from './tables.ts'

/** Acts in force that the site has not answered; one sent before goes again, it is done once by id. */
export const sendableActs = (tx: Tx, site: SiteName, nowMs: number): Promise<ActTable[]> =>
  tx
    .selectFrom('acts')
    .selectAll()
    .where('site', '=', site)
    .where('state', 'in', ['waiting-for-site', 'sent'])
    .where('expires_at_ms', '>', nowMs)
    .orderBy('created_at_ms')
    .orderBy('id')
    .execute()

export async function markSent(tx: Tx, acts: readonly ActTable[], notes: Notes): Promise<void> {
  for (const { id, site, state } of acts) {
    if (state !== 'waiting-for-site') continue
    await tx
      .updateTable('acts')
      .set({ state: 'sent' })
      .where('id', '=', id)
      .where('state', '=', 'waiting-for-site')
      .execute()
    notes.changed({ kind: 'act', id, site })
  }
}

/** How long after its expiry an act's result may still come in: it was done in time, told late. */
const RESULT_GRACE_MS = 30_000

/** Longer than any operation may take, in which the site carries out an act that it has begun. */
const BEGUN_ACT_MS = Hours(26)

/** The site began an operation for an act: it ends with that, and not by its expiry. */
export async function noteBegun(
  tx: Tx,
  site: SiteName,
  act: string,
  operation: string,
  notes: Notes,
): Promise<void> {
  const { numUpdatedRows } = await tx
    .updateTable('acts')
    .set({ operation })
    .where('id', '=', act)
    .where('site', '=', site)
    .where('operation', 'is', null)
    .executeTakeFirst()
  if (numUpdatedRows > 0n) notes.changed({ kind: 'act', id: act, site })
}

/** Closes acts that nobody answered in time. Answers whether any is still open. */
export async function expireActs(tx: Tx, nowMs: number, notes: Notes): Promise<boolean> {
  const over = await tx
    .selectFrom('acts')
    .select(['id', 'site', 'state'])
    .where((eb) =>
      eb.or([
        eb.and([eb('state', '=', 'waiting-for-site'), eb('expires_at_ms', '<=', nowMs)]),
        eb.and([
          eb('state', '=', 'sent'),
          eb('operation', 'is', null),
          eb('expires_at_ms', '<=', nowMs - RESULT_GRACE_MS),
        ]),
        eb.and([eb('state', '=', 'sent'), eb('expires_at_ms', '<=', nowMs - BEGUN_ACT_MS)]),
      ]),
    )
    .execute()
  for (const { id, site, state } of over) {
    const reason =
      state === 'sent'
        ? 'it was sent, and the site did not say what became of it in time'
        : 'the site was not reached in time; nothing was done'
    await tx.updateTable('acts').set({ state: 'expired', reason }).where('id', '=', id).execute()
    notes.changed({ kind: 'act', id, site })
  }
  const open = await tx
    .selectFrom('acts')
    .select('id')
    .where('state', 'in', ['waiting-for-site', 'sent'])
    .limit(1)
    .executeTakeFirst()
  return open !== undefined
}
