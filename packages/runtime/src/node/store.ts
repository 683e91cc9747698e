import Database from 'better-sqlite3'
import type { Sql, SqlRow, SqlValue, Store } from '../store.ts'

/** WAL pages before a checkpoint: small, so that a full disk can still be freed (facts on SQLite). */
const WAL_CHECKPOINT_PAGES = 200
const BUSY_TIMEOUT_MS = 5000
/** Pages held in memory; better-sqlite3's own 16 MB fill up over the months on a small appliance. */
const CACHE_KIB = 2048

export interface NodeStoreOptions {
  /** File path, or `:memory:`. */
  readonly path: string
  /** True: every commit is on the disk before `tx` returns (synchronous=FULL). */
  readonly durable: boolean
  /** Cap on the file; at the cap writes fail with SQLITE_FULL and reads go on. */
  readonly bytesMax?: number
}

/** Opens SQLite as a Store. Throws when the file is no database or cannot be opened. */
export function openNodeStore({ path, durable, bytesMax }: NodeStoreOptions): Store {
  const db = new Database(path, { timeout: BUSY_TIMEOUT_MS })
  db.pragma('journal_mode = WAL')
  db.pragma(`synchronous = ${durable ? 'FULL' : 'NORMAL'}`)
  db.pragma('foreign_keys = ON')
  db.pragma(`cache_size = -${CACHE_KIB}`)
  db.pragma(`wal_autocheckpoint = ${WAL_CHECKPOINT_PAGES}`)
  if (bytesMax !== undefined) {
    const pageBytes = Number(db.pragma('page_size', { simple: true }))
    db.pragma(`max_page_count = ${Math.floor(bytesMax / pageBytes)}`)
  }
  return storeOver(db)
}

/** The Store port over an open better-sqlite3 database (the simulation opens its own). */
export function storeOver(db: Database.Database): Store {
  const statements = new Map<string, Database.Statement>()
  const prepare = (text: string): Database.Statement => {
    const held = statements.get(text)
    if (held !== undefined) return held
    const statement = db.prepare(text)
    statements.set(text, statement)
    return statement
  }
  const sql: Sql = {
    all: <Row = SqlRow>(text: string, ...params: SqlValue[]) =>
      prepare(text).all(...params) as Row[],
    get: <Row = SqlRow>(text: string, ...params: SqlValue[]) =>
      prepare(text).get(...params) as Row | undefined,
    run: (text: string, ...params: SqlValue[]) => {
      const statement = prepare(text)
      if (statement.reader) {
        statement.all(...params)
        return { changes: 0 }
      }
      return { changes: statement.run(...params).changes }
    },
  }
  return {
    read: (work) => work(sql),
    tx: (work) => db.transaction(() => work(sql)).immediate(),
    close: () => void db.close(),
  }
}
