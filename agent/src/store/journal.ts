import type { JournalEvent } from '@brickyard/protocol/events'
import type { Sql } from '@brickyard/runtime/store'

/** The site's journal in `site.db` (DESIGN.md §5): numbered events, kept until the hub has them and longer. */

interface EventRow {
  readonly seq: number
  readonly at_ms: number
  readonly kind: string
  readonly body: string
}

/** Events longer than this are cut: one event must always fit a frame. */
const BODY_CHARS_MAX = 256 * 1024

/** Appends an event and gives its number. Numbers never repeat, even after everything was pruned. */
export function appendEvent(sql: Sql, event: Omit<JournalEvent, 'seq'>): number {
  const seq = lastSeq(sql) + 1
  const text = JSON.stringify(event.body)
  const body =
    text.length <= BODY_CHARS_MAX
      ? text
      : JSON.stringify({ cut: text.slice(0, BODY_CHARS_MAX / 2) })
  sql.run(
    'INSERT INTO event (seq, at_ms, kind, body) VALUES (?, ?, ?, ?)',
    seq,
    event.atMs,
    event.kind,
    body,
  )
  writeMeta(sql, 'last_seq', String(seq))
  return seq
}

export const lastSeq = (sql: Sql): number => Number(readMeta(sql, 'last_seq') ?? 0)
/** Number of the oldest event that is still here; the next one's when none is. */
export const firstSeq = (sql: Sql): number =>
  sql.get<{ n: number | null }>('SELECT min(seq) AS n FROM event')?.n ?? lastSeq(sql) + 1
export const ackedSeq = (sql: Sql): number => Number(readMeta(sql, 'acked_seq') ?? 0)

/** Events after `seq`, oldest first. */
export function eventsAfter(sql: Sql, seq: number, countMax: number): JournalEvent[] {
  return sql
    .all<EventRow>(
      'SELECT seq, at_ms, kind, body FROM event WHERE seq > ? ORDER BY seq LIMIT ?',
      seq,
      countMax,
    )
    .map((row) => ({
      seq: row.seq,
      atMs: row.at_ms,
      kind: row.kind,
      body: JSON.parse(row.body) as unknown,
    }))
}

/** The latest events, newest first. */
export function latestEvents(sql: Sql, countMax: number): JournalEvent[] {
  const newest = lastSeq(sql)
  return eventsAfter(sql, Math.max(0, newest - countMax), countMax).reverse()
}

/** The hub has committed everything up to `seq`. An acknowledgement that goes back changes nothing. */
export function noteAcknowledged(sql: Sql, seq: number, nowMs: number): void {
  if (seq <= ackedSeq(sql)) return
  sql.run('UPDATE event SET acked_at_ms = ? WHERE seq <= ? AND acked_at_ms IS NULL', nowMs, seq)
  writeMeta(sql, 'acked_seq', String(seq))
}

/**
 * Begins a new journal: what came after `commonSeq` is numbered anew from 1 and counts as never
 * sent; what lies before stays with the old journal, which the hub holds up to there. Gives how
 * many events came along.
 */
export function beginJournal(sql: Sql, epoch: string, commonSeq: number): number {
  const carried = lastSeq(sql) - commonSeq
  sql.run('DELETE FROM event WHERE seq <= ?', commonSeq)
  // Twice, through numbers that no event has: a row must never meet another one's old number.
  sql.run('UPDATE event SET seq = ? - seq, acked_at_ms = NULL', commonSeq)
  sql.run('UPDATE event SET seq = -seq')
  writeMeta(sql, 'epoch', epoch)
  writeMeta(sql, 'last_seq', String(carried))
  writeMeta(sql, 'acked_seq', '0')
  return carried
}

export interface JournalBounds {
  readonly keepMs: number
  readonly eventsMax: number
}

/** What had to go although the hub never saw it. */
export interface LostEvents {
  readonly count: number
  readonly first: number
  readonly last: number
}

/**
 * Makes room: acknowledged events older than `keepMs` go; above `eventsMax` the oldest acknowledged
 * go early, and only then unacknowledged ones, which the caller must tell of.
 */
export function pruneJournal(
  sql: Sql,
  bounds: JournalBounds,
  nowMs: number,
): LostEvents | undefined {
  sql.run(
    'DELETE FROM event WHERE acked_at_ms IS NOT NULL AND acked_at_ms < ?',
    nowMs - bounds.keepMs,
  )
  const excess = countEvents(sql) - bounds.eventsMax
  if (excess <= 0) return undefined
  sql.run(
    `DELETE FROM event WHERE seq IN
       (SELECT seq FROM event WHERE acked_at_ms IS NOT NULL ORDER BY seq LIMIT ?)`,
    excess,
  )
  const still = countEvents(sql) - bounds.eventsMax
  if (still <= 0) return undefined
  const span = sql.get<{ first: number; last: number }>(
    'SELECT min(seq) AS first, max(seq) AS last FROM (SELECT seq FROM event ORDER BY seq LIMIT ?)',
    still,
  )
  if (span === undefined) return undefined
  sql.run('DELETE FROM event WHERE seq <= ?', span.last)
  return { count: still, ...span }
}

const countEvents = (sql: Sql): number =>
  sql.get<{ n: number }>('SELECT count(*) AS n FROM event')?.n ?? 0

export const readMeta = (sql: Sql, key: string): string | undefined =>
  sql.get<{ value: string }>('SELECT value FROM meta WHERE key = ?', key)?.value

export function writeMeta(sql: Sql, key: string, value: string): void {
  sql.run(
    'INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value',
    key,
    value,
  )
}
