import { inMemorySessions, type SessionMemory } from '@brickyard/redfish/session-memory'
import type { Log } from '@brickyard/runtime/log'
import type { Sql, Store } from '@brickyard/runtime/store'

/** Of `readings.db`: a site that lost it leaves a few sessions to time out, no more. */
export const REDFISH_SESSION_TABLE = `
CREATE TABLE redfish_session (
  service TEXT NOT NULL,
  path TEXT NOT NULL,
  PRIMARY KEY (service, path)
) STRICT, WITHOUT ROWID
`

/**
 * Remembers on the disk which Redfish sessions are open, so that after a crash the next login gives
 * them back: BMCs hold few. A store that cannot be written costs the memory, never the session.
 */
export function createStoredSessions({
  store,
  log,
}: {
  readonly store: Store
  readonly log: Log
}): SessionMemory {
  const memory = inMemorySessions()
  const tried = (work: () => void): void => {
    try {
      work()
    } catch (error) {
      log.warn('a BMC session could not be remembered', { error: String(error) })
    }
  }
  tried(() => {
    for (const { service, path } of store.read((sql) =>
      sql.all<{ service: string; path: string }>('SELECT service, path FROM redfish_session'),
    )) {
      memory.keep(service, path)
    }
  })
  /** The rows of one service are what the memory holds of it, which is bounded. */
  const write = (service: string): void =>
    tried(() =>
      store.tx((sql: Sql) => {
        sql.run('DELETE FROM redfish_session WHERE service = ?', service)
        for (const path of memory.held(service)) {
          sql.run('INSERT INTO redfish_session (service, path) VALUES (?, ?)', service, path)
        }
      }),
    )

  return {
    held: (service) => memory.held(service),
    keep(service, path) {
      memory.keep(service, path)
      write(service)
    },
    drop(service, path) {
      memory.drop(service, path)
      write(service)
    },
  }
}
