import { createHash } from 'node:crypto'
import type { Clock } from '@brickyard/runtime/clock'
import { randomHex, type Random } from '@brickyard/runtime/random'
import { err, ok, type Result } from '@brickyard/std/result'
import { Minutes } from '@brickyard/std/units'
import type { Change, SiteStore } from '../store/site-store.ts'
import type { Operation } from './operation.ts'

/** How long an intent is good, in monotonic time (DESIGN.md §3). */
export const INTENT_MS = Minutes(10)
/** A token is handed out only with this much life left: loading and starting the installer takes its time. */
const INTENT_LEFT_MIN_MS = Minutes(4)
/** 128 bits: nobody guesses one in ten minutes. */
const TOKEN_BYTES = 16

/** Why a claim is refused; `status` is what the installer's wire answers. */
export interface ClaimRefusal {
  readonly status: 403 | 409
  readonly reason: string
  readonly sled: string | null
}

/**
 * Boot intents: short-lived permissions for one sled to netboot its installer, good for one claim.
 * The disk holds only the hash of a token; the token itself is in memory, in the sled's script, and
 * nowhere else. One that was handed out before the agent restarted can still be claimed.
 */
export interface BootIntents {
  /** The token for the sled's script. The same one until it is used, ended, or too short of life. */
  tokenFor(operation: Operation): string
  /** Which operation a living token belongs to; one that was claimed lives as long as that. */
  find(token: string): Result<FoundIntent, ClaimRefusal>
  /** Takes in a token that came by another way than a script, in the caller's transaction. */
  add(
    change: Change,
    token: string,
    of: { readonly operation: string; readonly sled: string },
  ): void
  /** Consumes the token, and with it every other of the operation, in the caller's transaction. */
  consume(change: Change, token: string, operation: string): void
  /** Forgets everything of an operation that is over, in the caller's transaction. */
  close(change: Change, operation: string): void
}

export interface FoundIntent {
  readonly operation: string
  readonly sled: string
  /** It was claimed: only the same claim again may still be answered. */
  readonly claimed: boolean
}

interface Intent extends FoundIntent {
  readonly expiresMs: number
}

export const hashToken = (token: string): string => createHash('sha256').update(token).digest('hex')

export function createBootIntents(parts: {
  readonly site: SiteStore
  readonly clock: Clock
  readonly random: Random
}): BootIntents {
  const { site, clock, random } = parts
  const intents = new Map<string, Intent>()
  const current = new Map<string, { readonly token: string; readonly expiresMs: number }>()
  // Monotonic time starts anew with the process: what was open gets its ten minutes from here.
  for (const row of site.read((sql) =>
    sql.all<{ token_sha256: string; operation: string; sled: string; state: string }>(
      `SELECT token_sha256, operation, sled, state FROM intent WHERE state <> 'closed'`,
    ),
  )) {
    const { operation, sled } = row
    const expiresMs = clock.monotonicMs() + INTENT_MS
    intents.set(row.token_sha256, { operation, sled, expiresMs, claimed: row.state === 'claimed' })
  }

  const add: BootIntents['add'] = ({ sql, wallMs, after }, token, { operation, sled }) => {
    const hash = hashToken(token)
    const expiresMs = clock.monotonicMs() + INTENT_MS
    sql.run(
      `INSERT INTO intent (token_sha256, operation, sled, state, opened_at_ms) VALUES (?, ?, ?, 'open', ?)`,
      hash,
      operation,
      sled,
      wallMs,
    )
    after(() => intents.set(hash, { operation, sled, expiresMs, claimed: false }))
  }

  return {
    add,
    tokenFor(operation) {
      const nowMs = clock.monotonicMs()
      const held = current.get(operation.id)
      if (held !== undefined && held.expiresMs - nowMs >= INTENT_LEFT_MIN_MS) return held.token
      const token = randomHex(random, TOKEN_BYTES)
      const { id, sled } = operation
      site.commit((change) => add(change, token, { operation: id, sled }))
      current.set(id, { token, expiresMs: nowMs + INTENT_MS })
      return token
    },
    find(token) {
      const intent = intents.get(hashToken(token))
      if (intent === undefined) {
        return err({ status: 403, reason: 'there is no such boot intent', sled: null })
      }
      const { operation, sled, claimed, expiresMs } = intent
      if (!claimed && clock.monotonicMs() >= expiresMs) {
        return err({ status: 403, reason: 'this boot intent has expired', sled })
      }
      return ok({ operation, sled, claimed })
    },
    consume({ sql, after }, token, operation) {
      const hash = hashToken(token)
      sql.run(
        `UPDATE intent SET state = 'closed' WHERE operation = ? AND state = 'open'`,
        operation,
      )
      sql.run(`UPDATE intent SET state = 'claimed' WHERE token_sha256 = ?`, hash)
      after(() => {
        for (const [held, intent] of intents) {
          if (intent.operation !== operation || intent.claimed) continue
          if (held === hash) intents.set(held, { ...intent, claimed: true })
          else intents.delete(held)
        }
        current.delete(operation)
      })
    },
    close({ sql, after }, operation) {
      sql.run('DELETE FROM intent WHERE operation = ?', operation)
      after(() => {
        for (const [held, intent] of intents) {
          if (intent.operation === operation) intents.delete(held)
        }
        current.delete(operation)
      })
    },
  }
}
