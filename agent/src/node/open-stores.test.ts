import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { migrate } from '@brickyard/runtime/store'
import { recordingLog } from '@brickyard/sim/recording-log'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { silentLog, standingClock } from '../netboot/dhcp-rig.ts'
import { createLeaseStore } from '../netboot/lease-store.ts'
import { SITE_MIGRATIONS } from '../store/migrations.ts'
import { openStores } from './open-stores.ts'

const LEASE_SECONDS = 3600

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'brickyard-stores-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** Opens and closes the databases; gives how long leases are in doubt. */
function opened(log = silentLog): number {
  const { clock } = standingClock()
  const { store, readings } = openStores(folder, log, clock.wallMs())
  migrate(store, SITE_MIGRATIONS)
  const doubtMs = createLeaseStore({ store, clock, log }).doubtMs(LEASE_SECONDS)
  for (const one of [store, readings]) one.close()
  return doubtMs
}

describe('the databases of an appliance', () => {
  it('are opened again as they were', () => {
    opened()
    const before = readFileSync(join(folder, 'site.db'))
    expect(opened()).toBe(0)
    expect(readFileSync(join(folder, 'site.db')).equals(before)).toBe(true)
    expect(readdirSync(folder).filter((name) => name.includes('damaged'))).toEqual([])
  })

  it('that are none any more are set aside, and their leases are known to be lost', () => {
    opened()
    const damaged = Buffer.from('no database at all, for longer than a header is '.repeat(99))
    writeFileSync(join(folder, 'site.db'), damaged)
    const log = recordingLog()
    expect(opened(log)).toBe(LEASE_SECONDS * 1000)
    expect(log.lines.map(({ message }) => message)).toContain(
      'a database cannot be read and is set aside',
    )
    expect(readFileSync(join(folder, 'site.db.damaged-5000')).equals(damaged)).toBe(true)
    expect(opened()).toBe(LEASE_SECONDS * 1000)
  })

  it('of readings may be lost without any lease in doubt', () => {
    opened()
    writeFileSync(join(folder, 'readings.db'), 'nothing that could be read as a database')
    expect(opened()).toBe(0)
    expect(readdirSync(folder)).toContain('readings.db.damaged-5000')
  })
})
