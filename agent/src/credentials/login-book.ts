import type { SledName } from '@brickyard/model/names'
import type { BmcDeclaration } from '@brickyard/model/rack'
import { decodeLogin, encodeLogin, type BmcLogin } from '@brickyard/model/sealed-login'
import type { Log } from '@brickyard/runtime/log'
import type { Credentials } from '../agent-ports.ts'
import { ackedSeq, lastSeq } from '../store/journal.ts'
import type { Change, SiteStore } from '../store/site-store.ts'

/** Logins of BMCs, sealed under the site's key. Of `site.db`: changed together with the journal. */
export const LOGIN_TABLE = `
CREATE TABLE bmc_login (
  sled TEXT NOT NULL,
  standing TEXT NOT NULL CHECK (standing IN ('using', 'coming', 'leaving', 'given')),
  user TEXT NOT NULL,
  sealed BLOB NOT NULL,
  document TEXT NOT NULL,
  PRIMARY KEY (sled, standing)
) STRICT, WITHOUT ROWID
`

/**
 * - `using`: proven, and what the site logs in with.
 * - `coming`: sealed for recovery, and perhaps on the BMC already.
 * - `leaving`: what was used before, until it is retired.
 * - `given`: handed over by somebody and not tried yet, or refused.
 */
export type Standing = 'using' | 'coming' | 'leaving' | 'given'

/**
 * Where a login came from: the site made it, somebody gave it, or the site made it for one login
 * alone (it went over plain HTTP, and no recovery holds it).
 */
export type Origin = 'made' | 'given' | 'once'

interface LoginNote {
  readonly origin: Origin
  /** The rotation that made it. */
  readonly operation: string | null
  /** The event that took it to the hub, and which recovery key it was sealed to. */
  readonly told: { readonly epoch: string; readonly seq: number; readonly keyId: string } | null
}

export interface HeldLogin extends BmcLogin, LoginNote {}

/** A login to try, and whence it is known. */
export interface Candidate extends BmcLogin {
  readonly standing: Standing | 'declared'
}

/** Whether the hub keeps the sealed login that a rotation is about to write. */
export type SealedState = 'none' | 'waiting' | 'acknowledged'

/** Which logins the site knows of each BMC. A login in use is only ever replaced by a proven one. */
export interface LoginBook {
  held(sled: SledName, standing: Standing): HeldLogin | undefined
  /** The login that the site uses: a proven one, else one that was given. */
  inUse(sled: SledName, declared: BmcDeclaration): Candidate | undefined
  /** Every login that may work, the likeliest first. */
  candidates(sled: SledName, declared: BmcDeclaration): readonly Candidate[]
  sealedState(sled: SledName, operation: string): SealedState
  put(change: Change, sled: SledName, standing: Standing, login: BmcLogin & LoginNote): void
  drop(change: Change, sled: SledName, standing: Standing): void
  /** Notes that the newest event of this change took the login to the hub, sealed. */
  toldNow(change: Change, keyId: string): LoginNote['told']
}

const loginOnly = ({ user, password, bmcKey }: BmcLogin): BmcLogin =>
  bmcKey === undefined ? { user, password } : { user, password, bmcKey }

const isUsed = ({ standing }: Candidate): boolean =>
  standing === 'using' || standing === 'given' || standing === 'declared'

export function createLoginBook(parts: {
  readonly site: SiteStore
  readonly credentials: Credentials
  readonly log: Log
}): LoginBook {
  const { site, credentials, log } = parts
  /** Records that were told of: another key does not come back by itself. */
  const unreadable = new Set<string>()

  function held(sled: SledName, standing: Standing): HeldLogin | undefined {
    const row = site.read((sql) =>
      sql.get<{ sealed: Uint8Array; document: string }>(
        'SELECT sealed, document FROM bmc_login WHERE sled = ? AND standing = ?',
        sled,
        standing,
      ),
    )
    if (row === undefined) return undefined
    const opened = credentials.open(sled, row.sealed)
    const login = opened.ok ? decodeLogin(Buffer.from(opened.value, 'utf8')) : opened
    if (!login.ok) {
      const told = `${sled}/${standing}`
      if (!unreadable.has(told)) {
        unreadable.add(told)
        log.warn('a login of a BMC cannot be opened', { sled, standing, why: login.error })
      }
      return undefined
    }
    const note = JSON.parse(row.document) as LoginNote
    return { ...login.value, ...note }
  }

  function candidatesOf(sled: SledName, { user }: BmcDeclaration): readonly Candidate[] {
    const of = (standing: Standing): Candidate[] => {
      const login = held(sled, standing)
      return login === undefined ? [] : [{ standing, ...loginOnly(login) }]
    }
    const given = credentials.bmcPassword(sled)
    const declared: Candidate[] = given.ok
      ? [{ standing: 'declared', user, password: given.value }]
      : []
    const using = of('using')
    const others = [...of('leaving'), ...of('coming')]
    const told = [...of('given'), ...declared]
    return using.length > 0 ? [...using, ...others, ...told] : [...told, ...others]
  }

  return {
    held,
    inUse: (sled, declared) => candidatesOf(sled, declared).find(isUsed),
    candidates: candidatesOf,
    sealedState(sled, operation) {
      const coming = held(sled, 'coming')
      if (coming?.operation !== operation || coming.told === null) return 'none'
      // A journal begun anew numbers its events anew: what was told before counts for nothing.
      if (coming.told.epoch !== site.epoch) return 'none'
      return site.read(ackedSeq) >= coming.told.seq ? 'acknowledged' : 'waiting'
    },
    put(change, sled, standing, { origin, operation, told, ...login }) {
      const text = Buffer.from(encodeLogin(loginOnly(login))).toString('utf8')
      const sealed = credentials.seal(sled, text)
      const document = JSON.stringify({ origin, operation, told } satisfies LoginNote)
      change.sql.run(
        `INSERT INTO bmc_login (sled, standing, user, sealed, document) VALUES (?, ?, ?, ?, ?)
         ON CONFLICT (sled, standing) DO UPDATE SET
           user = excluded.user, sealed = excluded.sealed, document = excluded.document`,
        sled,
        standing,
        login.user,
        sealed,
        document,
      )
    },
    drop: (change, sled, standing) =>
      void change.sql.run('DELETE FROM bmc_login WHERE sled = ? AND standing = ?', sled, standing),
    toldNow: (change, keyId) => ({ epoch: site.epoch, seq: lastSeq(change.sql), keyId }),
  }
}
