import { err, ok, type Result } from '@brickyard/std/result'
import {
  decodeReservation,
  decodeSdrPiece,
  decodeSdrRepositoryInfo,
  FIRST_RECORD,
  getSdrRequest,
  LAST_RECORD,
  reserveSdrRequest,
  sdrRepositoryInfoRequest,
  type SdrRepositoryInfo,
} from './commands/sdr-repository.ts'
import type { CommandRequest } from './commands/command.ts'
import { COMPLETION } from './completion-code.ts'
import {
  inquire,
  nonsense,
  refusal,
  refused,
  type Answer,
  type Conversation,
  type ConversationFault,
} from './conversation.ts'
import { decodeSdrRecord, SDR_HEADER_BYTES, SDR_LENGTH_AT, type SdrRecord } from './sdr-record.ts'

/** Bytes asked for at a time; a BMC that refuses a size is asked for the next one. */
const PIECE_BYTES = [64, 32, 16, 8] as const
const TOO_MANY: readonly number[] = [
  COMPLETION.requestTooShort,
  COMPLETION.fieldTooLong,
  COMPLETION.outOfRange,
  COMPLETION.cannotReturnBytes,
  COMPLETION.unspecified,
]
/** More records than any chassis has; a walk that goes on longer goes in circles. */
export const SDR_RECORDS_MAX = 2048
/** Reservations are lost to other consoles now and then; one lost this often is a BMC that has none. */
const RESERVATIONS_MAX = 16

/** What the repository says of itself. */
export interface SdrRepository {
  readonly info: SdrRepositoryInfo
  readonly records: readonly SdrRecord[]
  /** Records that were there and made no sense, with the reason. */
  readonly damaged: readonly string[]
}

export const sdrRepositoryInfo = (): Conversation<SdrRepositoryInfo> =>
  inquire('Get SDR Repository Info', sdrRepositoryInfoRequest(), decodeSdrRepositoryInfo)

/**
 * Reads the whole repository (IPMI 2.0 §33.12): reserves it, reads each record in pieces that the
 * BMC can carry, begins a record anew when the reservation is lost, and stops at the last.
 */
export function* readSdrRepository(): Conversation<SdrRepository> {
  const info = yield* sdrRepositoryInfo()
  if (!info.ok) return info
  const walk: Walk = { reservation: 0, reservations: 0, pieceSize: 0 }
  if (info.value.reservable) {
    const reserved = yield* reserve(walk)
    if (!reserved.ok) return reserved
  }
  const records: SdrRecord[] = []
  const damaged: string[] = []
  const seen = new Set<number>()
  let recordId = FIRST_RECORD
  while (recordId !== LAST_RECORD) {
    if (seen.has(recordId) || seen.size >= SDR_RECORDS_MAX) {
      return nonsense(`the SDR repository goes in circles at record ${recordId}`)
    }
    seen.add(recordId)
    const read = yield* readRecord(walk, recordId)
    if (!read.ok) return read
    const { bytes, nextRecordId } = read.value
    if (bytes.length === 0) break
    const decoded = decodeSdrRecord(bytes)
    if (decoded.ok) records.push(decoded.value.record)
    else damaged.push(decoded.error)
    recordId = nextRecordId
  }
  return ok({ info: info.value, records, damaged })
}

interface Walk {
  reservation: number
  reservations: number
  /** Index into `PIECE_BYTES`: what this BMC has shown to carry. */
  pieceSize: number
}

function* reserve(walk: Walk): Conversation<number> {
  walk.reservations += 1
  if (walk.reservations > RESERVATIONS_MAX) {
    return refused(`the SDR reservation was lost ${RESERVATIONS_MAX} times`)
  }
  const got = yield* inquire('Reserve SDR Repository', reserveSdrRequest(), decodeReservation)
  if (got.ok) walk.reservation = got.value
  return got
}

interface WholeRecord {
  readonly bytes: Uint8Array
  readonly nextRecordId: number
}

/** One record, from its header on; as often anew as reservations are lost. */
function* readRecord(walk: Walk, recordId: number): Conversation<WholeRecord> {
  for (;;) {
    const read = yield* readPieces(walk, recordId)
    if (read.ok) return read
    if (read.error !== 'reservation-lost') return err(read.error)
    const again = yield* reserve(walk)
    if (!again.ok) return again
  }
}

type PiecesResult = Result<WholeRecord, ConversationFault | 'reservation-lost'>

function* readPieces(
  walk: Walk,
  recordId: number,
): Generator<CommandRequest, PiecesResult, Answer> {
  let bytes: Uint8Array = new Uint8Array(0)
  let length = SDR_HEADER_BYTES
  let nextRecordId = LAST_RECORD
  while (bytes.length < length) {
    const piece = PIECE_BYTES[walk.pieceSize] ?? 0
    const wanted = Math.min(piece, length - bytes.length)
    const { reservation } = walk
    const request = { reservation, recordId, offset: bytes.length, count: wanted }
    const { completionCode, data } = yield getSdrRequest(request)
    if (completionCode === COMPLETION.reservationLost) return err('reservation-lost')
    if (completionCode === COMPLETION.notPresent && recordId === FIRST_RECORD) {
      return ok({ bytes, nextRecordId })
    }
    const smaller = walk.pieceSize + 1 < PIECE_BYTES.length && wanted > SDR_HEADER_BYTES
    if (smaller && TOO_MANY.includes(completionCode)) {
      walk.pieceSize += 1
      continue
    }
    if (completionCode !== COMPLETION.ok) return refusal(`Get SDR ${recordId}`, completionCode)
    const got = decodeSdrPiece(data)
    if (!got.ok) return nonsense(got.error)
    const taken = got.value.bytes.subarray(0, wanted)
    if (taken.length === 0) return nonsense(`SDR record ${recordId} ends at byte ${bytes.length}`)
    bytes = joined(bytes, taken)
    nextRecordId = got.value.nextRecordId
    if (bytes.length >= SDR_HEADER_BYTES) length = SDR_HEADER_BYTES + (bytes[SDR_LENGTH_AT] ?? 0)
  }
  return ok({ bytes, nextRecordId })
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  const both = new Uint8Array(a.length + b.length)
  both.set(a)
  both.set(b, a.length)
  return both
}
