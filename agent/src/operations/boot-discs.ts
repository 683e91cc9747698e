import type { SledName } from '@brickyard/model/names'
import type { Clock } from '@brickyard/runtime/clock'
import { randomHex, type Random } from '@brickyard/runtime/random'
import { err, ok, type Result } from '@brickyard/std/result'
import type { Change, SiteStore } from '../store/site-store.ts'
import { hashToken } from './boot-intents.ts'

export const BOOT_DISC_TABLE = `
CREATE TABLE boot_disc (
  token_sha256 TEXT PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  sled TEXT NOT NULL,
  made_by TEXT NOT NULL,
  made_at_ms INTEGER NOT NULL,
  life_ms INTEGER NOT NULL,
  inserted INTEGER NOT NULL CHECK (inserted IN (0, 1))
) STRICT, WITHOUT ROWID
`

/** Of one sled at a time; more is a mistake, and each is a key. */
const OPEN_MAX = 4
/** 128 bits: nobody guesses one in a day. */
const TOKEN_BYTES = 16
const ID_BYTES = 4

/** A disc that was made and not yet used: a key to one claim of one sled. */
export interface MadeDisc {
  /** For people; not the token. */
  readonly id: string
  readonly sled: SledName
  readonly madeBy: string
  readonly madeAtMs: number
  /** Wall clock, for people. What counts is monotonic time. */
  readonly endsAtMs: number
  /** Somebody said that it is in the sled: operations may begin that boot from it. */
  readonly inserted: boolean
}

/**
 * Tokens that stand on discs. As a boot intent a disc is good for one claim, and its token is on no
 * disk of ours. It lives longer, for it is carried; so it is listed, it can be revoked, and its life
 * is chosen when it is made.
 */
export interface BootDiscs {
  /** Those that are open, of one sled or of all; oldest first. */
  open(sled?: string): readonly MadeDisc[]
  /** The token is in this answer and nowhere else. */
  make(sled: SledName, by: string, lifeMs: number): Result<{ disc: MadeDisc; token: string }>
  /** Somebody put it into its sled. */
  insert(id: string, by: string): Result<MadeDisc>
  revoke(id: string, by: string): Result<MadeDisc>
  /** The open disc that carries this token. */
  find(token: string): MadeDisc | undefined
  /** It is used up, in the transaction of its claim. */
  use(change: Change, disc: MadeDisc): void
  /** Sleds in which an inserted disc waits: they boot from that, not from the network. */
  inside(): ReadonlySet<string>
}

interface Row {
  readonly token_sha256: string
  readonly id: string
  readonly sled: SledName
  readonly made_by: string
  readonly made_at_ms: number
  readonly life_ms: number
  readonly inserted: number
}

interface Held extends MadeDisc {
  readonly hash: string
  readonly endsMs: number
}

export function createBootDiscs(parts: {
  readonly site: SiteStore
  readonly clock: Clock
  readonly random: Random
}): BootDiscs {
  const { site, clock, random } = parts
  const held = new Map<string, Held>()
  for (const row of site.read((sql) => sql.all<Row>('SELECT * FROM boot_disc'))) {
    held.set(row.id, fromRow(row, clock))
  }

  const living = (): Held[] => {
    const nowMs = clock.monotonicMs()
    return [...held.values()]
      .filter(({ endsMs }) => nowMs < endsMs)
      .sort((a, b) => a.madeAtMs - b.madeAtMs)
  }

  /** Those whose time is over go when somebody looks at them; nobody is let in by them before that. */
  function sweep(): void {
    const alive = new Set(living())
    const over = [...held.values()].filter((disc) => !alive.has(disc))
    if (over.length === 0) return
    site.commit((change) => {
      for (const disc of over) end(change, disc, 'expired', 'time')
    })
  }

  function end(change: Change, { id, sled }: MadeDisc, what: DiscNews, by: string): void {
    change.sql.run('DELETE FROM boot_disc WHERE id = ?', id)
    change.event('boot-disc.changed', { id, sled, state: what, by })
    change.after(() => held.delete(id))
  }

  const changed = (id: string, work: (change: Change, disc: Held) => void): Result<MadeDisc> => {
    const disc = living().find((one) => one.id === id)
    if (disc === undefined)
      return err('There is no such disc: it was used, revoked or has expired.')
    site.commit((change) => work(change, disc))
    return ok(disc)
  }

  return {
    open(sled) {
      sweep()
      return living().filter((disc) => sled === undefined || disc.sled === sled)
    },
    make(sled, by, lifeMs) {
      sweep()
      if (living().filter((disc) => disc.sled === sled).length >= OPEN_MAX) {
        return err(`${OPEN_MAX} discs of ${sled} are open. Revoke one that is not needed.`)
      }
      const token = randomHex(random, TOKEN_BYTES)
      const id = randomHex(random, ID_BYTES)
      const [hash, madeAtMs] = [hashToken(token), clock.wallMs()]
      const row = { token_sha256: hash, id, sled, made_by: by, made_at_ms: madeAtMs }
      const disc = fromRow({ ...row, life_ms: lifeMs, inserted: 0 }, clock)
      site.commit(({ sql, event, after }) => {
        sql.run(
          `INSERT INTO boot_disc (token_sha256, id, sled, made_by, made_at_ms, life_ms, inserted)
           VALUES (?, ?, ?, ?, ?, ?, 0)`,
          hash,
          id,
          sled,
          by,
          madeAtMs,
          lifeMs,
        )
        event('boot-disc.changed', { id, sled, state: 'made', by })
        after(() => held.set(id, disc))
      })
      return ok({ disc, token })
    },
    insert: (id, by) =>
      changed(id, ({ sql, event, after }, disc) => {
        if (disc.inserted) return
        sql.run('UPDATE boot_disc SET inserted = 1 WHERE id = ?', id)
        event('boot-disc.changed', { id, sled: disc.sled, state: 'inserted', by })
        after(() => held.set(id, { ...disc, inserted: true }))
      }),
    revoke: (id, by) => changed(id, (change, disc) => end(change, disc, 'revoked', by)),
    find(token) {
      const hash = hashToken(token)
      return living().find((disc) => disc.hash === hash)
    },
    use: (change, disc) => end(change, disc, 'used', 'its installer'),
    inside: () => new Set(living().flatMap(({ inserted, sled }) => (inserted ? [sled] : []))),
  }
}

type DiscNews = 'revoked' | 'used' | 'expired'

/**
 * Monotonic time begins anew with the process, so what is left is reckoned by the wall clock; one that
 * was set back or jumped gives no disc more than its whole life again.
 */
function fromRow(row: Row, clock: Clock): Held {
  const agedMs = Math.max(0, clock.wallMs() - row.made_at_ms)
  return {
    id: row.id,
    sled: row.sled,
    madeBy: row.made_by,
    madeAtMs: row.made_at_ms,
    endsAtMs: row.made_at_ms + row.life_ms,
    inserted: row.inserted === 1,
    hash: row.token_sha256,
    endsMs: clock.monotonicMs() + Math.max(0, row.life_ms - agedMs),
  }
}
