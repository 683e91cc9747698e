export type SqlValue = number | bigint | string | Uint8Array | null
export type SqlRow = Readonly<Record<string, SqlValue>>

/** What one transaction may do. Statements are prepared once and kept. */
export interface Sql {
  all<Row = SqlRow>(sql: string, ...params: SqlValue[]): Row[]
  get<Row = SqlRow>(sql: string, ...params: SqlValue[]): Row | undefined
  run(sql: string, ...params: SqlValue[]): { readonly changes: number }
}

/**
 * The agent's store: synchronous SQLite. A transaction never spans an await; when `work` throws,
 * nothing of it stays.
 */
export interface Store {
  read<T>(work: (sql: Sql) => T): T
  /** Commits (and reaches the disk where the store is durable) before it returns. */
  tx<T>(work: (sql: Sql) => T): T
  close(): void
}

/** Numbered, forward-only steps: `migrations[n]` brings version n to n+1 (PRAGMA user_version). */
export type Migrations = readonly string[]

/** Brings a store to the newest version; refuses one made by newer code. */
export function migrate(store: Store, migrations: Migrations): void {
  const version = store.read((sql) =>
    Number(sql.get<{ user_version: number }>('PRAGMA user_version')?.user_version ?? 0),
  )
  if (version > migrations.length) {
    throw new Error(
      `the store has version ${version}, this program knows ${migrations.length}: it was written by a newer release`,
    )
  }
  for (let next = version; next < migrations.length; next++) {
    store.tx((sql) => {
      for (const statement of (migrations[next] as string).split(/;\s*\n/)) {
        if (statement.trim() !== '') sql.run(statement)
      }
      sql.run(`PRAGMA user_version = ${next + 1}`)
    })
  }
}
