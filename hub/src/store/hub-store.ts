import type { Change } from '@brickyard/api/schemas'
import type { SiteName } from '@brickyard/model/names'
import { Kysely, type Dialect, type Transaction } from 'kysely'
import { Migrator } from 'kysely/migration'
import { migrationProvider } from './migrations.ts'
import type { HubTables } from './tables.ts'

/** One transaction; every function of the store takes it first. */
export type Tx = Transaction<HubTables>

/** A change with what decides who may hear of it; neither goes out on the feed. */
export interface ScopedChange extends Change {
  readonly site?: string | undefined
  readonly tenant?: string | undefined
}

/** What a transaction changed, told to the rest of the hub once it has committed. */
export interface Notes {
  changed(change: ScopedChange): void
  /** The wanted state of the site has a new generation. */
  wanted(site: SiteName): void
  /** There may be an act to send to the site. */
  act(site: SiteName): void
}

export interface Committed {
  readonly changes: readonly ScopedChange[]
  readonly wantedSites: readonly SiteName[]
  readonly actSites: readonly SiteName[]
}

/**
 * The hub's store: asynchronous, one set of queries for SQLite and PostgreSQL. Nothing inside a
 * transaction may wait for the network, and nobody may use the store itself inside one: on SQLite
 * there is a single connection, and that would wait for itself.
 */
export interface HubStore {
  read<T>(work: (tx: Tx) => Promise<T>): Promise<T>
  /** Commits before it settles; then tells the listener of `onCommit` what the notes say. */
  write<T>(work: (tx: Tx, notes: Notes) => Promise<T>): Promise<T>
  onCommit(take: (committed: Committed) => void): void
  close(): Promise<void>
}

/** Opens the store and brings it to the newest version. Throws when a migration fails. */
export async function openHubStore(dialect: Dialect): Promise<HubStore> {
  const db = new Kysely<HubTables>({ dialect })
  const migrated = await new Migrator({ db, provider: migrationProvider }).migrateToLatest()
  if (migrated.error !== undefined) {
    await db.destroy()
    throw new Error('the store could not be brought to this release', { cause: migrated.error })
  }
  let tell = (_committed: Committed): void => undefined
  return {
    read: (work) => db.transaction().execute(work),
    async write(work) {
      const changes = new Map<string, ScopedChange>()
      const wantedSites = new Set<SiteName>()
      const actSites = new Set<SiteName>()
      const notes: Notes = {
        changed: (change) => void changes.set(`${change.kind} ${change.id}`, change),
        wanted: (site) => void wantedSites.add(site),
        act: (site) => void actSites.add(site),
      }
      const value = await db.transaction().execute((tx) => work(tx, notes))
      tell({
        changes: [...changes.values()],
        wantedSites: [...wantedSites],
        actSites: [...actSites],
      })
      return value
    },
    onCommit(take) {
      tell = take
    },
    close: () => db.destroy(),
  }
}

/** The next numbers of a counter: `count` of them, the first is answered. */
export async function takeNumbers(tx: Tx, name: string, count: number): Promise<number> {
  const row = await tx
    .updateTable('counters')
    .set((eb) => ({ value: eb('value', '+', count) }))
    .where('name', '=', name)
    .returning('value')
    .executeTakeFirst()
  if (row !== undefined) return Number(row.value) - count + 1
  await tx.insertInto('counters').values({ name, value: count }).execute()
  return 1
}
