import { createPublicKey, type KeyObject } from 'node:crypto'
import { openAct, type SignedAct } from '@brickyard/protocol/acts'
import type { Clock } from '@brickyard/runtime/clock'
import type { Log } from '@brickyard/runtime/log'
import { Days } from '@brickyard/std/units'
import { noteActResult } from '../operations/conclude.ts'
import type { SiteOperations } from '../operations/site-operations.ts'
import type { SiteStore } from '../store/site-store.ts'

/** Results are kept so long: an act that comes again meanwhile is answered, not done again. */
const RESULTS_KEPT_MS = Days(30)

/** Takes acts of the hub: genuine, for this site, in time, and each id at most once. */
export interface ActsInbox {
  take(signed: SignedAct): void
}

export function createActsInbox(parts: {
  readonly site: SiteStore
  readonly siteName: string
  readonly clock: Clock
  readonly log: Log
  readonly actKeyPem: string
  readonly operations: Pick<SiteOperations, 'request'>
  /** False until wall time was proven since the start: an expiry means nothing before. */
  readonly clockProven: () => boolean
}): ActsInbox {
  const { site, siteName, clock, log, operations } = parts
  const key: KeyObject = createPublicKey(parts.actKeyPem)

  return {
    take(signed) {
      const opened = openAct(signed, key, siteName, clock.wallMs())
      if (!opened.ok) {
        // Without a good signature even its id is hearsay: nothing is answered, it is only told.
        log.warn('an act was refused', { reason: opened.error })
        const refused = refusedId(signed, opened.error)
        if (refused !== undefined) answerOnce(refused, opened.error)
        return
      }
      const { id, sled, act, by } = opened.value
      if (!parts.clockProven()) return answerOnce(id, 'clock unproven')
      site.commit((change) => {
        change.sql.run('DELETE FROM act WHERE received_at_ms < ?', change.wallMs - RESULTS_KEPT_MS)
        const known = change.sql.get<{ ok: number | null; reason: string | null }>(
          'SELECT ok, reason FROM act WHERE id = ?',
          id,
        )
        if (known !== undefined) {
          // Asked again: the hub may have missed the result; one that still runs will tell.
          if (known.ok !== null) noteActResult(change, id, known.ok === 1, known.reason)
          return
        }
        change.sql.run('INSERT INTO act (id, received_at_ms) VALUES (?, ?)', id, change.wallMs)
        const begun = operations.request({ sled, act, by, actId: id }, change)
        if (!begun.ok) noteActResult(change, id, false, begun.error)
        else if (begun.value === undefined) noteActResult(change, id, true, null)
      })
    },
  }

  /** The id of a genuine act that came too late or too early; a forged one has none. */
  function refusedId(signed: SignedAct, reason: string): string | undefined {
    if (reason.includes('signature') || reason.includes('meant for site')) return undefined
    const beyondTime = openAct(signed, key, siteName, notBeforeOf(signed))
    return beyondTime.ok ? beyondTime.value.id : undefined
  }

  function answerOnce(id: string, reason: string): void {
    site.commit((change) => {
      const known = change.sql.get('SELECT id FROM act WHERE id = ?', id)
      if (known !== undefined) return
      change.sql.run('INSERT INTO act (id, received_at_ms) VALUES (?, ?)', id, change.wallMs)
      noteActResult(change, id, false, reason)
    })
  }
}

/** A time at which the act was good, if it ever was. */
function notBeforeOf(signed: SignedAct): number {
  try {
    const payload = JSON.parse(Buffer.from(signed.payload, 'base64').toString('utf8')) as unknown
    const at = (payload as { notBeforeMs?: unknown } | null)?.notBeforeMs
    return typeof at === 'number' ? at : 0
  } catch {
    return 0
  }
}
