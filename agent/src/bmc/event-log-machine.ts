import { createHash } from 'node:crypto'
import type { BmcLog, LogEntry } from '@brickyard/bmc/log'

/**
 * What the site has told of one BMC's event log. Kept in the same transaction as the events, so that
 * each entry is told once whatever happens between.
 */
export interface LogMarker {
  /** Prints of the entries that were in the log when it was last read whole, oldest first. */
  readonly prints: readonly string[]
  /** How often it was seen cleared. */
  readonly clearings: number
  readonly overflowed: boolean
  /** The last grave entry, and when we read it: the BMC's own clock may be wrong. */
  readonly grave: Noted | null
  /** When entries were last gone that nobody of ours took: who clears a log may have a reason to. */
  readonly gone: Noted | null
}

interface Noted {
  readonly text: string
  readonly seenAtMs: number
}

const NEW_MARKER: LogMarker = {
  prints: [],
  clearings: 0,
  overflowed: false,
  grave: null,
  gone: null,
}

/** Something about the log itself. */
export interface LogNews {
  readonly what: 'cleared' | 'skipped' | 'overflowed' | 'lost'
  readonly text: string
}

export interface LogStep {
  readonly marker: LogMarker
  /** Entries nobody was told of yet, oldest first. */
  readonly fresh: readonly LogEntry[]
  readonly news: readonly LogNews[]
}

/** Entries told from one reading; of a log that nobody has read for years the newest are enough. */
export const FRESH_MAX = 64
const PRINT_CHARS = 16

/**
 * Takes a log that was read whole. Entries are told apart by what they are, not by their number or
 * time alone: numbers begin anew in a cleared log, and a BMC without a clock gives the same times
 * again. `undefined` is a log that is read for the first time.
 */
export function takeLog(
  before: LogMarker | undefined,
  log: Pick<BmcLog, 'entries' | 'overflowed'>,
  nowMs: number,
): LogStep {
  const held = before ?? NEW_MARKER
  const prints = log.entries.map(printOf)
  const present = new Set(prints)
  const known = new Set(held.prints)
  const unseen = log.entries.filter((_, at) => !known.has(prints[at] ?? ''))
  const fresh = unseen.slice(-FRESH_MAX)
  const news: LogNews[] = []
  const gone = whatIsGone(held.prints, present, log.entries.length)
  if (gone !== undefined) news.push(gone)
  if (unseen.length > fresh.length) {
    const since = before === undefined ? 'before it was first read' : 'since it was last read'
    const text = `${unseen.length - fresh.length} older entries from ${since} are not told one by one`
    news.push({ what: 'skipped', text })
  }
  if (log.overflowed && !held.overflowed) {
    const text = 'it is full: what happens is no longer written until somebody clears it'
    news.push({ what: 'overflowed', text })
  }
  const worst = fresh.findLast(({ health }) => health === 'critical')
  return {
    marker: {
      prints,
      clearings: held.clearings + (gone?.what === 'cleared' ? 1 : 0),
      overflowed: log.overflowed,
      // What was there before anybody looked is history, not news to act on.
      grave:
        worst === undefined || before === undefined
          ? held.grave
          : { text: worst.text, seenAtMs: nowMs },
      gone: gone === undefined ? held.gone : { text: gone.text, seenAtMs: nowMs },
    },
    fresh,
    news,
  }
}

/** A ring that goes round loses its oldest entries; only when the newest is gone something was done to it. */
function whatIsGone(
  held: readonly string[],
  present: ReadonlySet<string>,
  entryCount: number,
): LogNews | undefined {
  const newest = held.at(-1)
  if (newest === undefined || present.has(newest)) return undefined
  const left = held.filter((print) => present.has(print)).length
  if (left > 0) {
    const count = held.length - left
    const text = `${count === 1 ? 'an entry was' : `${count} entries were`} deleted from it, the newest known one with them`
    return { what: 'cleared', text }
  }
  if (entryCount >= held.length && entryCount > 1) {
    const text = `none of the ${held.length} known entries is left: it was cleared, or went round between two readings`
    return { what: 'lost', text }
  }
  return { what: 'cleared', text: `it was cleared: ${held.length} entries are gone` }
}

/** Redfish gives JSON with links and times of change in it; the words are what stays. */
function printOf({ id, atMs, text, raw }: LogEntry): string {
  const what = raw.startsWith('{') ? text : raw
  return createHash('sha256')
    .update(JSON.stringify([id, atMs ?? null, what]))
    .digest('base64')
    .slice(0, PRINT_CHARS)
}

/** So long something grave is a trouble, unless more of it follows. */
const NOTED_MS = 24 * 60 * 60 * 1000

/** Why the log is a trouble now; undefined when it is none. */
export function troubleOf(
  { grave, gone, overflowed }: LogMarker,
  nowMs: number,
): string | undefined {
  // A clock that was set back must not make it last for ever.
  const isRecent = (noted: Noted | null): noted is Noted =>
    noted !== null && Math.abs(nowMs - noted.seenAtMs) < NOTED_MS
  const reasons = [
    ...(isRecent(grave) ? [`it says critical: ${grave.text}`] : []),
    ...(isRecent(gone) ? [gone.text] : []),
    ...(overflowed ? ['it is full: what happens is no longer written'] : []),
  ]
  return reasons.length === 0 ? undefined : reasons.join('; ')
}
