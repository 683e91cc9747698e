import type { Clock, Timer } from '@brickyard/runtime/clock'
import type { Log } from '@brickyard/runtime/log'
import type { Sql } from '@brickyard/runtime/store'
import { Minutes } from '@brickyard/std/units'
import { writeMeta } from './store/journal.ts'
import type { Change, SiteStore } from './store/site-store.ts'

/**
 * What is wrong with the appliance now. A trouble is told when it comes, when it changes and when it
 * is over. It is kept on the disk, so that the end of one is told by whichever run of the agent
 * sees it.
 */
export interface Troubles {
  /** Sets or (undefined) lifts a trouble. */
  set(what: string, reason: string | undefined): void
  now(): ReadonlyMap<string, string>
  /** Tells all of them again: who heard of them may have been told of others since. */
  tellAgain(change: Change): void
  /** Nothing is well again because nobody looks any more: what is said from now on counts for nothing. */
  stop(): void
}

/** Whoever finds troubles has looked again by then: the slowest, for other DHCP servers, in 10 minutes. */
const LOOKED_AGAIN_MS = Minutes(30)
/** A trouble that nobody looks for any more, e.g. of a network that is gone. */
const NOT_FOUND = 'it was not found again since the agent started'

const WELL = 'it is well again'
const WHAT_CHARS_MAX = 120
const REASON_CHARS_MAX = 2000
/** Keys of `meta` that keep them over a restart. */
const KEPT = 'trouble/'

export function createTroubles({
  site,
  clock,
  log,
}: {
  readonly site: SiteStore
  readonly clock: Clock
  readonly log: Log
}): Troubles {
  const present = new Map(site.read(keptTroubles))
  /** Told by an earlier run, and by none of this one. */
  const inherited = new Set(present.keys())
  let stopped = false

  function change(what: string, reason: string | undefined, told: string): void {
    if (reason === undefined) present.delete(what)
    else present.set(what, reason)
    log.warn('trouble', { what, reason: told })
    try {
      site.commit((made) => {
        keep(made, what, reason)
        tell(made, what, told, reason === undefined)
      })
    } catch (error) {
      log.error('a trouble could not be recorded', { what, error: String(error) })
    }
  }

  const timer: Timer | undefined =
    inherited.size === 0
      ? undefined
      : clock.after(LOOKED_AGAIN_MS, () => {
          for (const what of inherited) change(what, undefined, NOT_FOUND)
          inherited.clear()
        })

  return {
    set(named, said) {
      const what = named.slice(0, WHAT_CHARS_MAX)
      const reason = said?.slice(0, REASON_CHARS_MAX)
      if (stopped) return
      inherited.delete(what)
      if (present.get(what) !== reason) change(what, reason, reason ?? WELL)
    },
    now: () => present,
    tellAgain(made) {
      for (const [what, reason] of present) {
        keep(made, what, reason)
        tell(made, what, reason, false)
      }
    },
    stop() {
      stopped = true
      timer?.cancel()
    },
  }
}

const keptTroubles = (sql: Sql): [what: string, reason: string][] =>
  sql
    .all<{ key: string; value: string }>('SELECT key, value FROM meta ORDER BY key')
    .filter(({ key }) => key.startsWith(KEPT))
    .map(({ key, value }) => [key.slice(KEPT.length), value])

function keep({ sql }: Change, what: string, reason: string | undefined): void {
  if (reason === undefined) sql.run('DELETE FROM meta WHERE key = ?', `${KEPT}${what}`)
  else writeMeta(sql, `${KEPT}${what}`, reason)
}

const tell = (change: Change, what: string, reason: string, over: boolean): void =>
  change.event('site.trouble', { what, reason, ...(over ? { over } : {}) })
