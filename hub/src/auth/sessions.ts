import { createHash } from 'node:crypto'
import type { Clock } from '@brickyard/runtime/clock'
import type { Password } from '@brickyard/runtime/password'
import type { Random } from '@brickyard/runtime/random'
import { err, ok, type Result } from '@brickyard/std/result'
import { Refusal } from '../api/refusal.ts'
import type { HubConfig } from '../config.ts'
import type { HubStore } from '../store/hub-store.ts'
import {
  addSession,
  endSession,
  findSession,
  findUser,
  keepOnlyUsers,
  putUser,
} from '../store/users.ts'
import { createAttempts } from './attempts.ts'
import { isRole, type Principal } from './principal.ts'

const TOKEN_BYTES = 32
/** Password checks at once: each takes 19 MiB for tens of milliseconds. */
const CHECKS_MAX = 8

export interface Sessions {
  /** Brings the users of the configuration into the store. */
  bootstrap(): Promise<void>
  login(user: string, password: string, address: string): Promise<Result<Login, Refusal>>
  /** The principal behind a token, or undefined when it is not in force. */
  find(token: string): Promise<Principal | undefined>
  /** Who it is now, with the role of now; undefined when the session is over. */
  renew(principal: Principal): Promise<Principal | undefined>
  end(principal: Principal): Promise<void>
}

export interface Login {
  readonly token: string
  readonly principal: Principal
}

interface Ports {
  readonly config: HubConfig
  readonly clock: Clock
  readonly random: Random
  readonly password: Password
  readonly store: HubStore
}

export const hashToken = (token: string): string => createHash('sha256').update(token).digest('hex')

export function createSessions({ config, clock, random, password, store }: Ports): Sessions {
  const attempts = createAttempts(clock)
  let checks = 0
  /** Checked for a user that does not exist, so that the time tells nobody who does. */
  let decoy: string | undefined

  async function check(user: string, secret: string): Promise<boolean> {
    const row = await store.read((tx) => findUser(tx, user))
    decoy ??= await password.hash(Buffer.from(random.bytes(TOKEN_BYTES)).toString('base64url'))
    const right = await password.verify(row?.password_hash ?? decoy, secret)
    return right && row !== undefined
  }

  async function findBy(tokenHash: string): Promise<Principal | undefined> {
    const row = await store.read((tx) => findSession(tx, tokenHash, clock.wallMs()))
    if (row === undefined || !isRole(row.role)) return undefined
    return {
      user: row.user,
      role: row.role,
      tenant: row.tenant,
      owner: row.owner ?? undefined,
      expiresAtMs: row.expires_at_ms,
      tokenHash,
    }
  }

  return {
    async bootstrap() {
      const users = await Promise.all(
        config.users.map(async ({ name, password: secret, role, tenant, owner = null }) => {
          const held = await store.read((tx) => findUser(tx, name))
          const same = held !== undefined && (await password.verify(held.password_hash, secret))
          const password_hash = same ? held.password_hash : await password.hash(secret)
          return { name, role, tenant, owner, password_hash }
        }),
      )
      await store.write(async (tx) => {
        for (const user of users) await putUser(tx, user)
        await keepOnlyUsers(
          tx,
          users.map(({ name }) => name),
        )
      })
    },

    async login(user, secret, address) {
      const place = `${address} ${user}`
      const retryAfterSeconds = attempts.waitSeconds(place)
      if (retryAfterSeconds > 0) {
        const detail = 'too many failed attempts; wait and try again'
        return err(
          new Refusal({ status: 429, code: 'too-many-attempts', detail, retryAfterSeconds }),
        )
      }
      if (checks >= CHECKS_MAX) {
        const detail = 'too many people sign in at once; try again'
        return err(new Refusal({ status: 503, code: 'busy', detail, retryAfterSeconds: 1 }))
      }
      checks++
      const right = await check(user, secret).finally(() => {
        checks--
      })
      if (!right) {
        attempts.noteFailure(place)
        const detail = 'user or password is wrong'
        return err(new Refusal({ status: 401, code: 'wrong-login', detail }))
      }
      attempts.noteSuccess(place)
      const token = Buffer.from(random.bytes(TOKEN_BYTES)).toString('base64url')
      const created_at_ms = clock.wallMs()
      const expires_at_ms = created_at_ms + config.sessionMs
      const token_hash = hashToken(token)
      await store.write((tx) => addSession(tx, { token_hash, user, created_at_ms, expires_at_ms }))
      const principal = await this.find(token)
      if (principal === undefined) {
        const detail = 'the account was removed while signing in'
        return err(new Refusal({ status: 401, code: 'wrong-login', detail }))
      }
      return ok({ token, principal })
    },

    find: (token) => findBy(hashToken(token)),
    renew: ({ tokenHash }) => findBy(tokenHash),

    end: ({ tokenHash }) => store.write((tx) => endSession(tx, tokenHash)),
  }
}
