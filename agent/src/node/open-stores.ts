import { mkdirSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import type { Log } from '@brickyard/runtime/log'
import { openNodeStore } from '@brickyard/runtime/node/store'
import type { Store } from '@brickyard/runtime/store'
import { MiB } from '@brickyard/std/units'
import { noteLostLeases } from '../netboot/lease-store.ts'

/** The journal's own bound keeps it far below; this stops a fault from filling the disk. */
const SITE_BYTES_MAX = MiB(512)
const READINGS_BYTES_MAX = MiB(64)
const SITE = 'site.db'

/**
 * Opens the appliance's two databases. One that is no database any more is set aside under a name
 * with the time, never overwritten: the site comes up from the wanted state and the network.
 */
export function openStores(
  stateFolder: string,
  log: Log,
  nowMs: number,
): { readonly store: Store; readonly readings: Store } {
  mkdirSync(stateFolder, { recursive: true, mode: 0o700 })
  const open = (name: string, durable: boolean, bytesMax: number): Store => {
    const path = join(stateFolder, name)
    try {
      return checked(openNodeStore({ path, durable, bytesMax }))
    } catch (error) {
      if (!isDamage(error)) throw error
      const aside = `${path}.damaged-${nowMs}`
      log.error('a database cannot be read and is set aside', { path, aside, error: String(error) })
      for (const end of ['', '-wal', '-shm']) setAside(`${path}${end}`, `${aside}${end}`)
      const begun = openNodeStore({ path, durable, bytesMax })
      if (name === SITE) noteLostLeases(begun, nowMs)
      return begun
    }
  }
  return {
    store: open(SITE, true, SITE_BYTES_MAX),
    readings: open('readings.db', false, READINGS_BYTES_MAX),
  }
}

function checked(store: Store): Store {
  const row = store.read((sql) => sql.get<{ quick_check: string }>('PRAGMA quick_check(1)'))
  if (row?.quick_check === 'ok') return store
  store.close()
  throw new Damaged(`quick_check says: ${row?.quick_check ?? 'nothing'}`)
}

class Damaged extends Error {
  readonly code = 'SQLITE_CORRUPT'
}

/** A full disk or a missing permission is no damage: those files are good and stay where they are. */
const isDamage = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && /^SQLITE_(CORRUPT|NOTADB)/.test(String(error.code))

function setAside(from: string, to: string): void {
  try {
    renameSync(from, to)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error
  }
}
