import type { Reading, SensorDetail } from '@brickyard/protocol/frames'
import { migrate, type Store } from '@brickyard/runtime/store'
import type { Clock } from '@brickyard/runtime/clock'
import type { Log } from '@brickyard/runtime/log'
import { READINGS_MIGRATIONS } from '../store/migrations.ts'

/** Keys remembered at most: a rack of 48 sleds has a few hundred. Beyond it the oldest goes. */
const KEYS_MAX = 4000

/** Latest values (power, progress): the newest of each key wins, none ever delays an event. */
export interface ReadingsBuffer {
  put(key: string, value: Reading['value'], unit: string | null, sensor?: SensorDetail): void
  latest(key: string): Reading | undefined
  /** Takes what changed since it was last taken, at most `countMax`. */
  takeChanged(countMax: number): Reading[]
  /** Everything is to be sent anew: a new connection. */
  resend(): void
  /** Writes what changed to the disposable store. */
  save(): void
}

export function createReadingsBuffer(parts: {
  readonly store: Store
  readonly clock: Clock
  readonly log: Log
}): ReadingsBuffer {
  const { store, clock, log } = parts
  const values = new Map<string, Reading>()
  const changed = new Set<string>()
  const unsaved = new Set<string>()
  try {
    migrate(store, READINGS_MIGRATIONS)
    for (const row of store.read((sql) =>
      sql.all<{ key: string; value: string; unit: string | null; at_ms: number }>(
        'SELECT key, value, unit, at_ms FROM reading ORDER BY at_ms LIMIT ?',
        KEYS_MAX,
      ),
    )) {
      const value = JSON.parse(row.value) as Reading['value']
      values.set(row.key, { key: row.key, value, unit: row.unit, atMs: row.at_ms })
    }
  } catch (error) {
    log.warn('old readings could not be read; they will be read anew', { error: String(error) })
  }

  return {
    put(key, value, unit, sensor) {
      values.delete(key)
      const reading = { key, value, unit, atMs: clock.wallMs() }
      values.set(key, sensor === undefined ? reading : { ...reading, sensor })
      changed.add(key)
      unsaved.add(key)
      if (values.size > KEYS_MAX) {
        const oldest = values.keys().next().value as string
        values.delete(oldest)
        changed.delete(oldest)
        unsaved.delete(oldest)
      }
    },
    latest: (key) => values.get(key),
    takeChanged(countMax) {
      const keys = [...changed].slice(0, countMax)
      for (const key of keys) changed.delete(key)
      return keys.flatMap((key) => values.get(key) ?? [])
    },
    resend() {
      for (const key of values.keys()) changed.add(key)
    },
    save() {
      if (unsaved.size === 0) return
      try {
        store.tx((sql) => {
          for (const key of unsaved) {
            const reading = values.get(key)
            if (reading === undefined) continue
            sql.run(
              `INSERT INTO reading (key, value, unit, at_ms) VALUES (?, ?, ?, ?)
               ON CONFLICT (key) DO UPDATE SET value = excluded.value, unit = excluded.unit, at_ms = excluded.at_ms`,
              key,
              JSON.stringify(reading.value),
              reading.unit,
              reading.atMs,
            )
          }
          sql.run(
            'DELETE FROM reading WHERE key NOT IN (SELECT key FROM reading ORDER BY at_ms DESC LIMIT ?)',
            KEYS_MAX,
          )
        })
        unsaved.clear()
      } catch (error) {
        log.warn('readings could not be saved', { error: String(error) })
      }
    },
  }
}
