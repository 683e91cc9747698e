import type { LeaseChange } from '@brickyard/dhcp/lease-machine'
import type { Lease } from '@brickyard/dhcp/lease-table'
import { Ipv4 } from '@brickyard/model/ipv4'
import type { Clock, Timer } from '@brickyard/runtime/clock'
import type { Log } from '@brickyard/runtime/log'
import type { Sql, Store } from '@brickyard/runtime/store'
import { Milliseconds } from '@brickyard/std/units'

/** One migration step of site.db. */
export const LEASE_TABLES = `
CREATE TABLE lease (
  network TEXT NOT NULL,
  address TEXT NOT NULL,
  client_key TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('bound', 'declined')),
  expires_wall_ms INTEGER NOT NULL,
  PRIMARY KEY (network, address)
) STRICT, WITHOUT ROWID`

/** Leases on disk. Many requests share one commit, and none is answered before its own. */
export interface LeaseStore {
  /**
   * Leases of a network, earliest expiry first, their time put onto the monotonic clock. A table that
   * cannot be read is set aside for people to look at, and begun anew: reserved addresses are known
   * all the same, and a client that renews a free address is taken at its word.
   */
  load(network: string, leaseSeconds: number): Lease[]
  /**
   * For how long from now nobody here knows who holds which address: a table was set aside, or a
   * whole database, and what it said may hold for as long as a lease. 0 where nothing was lost.
   */
  doubtMs(leaseSeconds: number): number
  /** Calls `settled` once: true when the changes are on the disk, false when they could not be. */
  commit(network: string, changes: readonly LeaseChange[], settled: (saved: boolean) => void): void
  /** Commits what waits, and settles it, at once. */
  flush(): void
}

/** What an ACK may be late so that others can share its fsync; no client notices. */
const GROUP_WAIT_MS_MIN = Milliseconds(2)
/**
 * A commit stops everything else meanwhile. So a group gathers for as long as the last commit took,
 * and on while clients keep joining it, but no longer than this: short groups on a slow disk, or in
 * a storm of clients, would leave no time to hear the next ones.
 */
const GROUP_WAIT_MS_MAX = Milliseconds(10)
/** How often a group that has waited is looked at: nobody joined it since, so nobody is coming. */
const GROUP_LOOK_MS = Milliseconds(1)
/**
 * So many clients are answered in one go, and what has arrived is heard before the next: a relay that
 * gets the answers of a whole group at once has no room for the last of them.
 */
const SETTLED_AT_ONCE = 16
/** A full group is written at once, so that what waits for one commit is bounded. */
const GROUP_REQUESTS_MAX = 256

interface Waiting {
  readonly network: string
  readonly changes: readonly LeaseChange[]
  readonly settled: (saved: boolean) => void
}

export function createLeaseStore(parts: {
  readonly store: Store
  readonly clock: Clock
  readonly log: Log
  /** What is wrong with the leases on the disk; undefined: nothing. */
  readonly trouble?: (reason: string | undefined) => void
}): LeaseStore {
  const { store, clock, log, trouble } = parts
  let group: Waiting[] = []
  let timer: Timer | undefined
  let beganMs = 0
  let waitMs = GROUP_WAIT_MS_MIN

  /** Commits the group, unless it has grown beyond what it was and may grow on. */
  const look = (before: number): void => {
    const mayGrow = clock.monotonicMs() - beganMs < GROUP_WAIT_MS_MAX
    const now = group.length
    if (now > before && mayGrow) timer = clock.after(GROUP_LOOK_MS, () => look(now))
    else flush()
  }

  const settle = (answered: readonly Waiting[], saved: boolean, atOnce: number): void => {
    for (const { settled } of answered.slice(0, atOnce)) settled(saved)
    const rest = answered.slice(atOnce)
    if (rest.length > 0) clock.after(0, () => settle(rest, saved, atOnce))
  }

  const flush = (settledAtOnce = SETTLED_AT_ONCE): void => {
    timer?.cancel()
    timer = undefined
    const full = group
    if (full.length === 0) return
    group = []
    const toWallMs = clock.wallMs() - clock.monotonicMs()
    const fromMs = clock.monotonicMs()
    let saved = true
    try {
      store.tx((sql) => {
        for (const { network, changes } of full) {
          for (const change of changes) write(sql, network, change, toWallMs)
        }
      })
    } catch (error) {
      saved = false
      log.error('leases could not be saved; no ACK was sent', {
        requests: full.length,
        error: String(error),
      })
    }
    const tookMs = clock.monotonicMs() - fromMs
    waitMs = Math.min(Math.max(tookMs, GROUP_WAIT_MS_MIN), GROUP_WAIT_MS_MAX)
    settle(full, saved, settledAtOnce)
  }

  return {
    load(network, leaseSeconds) {
      try {
        const { leases, unreadable } = load(store, clock, network, leaseSeconds)
        if (unreadable > 0) log.warn('leases that make no sense', { network, unreadable })
        return leases
      } catch (error) {
        const reason = setAside(store, clock.wallMs(), String(error))
        log.error('the table of leases is damaged', { network, reason })
        trouble?.(reason)
        return []
      }
    },
    doubtMs: (leaseSeconds) => doubtMs(store, clock, leaseSeconds),
    commit(network, changes, settled) {
      group.push({ network, changes, settled })
      if (group.length >= GROUP_REQUESTS_MAX) return flush()
      if (timer !== undefined) return
      beganMs = clock.monotonicMs()
      timer = clock.after(waitMs, () => look(1))
    },
    flush: () => flush(Number.POSITIVE_INFINITY),
  }
}

function write(sql: Sql, network: string, change: LeaseChange, toWallMs: number): void {
  if (change.kind === 'forget') {
    sql.run('DELETE FROM lease WHERE network = ? AND address = ?', network, change.address)
    return
  }
  const { address, key, state, expiresAtMs } = change.lease
  sql.run(
    `INSERT INTO lease (network, address, client_key, state, expires_wall_ms) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT (network, address) DO UPDATE SET
       client_key = excluded.client_key, state = excluded.state, expires_wall_ms = excluded.expires_wall_ms`,
    network,
    address,
    key,
    state,
    Math.round(expiresAtMs + toWallMs),
  )
}

interface LeaseRow {
  readonly address: unknown
  readonly client_key: unknown
  readonly state: unknown
  readonly expires_wall_ms: unknown
}

/**
 * The wall clock may be wrong after a cold start. A lease is never given more than a whole lease
 * time from it, and one that seems over keeps its address for the client that had it.
 */
function load(
  store: Store,
  clock: Clock,
  network: string,
  leaseSeconds: number,
): { leases: Lease[]; unreadable: number } {
  const rows = store.read((sql) =>
    sql.all<LeaseRow>(
      `SELECT address, client_key, state, expires_wall_ms FROM lease
       WHERE network = ? ORDER BY expires_wall_ms`,
      network,
    ),
  )
  const [wallMs, monotonicMs] = [clock.wallMs(), clock.monotonicMs()]
  const leases = rows.flatMap(
    ({ address: text, client_key: key, state, expires_wall_ms: ends }) => {
      const address = Ipv4.parse(String(text))
      const isState = state === 'bound' || state === 'declined'
      if (!address.ok || !isState || typeof key !== 'string' || typeof ends !== 'number') return []
      const leftMs = Math.min(Math.max(ends - wallMs, 0), leaseSeconds * 1000)
      return [{ address: address.value, key, state, expiresAtMs: monotonicMs + leftMs } as const]
    },
  )
  return { leases, unreadable: rows.length - leases.length }
}

/** A table that was set aside: with the time, in ms since 1970. */
const ASIDE = 'lease_damaged_'

/** The whole database was set aside, and its leases with it: notes it in the new one, as for a table. */
export function noteLostLeases(store: Store, wallMs: number): void {
  store.tx((sql) => sql.run(`CREATE TABLE ${ASIDE}${Math.floor(wallMs)} (network TEXT) STRICT`))
}

/** By the names of tables that were set aside, so that a restart does not forget it. */
function doubtMs(store: Store, clock: Clock, leaseSeconds: number): number {
  const names = store.read((sql) =>
    sql.all<{ name: string }>(
      "SELECT name FROM sqlite_master WHERE type = 'table' AND substr(name, 1, ?) = ?",
      ASIDE.length,
      ASIDE,
    ),
  )
  const ages = names.map(({ name }) => clock.wallMs() - Number(name.slice(ASIDE.length)))
  // The clock may have been set back since.
  const sinceMs = ages.map((ageMs) => leaseSeconds * 1000 - Math.max(0, ageMs))
  return Math.max(0, ...sinceMs)
}

/** Keeps what is there under another name and begins an empty table; says what was done. */
function setAside(store: Store, wallMs: number, why: string): string {
  const aside = `${ASIDE}${Math.floor(wallMs)}`
  try {
    store.tx((sql) => {
      sql.run(`ALTER TABLE lease RENAME TO ${aside}`)
      sql.run(LEASE_TABLES)
    })
    return `the leases could not be read (${why}); they are set aside as ${aside}, and a new table is begun`
  } catch (error) {
    return `the leases can neither be read (${why}) nor set aside (${String(error)}): no address is given`
  }
}
