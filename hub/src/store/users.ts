import type { Tx } from './hub-store.ts'
import type { SessionTable, UserTable } from './tables.ts'

/** Sessions of one user at once; a new one ends the oldest. */
const SESSIONS_PER_USER_MAX = 100

export const findUser = (tx: Tx, name: string): Promise<UserTable | undefined> =>
  tx.selectFrom('users').selectAll().where('name', '=', name).executeTakeFirst()

export async function putUser(tx: Tx, user: UserTable): Promise<void> {
  const { name: _name, ...rest } = user
  await tx
    .insertInto('users')
    .values(user)
    .onConflict((conflict) => conflict.column('name').doUpdateSet(rest))
    .execute()
}

/** Users that the configuration no longer names lose their access with their row. */
export async function keepOnlyUsers(tx: Tx, names: readonly string[]): Promise<void> {
  const users = await tx.selectFrom('users').select('name').execute()
  for (const { name } of users.filter((user) => !names.includes(user.name))) {
    await tx.deleteFrom('sessions').where('user', '=', name).execute()
    await tx.deleteFrom('users').where('name', '=', name).execute()
  }
}

export async function addSession(tx: Tx, session: SessionTable): Promise<void> {
  await tx.deleteFrom('sessions').where('expires_at_ms', '<=', session.created_at_ms).execute()
  const held = await tx
    .selectFrom('sessions')
    .select('token_hash')
    .where('user', '=', session.user)
    .orderBy('created_at_ms', 'desc')
    .offset(SESSIONS_PER_USER_MAX - 1)
    .limit(SESSIONS_PER_USER_MAX)
    .execute()
  for (const { token_hash } of held) await endSession(tx, token_hash)
  await tx.insertInto('sessions').values(session).execute()
}

export async function endSession(tx: Tx, tokenHash: string): Promise<void> {
  await tx.deleteFrom('sessions').where('token_hash', '=', tokenHash).execute()
}

/** A session in force with its user. */
export const findSession = (
  tx: Tx,
  tokenHash: string,
  nowMs: number,
): Promise<(UserTable & SessionTable) | undefined> =>
  tx
    .selectFrom('sessions')
    .innerJoin('users', 'users.name', 'sessions.user')
    .selectAll('users')
    .selectAll('sessions')
    .where('token_hash', '=', tokenHash)
    .where('expires_at_ms', '>', nowMs)
    .executeTakeFirst()
