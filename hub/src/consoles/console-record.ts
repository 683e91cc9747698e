import type { SiteName, SledName } from '@brickyard/model/names'
import type { Clock, Timer } from '@brickyard/runtime/clock'
import type { Log } from '@brickyard/runtime/log'
import { randomHex, type Random } from '@brickyard/runtime/random'
import { KiB, MiB, Seconds } from '@brickyard/std/units'
import {
  addRecordParts,
  beginRecord,
  printedUpTo,
  RECORD_BYTES_MAX,
  type RecordPart,
} from '../store/console-records.ts'
import type { HubStore } from '../store/hub-store.ts'

/** What waits is written after this, or when it is this much; a hub that dies loses no more. */
const FLUSH_MS = Seconds(2)
const FLUSH_BYTES = KiB(32)
/** A store that does not write: beyond this the record is cut rather than the hub's memory filled. */
const WAITING_BYTES_MAX = MiB(2)
const ID_BYTES = 8

/** The record of a console from its first reader to its last: what was printed, typed and done. */
export interface ConsoleRecord {
  /** How far earlier records go: a hub that died has not written what it had last. */
  upTo(): Promise<{ readonly ring: string; readonly offset: number } | undefined>
  printed(ring: string, offset: number, bytes: Uint8Array): void
  typed(by: string, bytes: Uint8Array): void
  /** What a person did. */
  note(by: string, words: string): void
  /** Writes what waits; nothing comes after. */
  end(): void
}

export interface ConsoleRecordParts {
  readonly site: SiteName
  readonly sled: SledName
  readonly store: HubStore
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
}

type Waiting = RecordPart & { readonly data: Uint8Array }

export function createConsoleRecord(parts: ConsoleRecordParts): ConsoleRecord {
  const { store, clock, log, site, sled } = parts
  const id = `con-${randomHex(parts.random, ID_BYTES)}`
  const beganAtMs = clock.wallMs()
  let waiting: Waiting[] = []
  let waitingBytes = 0
  let cut = false
  let full = false
  let bytes = 0
  let number = 0
  let begun = false
  /** What was printed up to there is in this or an earlier record: replays are not written twice. */
  let written: { ring: string; offset: number } | undefined
  let timer: Timer | undefined
  let tail = Promise.resolve()

  async function write(pieces: readonly Waiting[]): Promise<void> {
    await store.write(async (tx) => {
      if (!begun) {
        written = await printedUpTo(tx, site, sled)
        await beginRecord(tx, { id, site, sled, atMs: beganAtMs })
      }
      const fresh = pieces.flatMap((piece) => unwritten(piece) ?? [])
      const rows = fresh.map((piece, n) => ({ ...piece, number: number + n + 1 }))
      await addRecordParts(tx, id, rows, clock.wallMs(), cut)
      number += rows.length
    })
    begun = true
  }

  /** The part of it that no record has yet; notes and what was typed are always new. */
  function unwritten(piece: Waiting): Waiting | undefined {
    if (piece.what !== 'printed' || piece.ring === null || piece.offset === null) return piece
    const { ring, offset } = piece
    const end = offset + piece.data.length
    const from = written?.ring === ring ? Math.min(Math.max(written.offset, offset), end) : offset
    if (written?.ring !== ring || end > written.offset) written = { ring, offset: end }
    return from === end
      ? undefined
      : { ...piece, offset: from, data: piece.data.subarray(from - offset) }
  }

  function flush(): void {
    timer?.cancel()
    timer = undefined
    const pieces = waiting
    const size = waitingBytes
    waiting = []
    if (pieces.length === 0) return
    tail = tail
      .then(() => write(pieces))
      .catch((error: unknown) => {
        cut = true
        log.error('the record of a console was not written', { site, sled, error: String(error) })
      })
      .finally(() => {
        waitingBytes -= size
      })
  }

  function add(piece: Waiting): void {
    const { length } = piece.data
    const note = piece.what === 'note'
    // A record is full once: what is small enough to fit behind a gap would only mislead.
    full ||= bytes + length > RECORD_BYTES_MAX
    if (!note && (full || waitingBytes + length > WAITING_BYTES_MAX)) {
      cut = true
      return
    }
    bytes += length
    waitingBytes += length
    const last = waiting.at(-1)
    const joined = last === undefined ? undefined : together(last, piece)
    if (joined === undefined) waiting.push(piece)
    else waiting[waiting.length - 1] = joined
    if (waitingBytes >= FLUSH_BYTES) flush()
    else timer ??= clock.after(FLUSH_MS, flush)
  }

  const piece = { number: 0, by: null, ring: null, offset: null }
  return {
    async upTo() {
      try {
        return await store.read((tx) => printedUpTo(tx, site, sled))
      } catch (error) {
        log.error('the records of a console cannot be read', { site, sled, error: String(error) })
        return undefined
      }
    },
    printed: (ring, offset, data) =>
      add({ ...piece, what: 'printed', ring, offset, data, atMs: clock.wallMs() }),
    typed: (by, data) => add({ ...piece, what: 'typed', by, data, atMs: clock.wallMs() }),
    note: (by, words) => {
      const data = new TextEncoder().encode(words)
      add({ ...piece, what: 'note', by, data, atMs: clock.wallMs() })
    },
    end: flush,
  }
}

/** Two pieces that follow each other become one row: a person types a byte at a time. */
function together(before: Waiting, after: Waiting): Waiting | undefined {
  if (before.what !== after.what || before.what === 'note') return undefined
  if (before.by !== after.by || before.ring !== after.ring) return undefined
  const follows = before.offset === null || before.offset + before.data.length === after.offset
  if (!follows) return undefined
  return { ...before, data: Buffer.concat([before.data, after.data]) }
}
