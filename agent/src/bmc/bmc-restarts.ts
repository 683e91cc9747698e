import type { SledName } from '@brickyard/model/names'
import type { Clock } from '@brickyard/runtime/clock'
import { Hours } from '@brickyard/std/units'
import type { SiteStore } from '../store/site-store.ts'

/** Of `site.db`: when each BMC was last restarted. A restart of the agent is no reason for another. */
export const BMC_RESTART_TABLE = `
CREATE TABLE bmc_restart (sled TEXT PRIMARY KEY, at_ms INTEGER NOT NULL) STRICT, WITHOUT ROWID
`

/** A restart takes minutes and helps or does not; one that is repeated hides what is wrong. */
const LEAST_MS = Hours(1)

/** At most one restart of a BMC an hour. */
export interface BmcRestarts {
  /** Why the BMC of this sled may not be restarted now. */
  held(sled: SledName): string | undefined
  note(sled: SledName): void
}

export function createBmcRestarts({
  site,
  clock,
}: {
  readonly site: SiteStore
  readonly clock: Clock
}): BmcRestarts {
  return {
    held(sled) {
      const row = site.read((sql) =>
        sql.get<{ at_ms: number }>('SELECT at_ms FROM bmc_restart WHERE sled = ?', sled),
      )
      // A clock that was set back would hold it for ever: more than an hour off either way is past.
      const sinceMs = Math.abs(clock.wallMs() - (row?.at_ms ?? -Infinity))
      if (sinceMs >= LEAST_MS) return undefined
      const minutes = Math.ceil((LEAST_MS - sinceMs) / 60_000)
      return `its BMC was restarted less than an hour ago; the next may be in ${minutes} minutes`
    },
    note(sled) {
      site.commit(({ sql, wallMs }) =>
        sql.run(
          'INSERT INTO bmc_restart (sled, at_ms) VALUES (?, ?) ON CONFLICT (sled) DO UPDATE SET at_ms = excluded.at_ms',
          sled,
          wallMs,
        ),
      )
    },
  }
}
