import type { EventBody, EventKind, JournalEvent } from '@brickyard/protocol/events'
import type { Clock } from '@brickyard/runtime/clock'
import { randomHex, type Random } from '@brickyard/runtime/random'
import { migrate, type Sql, type Store } from '@brickyard/runtime/store'
import { assert } from '@brickyard/std/assert'
import { maySledGo, type SledState } from '@brickyard/model/sled-lifecycle'
import { isOver, type Operation } from '../operations/operation.ts'
import { operationView } from '../operations/operation-view.ts'
import type { SledRecord } from '../operations/sled-record.ts'
import { appendEvent, beginJournal, readMeta, writeMeta } from './journal.ts'
import { SITE_MIGRATIONS } from './migrations.ts'

/** What became of an assignment at this site. */
export interface AssignmentOutcome {
  readonly id: string
  readonly sled: string
  readonly outcome: 'installed' | 'failed' | 'released' | 'release-failed'
  readonly reason: string
}

/** What one commit may do. Every change carries its event into the same transaction. */
export interface Change {
  readonly sql: Sql
  readonly wallMs: number
  sled(name: string): SledRecord | undefined
  event<K extends EventKind>(kind: K, body: EventBody<K>): void
  /** An event that another part made and whose body is its own affair. */
  note(kind: string, body: unknown): void
  putSled(record: SledRecord): void
  /** Moves a sled to a state and says so. A way that the life of a sled does not have is our bug. */
  moveSled(name: string, to: SledState, reason: string, deadlineAtMs?: number | null): void
  /** Stores an operation and tells of it. */
  putOperation(operation: Operation): void
  putOutcome(outcome: AssignmentOutcome): void
  dropOutcome(id: string): void
  /** Runs once the commit is on the disk: for what memory mirrors. Must not throw. */
  after(apply: () => void): void
}

/**
 * The site's own truth: `site.db` and, mirrored in memory, the sleds and the operations that are
 * not over. A commit is on the disk before memory shows it; one that fails changes neither.
 */
export interface SiteStore {
  readonly sleds: ReadonlyMap<string, SledRecord>
  /** Operations that are not over, by id. */
  readonly running: ReadonlyMap<string, Operation>
  readonly outcomes: ReadonlyMap<string, AssignmentOutcome>
  /** Names the journal, with the number of an event for ever; another one after `beginJournal`. */
  readonly epoch: string
  /** Random bytes that only this site has; tokens that must be made again are derived from it. */
  readonly secret: string
  commit<T>(work: (change: Change) => T): T
  /**
   * The store was set back: the hub holds the present journal up to `hubSeq`, and only up to
   * `commonSeq` as we do. What came after goes into a new journal, with an event that says so;
   * `also` is done in the same transaction.
   */
  beginJournal(commonSeq: number, hubSeq: number, also: (change: Change) => void): void
  /** Shows a running operation in memory without a commit: progress, which is not worth an fsync. */
  remember(operation: Operation): void
  read<T>(work: (sql: Sql) => T): T
  /** Called after every commit that wrote an event. */
  onEvents(listener: () => void): void
}

/** Ended operations kept for people to look at. */
const ENDED_OPERATIONS_KEPT = 500

const EPOCH_BYTES = 8

/** Opens the site's store: migrates it, mints its epoch at the first start, loads the mirror. */
export function openSiteStore(parts: {
  readonly store: Store
  readonly clock: Clock
  readonly random: Random
}): SiteStore {
  const { store, clock, random } = parts
  migrate(store, SITE_MIGRATIONS)
  const once = (key: string, byteCount: number): string => {
    const held = store.read((sql) => readMeta(sql, key))
    if (held !== undefined) return held
    const made = randomHex(random, byteCount)
    store.tx((sql) => writeMeta(sql, key, made))
    return made
  }
  let epoch = once('epoch', EPOCH_BYTES)
  const secret = once('site_secret', 32)
  const sleds = new Map<string, SledRecord>()
  const running = new Map<string, Operation>()
  const outcomes = new Map<string, AssignmentOutcome>()
  load(store, sleds, running, outcomes)
  const listeners: (() => void)[] = []

  function commit<T>(work: (change: Change) => T): T {
    const wallMs = clock.wallMs()
    const mirror: (() => void)[] = []
    let events = 0
    const pending = new Map<string, SledRecord>()
    const result = store.tx((sql) => {
      const note = (kind: string, body: unknown): void => {
        events++
        appendEvent(sql, { atMs: wallMs, kind, body } satisfies Omit<JournalEvent, 'seq'>)
      }
      const sledNow = (name: string): SledRecord | undefined => pending.get(name) ?? sleds.get(name)
      const putSled = (record: SledRecord): void => {
        pending.set(record.name, record)
        sql.run(
          'INSERT INTO sled (name, document) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET document = excluded.document',
          record.name,
          JSON.stringify(record),
        )
        mirror.push(() => sleds.set(record.name, record))
      }
      return work({
        sql,
        wallMs,
        sled: sledNow,
        event: note,
        note,
        putSled,
        moveSled(name, to, reason, deadlineAtMs = null) {
          const record = sledNow(name)
          assert(record !== undefined, `sled ${name} is known`)
          assert(maySledGo(record.state, to), `sled ${name} goes from ${record.state} to ${to}`)
          const sinceMs = record.state === to ? record.sinceMs : wallMs
          putSled({ ...record, state: to, reason, sinceMs, deadlineAtMs })
          note('sled.state', {
            sled: record.name,
            from: record.state,
            to,
            reason: reason.slice(0, 2000),
            deadlineAtMs,
          } satisfies EventBody<'sled.state'>)
        },
        putOperation(operation) {
          writeOperation(sql, operation)
          note('operation.changed', { operation: operationView(operation) })
          mirror.push(() => {
            if (isOver(operation)) running.delete(operation.id)
            else running.set(operation.id, operation)
          })
        },
        putOutcome(outcome) {
          const { id, sled, reason } = outcome
          sql.run(
            `INSERT INTO assignment (id, sled, outcome, reason) VALUES (?, ?, ?, ?)
             ON CONFLICT (id) DO UPDATE SET outcome = excluded.outcome, reason = excluded.reason`,
            id,
            sled,
            outcome.outcome,
            reason,
          )
          mirror.push(() => outcomes.set(id, outcome))
        },
        after: (apply) => void mirror.push(apply),
        dropOutcome(id) {
          sql.run('DELETE FROM assignment WHERE id = ?', id)
          mirror.push(() => outcomes.delete(id))
        },
      })
    })
    for (const apply of mirror) apply()
    if (events > 0) for (const listener of listeners) listener()
    return result
  }

  return {
    sleds,
    running,
    outcomes,
    get epoch() {
      return epoch
    },
    secret,
    commit,
    beginJournal(commonSeq, hubSeq, also) {
      const previousEpoch = epoch
      const minted = randomHex(random, EPOCH_BYTES)
      commit((change) => {
        const carried = beginJournal(change.sql, minted, commonSeq)
        change.event('journal.set-back', { previousEpoch, commonSeq, hubSeq, carried })
        also(change)
        change.after(() => (epoch = minted))
      })
    },
    read: (work) => store.read(work),
    remember(operation) {
      if (running.has(operation.id)) running.set(operation.id, operation)
    },
    onEvents: (listener) => void listeners.push(listener),
  }
}

function load(
  store: Store,
  sleds: Map<string, SledRecord>,
  running: Map<string, Operation>,
  outcomes: Map<string, AssignmentOutcome>,
): void {
  const documents = (query: string): unknown[] =>
    store
      .read((sql) => sql.all<{ document: string }>(query))
      .map(({ document }) => JSON.parse(document) as unknown)
  for (const record of documents('SELECT document FROM sled') as SledRecord[]) {
    sleds.set(record.name, record)
  }
  for (const operation of documents(
    'SELECT document FROM operation WHERE running = 1 ORDER BY started_at_ms, id',
  ) as Operation[]) {
    running.set(operation.id, operation)
  }
  const rows = store.read((sql) =>
    sql.all<{ id: string; sled: string; outcome: AssignmentOutcome['outcome']; reason: string }>(
      'SELECT id, sled, outcome, reason FROM assignment',
    ),
  )
  for (const row of rows) outcomes.set(row.id, row)
}

function writeOperation(sql: Sql, operation: Operation): void {
  const over = isOver(operation)
  sql.run(
    `INSERT INTO operation (id, sled, running, started_at_ms, document) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT (id) DO UPDATE SET running = excluded.running, document = excluded.document`,
    operation.id,
    operation.sled,
    over ? 0 : 1,
    operation.startedAtMs,
    JSON.stringify(operation),
  )
  if (!over) return
  sql.run(
    `DELETE FROM operation WHERE running = 0 AND id NOT IN
       (SELECT id FROM operation WHERE running = 0 ORDER BY started_at_ms DESC LIMIT ?)`,
    ENDED_OPERATIONS_KEPT,
  )
}
