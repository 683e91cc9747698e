import type { EventBody } from '@brickyard/protocol/events'
import type { Tx } from './hub-store.ts'
import type { SealedLoginTable } from './tables.ts'

/** Kept of one sled: the present login, the one before, and room for rotations that broke off. */
const KEPT_PER_SLED = 8

/** Keeps a login that was sealed to the site's recovery key; nobody here can open it. */
export async function putSealedLogin(
  tx: Tx,
  site: string,
  { sled, operation, keyId, user, box }: EventBody<'sled.login-sealed'>,
  atMs: number,
  eventId: number,
): Promise<void> {
  const row: SealedLoginTable = {
    event: eventId,
    site,
    sled,
    operation,
    key_id: keyId,
    user,
    box,
    sealed_at_ms: atMs,
  }
  await tx.insertInto('sealed_logins').values(row).execute()
  const beyond = await tx
    .selectFrom('sealed_logins')
    .select('event')
    .where('site', '=', site)
    .where('sled', '=', sled)
    .orderBy('event', 'desc')
    .offset(KEPT_PER_SLED)
    .limit(KEPT_PER_SLED)
    .execute()
  for (const { event } of beyond) {
    await tx.deleteFrom('sealed_logins').where('event', '=', event).execute()
  }
}

/** The sealed logins of a sled, newest first. */
export const listSealedLogins = (tx: Tx, site: string, sled: string): Promise<SealedLoginTable[]> =>
  tx
    .selectFrom('sealed_logins')
    .selectAll()
    .where('site', '=', site)
    .where('sled', '=', sled)
    .orderBy('event', 'desc')
    .execute()
