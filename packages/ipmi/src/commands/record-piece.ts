import { ByteReader, ByteWriter } from '@brickyard/std/bytes'
import { err, ok, type Result } from '@brickyard/std/result'

/** What both repositories of records, SDR (§33.12) and SEL (§31.5), are asked for: a piece of one record. */
export interface PieceWanted {
  /** Needed for anything but a whole record from its beginning. */
  readonly reservation: number
  readonly recordId: number
  readonly offset: number
  /** 0xff asks for the whole record. */
  readonly count: number
}

export const encodePieceWanted = (wanted: PieceWanted): Uint8Array =>
  new ByteWriter(6)
    .u16le(wanted.reservation)
    .u16le(wanted.recordId)
    .u8(wanted.offset)
    .u8(wanted.count)
    .done()

/** `command` names the command in the error. */
export function decodePieceWanted(command: string, data: Uint8Array): Result<PieceWanted> {
  const reader = new ByteReader(data)
  const reservation = reader.u16le()
  const recordId = reader.u16le()
  const offset = reader.u8()
  const count = reader.u8()
  return reader.short
    ? err(`${command} request of ${data.length} bytes`)
    : ok({ reservation, recordId, offset, count })
}

/** A piece of a record, and the record after it. */
export interface RecordPiece {
  readonly nextRecordId: number
  readonly bytes: Uint8Array
}

export const encodeRecordPiece = ({ nextRecordId, bytes }: RecordPiece): Uint8Array =>
  new ByteWriter(2 + bytes.length).u16le(nextRecordId).put(bytes).done()

export function decodeRecordPiece(command: string, data: Uint8Array): Result<RecordPiece> {
  const reader = new ByteReader(data)
  const nextRecordId = reader.u16le()
  return reader.short
    ? err(`${command} answer of ${data.length} bytes`)
    : ok({ nextRecordId, bytes: reader.rest() })
}
