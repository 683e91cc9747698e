import { ok } from '@brickyard/std/result'
import { Seconds } from '@brickyard/std/units'
import { decodeReservation } from './commands/sdr-repository.ts'
import {
  clearSelRequest,
  decodeClearProgress,
  decodeSelInfo,
  decodeSelPiece,
  getSelEntryRequest,
  reserveSelRequest,
  SEL_FIRST_ENTRY,
  SEL_LAST_ENTRY,
  SEL_RECORD_BYTES,
  selInfoRequest,
  type SelInfo,
} from './commands/sel.ts'
import { COMPLETION } from './completion-code.ts'
import { inquire, nonsense, refusal, refused, type Conversation } from './conversation.ts'

/** The largest logs of BMCs hold a few thousand entries; a walk that goes on longer goes in circles. */
export const SEL_ENTRIES_MAX = 16_384
/** A part that every BMC can carry, for one that cannot give 16 bytes at once. */
const PART_BYTES = 8
const RESERVATIONS_MAX = 16
const WHOLE_RECORD = 0xff
/** Erasing flash takes seconds. */
const CLEAR_POLL_MS = Seconds(1)
const CLEAR_POLLS_MAX = 30

/** One entry as read, under the number it was asked by. */
export interface SelEntryBytes {
  readonly recordId: number
  readonly bytes: Uint8Array
}

export interface SelContent {
  readonly info: SelInfo
  readonly entries: readonly SelEntryBytes[]
  /** The reading was bounded and there are more: give this as known to go on. */
  readonly more?: boolean
}

export const selInfo = (): Conversation<SelInfo> =>
  inquire('Get SEL Info', selInfoRequest(), decodeSelInfo)

/**
 * Reads the event log (IPMI 2.0 §31.5). With `known`, what was read before, only what came since is
 * asked for: the last known entry must still be there byte for byte, else the log was cleared and
 * everything is read. At most `entriesMax` are asked for: a small BMC must not be kept busy for long.
 */
export function* readSel(known?: SelContent, entriesMax = Infinity): Conversation<SelContent> {
  const info = yield* selInfo()
  if (!info.ok) return info
  if (info.value.entries === 0) return ok({ info: info.value, entries: [] })
  const last = known?.entries.at(-1)
  if (known !== undefined && last !== undefined && sameErasure(known.info, info.value)) {
    const same =
      known.info.addedAtS === info.value.addedAtS && known.info.entries === info.value.entries
    if (same && known.more !== true) return ok({ info: info.value, entries: known.entries })
    const still = yield* readEntry(last.recordId)
    const kept = still.ok && still.value !== undefined && equal(still.value.bytes, last.bytes)
    if (kept)
      return yield* readFrom(info.value, still.value.nextRecordId, known.entries, entriesMax)
  }
  return yield* readFrom(info.value, SEL_FIRST_ENTRY, [], entriesMax)
}

const sameErasure = (a: SelInfo, b: SelInfo): boolean =>
  a.erasedAtS === b.erasedAtS && a.entries <= b.entries

const equal = (a: Uint8Array, b: Uint8Array): boolean =>
  a.length === b.length && a.every((byte, at) => byte === b[at])

function* readFrom(
  info: SelInfo,
  first: number,
  before: readonly SelEntryBytes[],
  entriesMax: number,
): Conversation<SelContent> {
  const entries = [...before]
  const seen = new Set(entries.map(({ recordId }) => recordId))
  let next = first
  while (next !== SEL_LAST_ENTRY) {
    if (entries.length - before.length >= entriesMax) return ok({ info, entries, more: true })
    const entry = yield* readEntry(next)
    if (!entry.ok) return entry
    if (entry.value === undefined) break
    const { bytes, nextRecordId } = entry.value
    // "The first" answers under its own number, which the record itself carries.
    const recordId = next === SEL_FIRST_ENTRY ? (bytes[0] ?? 0) | ((bytes[1] ?? 0) << 8) : next
    if (seen.has(recordId) || entries.length >= SEL_ENTRIES_MAX) {
      return nonsense(`the event log goes in circles at entry ${recordId}`)
    }
    seen.add(recordId)
    entries.push({ recordId, bytes })
    next = nextRecordId
  }
  return ok({ info, entries })
}

interface Entry {
  readonly bytes: Uint8Array
  readonly nextRecordId: number
}

/** One entry; undefined when it is not there (any more). */
function* readEntry(recordId: number): Conversation<Entry | undefined> {
  const whole = { reservation: 0, recordId, offset: 0, count: WHOLE_RECORD }
  const { completionCode, data } = yield getSelEntryRequest(whole)
  if (completionCode === COMPLETION.notPresent) return ok(undefined)
  if (completionCode === COMPLETION.cannotReturnBytes) return yield* readParts(recordId)
  if (completionCode !== COMPLETION.ok) return refusal(`Get SEL Entry ${recordId}`, completionCode)
  const piece = decodeSelPiece(data)
  if (!piece.ok) return nonsense(piece.error)
  const { bytes, nextRecordId } = piece.value
  if (bytes.length < SEL_RECORD_BYTES) {
    return nonsense(`SEL entry ${recordId} has ${bytes.length} bytes, not 16`)
  }
  return ok({ bytes: bytes.slice(0, SEL_RECORD_BYTES), nextRecordId })
}

function* readParts(recordId: number): Conversation<Entry | undefined> {
  for (let reservations = 0; reservations < RESERVATIONS_MAX; reservations++) {
    const reserved = yield* inquire('Reserve SEL', reserveSelRequest(), decodeReservation)
    if (!reserved.ok) return reserved
    const bytes = new Uint8Array(SEL_RECORD_BYTES)
    let at = 0
    let nextRecordId = SEL_LAST_ENTRY
    let lost = false
    while (at < SEL_RECORD_BYTES && !lost) {
      const part = { reservation: reserved.value, recordId, offset: at, count: PART_BYTES }
      const { completionCode, data } = yield getSelEntryRequest(part)
      lost = completionCode === COMPLETION.reservationLost
      if (lost) continue
      if (completionCode === COMPLETION.notPresent) return ok(undefined)
      if (completionCode !== COMPLETION.ok) {
        return refusal(`Get SEL Entry ${recordId}`, completionCode)
      }
      const piece = decodeSelPiece(data)
      if (!piece.ok) return nonsense(piece.error)
      const taken = piece.value.bytes.subarray(0, SEL_RECORD_BYTES - at)
      if (taken.length === 0) return nonsense(`SEL entry ${recordId} ends at byte ${at}`)
      bytes.set(taken, at)
      at += taken.length
      nextRecordId = piece.value.nextRecordId
    }
    if (!lost) return ok({ bytes, nextRecordId })
  }
  return refused(`the SEL reservation was lost ${RESERVATIONS_MAX} times`)
}

/**
 * Clears the log (§31.9) and waits until it is erased. Refused when something was added since `seen`
 * was read: the reservation is taken first, so nothing can slip in between the look and the erasure.
 */
export function* clearSel(seen: SelInfo): Conversation<void> {
  const reserved = yield* inquire('Reserve SEL', reserveSelRequest(), decodeReservation)
  if (!reserved.ok) return reserved
  const now = yield* selInfo()
  if (!now.ok) return now
  const { entries, addedAtS } = now.value
  if (entries !== seen.entries || addedAtS !== seen.addedAtS) {
    return refused(`the event log has ${entries} entries, ${seen.entries} were read`)
  }
  let progress = yield* inquire(
    'Clear SEL',
    clearSelRequest(reserved.value, 'begin'),
    decodeClearProgress,
  )
  for (let polls = 0; polls < CLEAR_POLLS_MAX; polls++) {
    if (!progress.ok) return progress
    if (progress.value) return ok(undefined)
    const ask = { ...clearSelRequest(reserved.value, 'status'), afterMs: CLEAR_POLL_MS }
    progress = yield* inquire('Clear SEL', ask, decodeClearProgress)
  }
  return refused(`the event log is not erased after ${CLEAR_POLLS_MAX} s`)
}
