import { ByteReader, ByteWriter } from '@brickyard/std/bytes'
import { err, ok, type Result } from '@brickyard/std/result'
import { NET_FN } from '../message.ts'
import type { Command, CommandRequest } from './command.ts'
import {
  decodePieceWanted,
  decodeRecordPiece,
  encodePieceWanted,
  encodeRecordPiece,
  type PieceWanted,
  type RecordPiece,
} from './record-piece.ts'

/** Get SDR Repository Info, Reserve SDR Repository, Get SDR (IPMI 2.0 §33.9, §33.11, §33.12). */
export const GET_SDR_REPOSITORY_INFO: Command = { netFn: NET_FN.storage, command: 0x20 }
export const RESERVE_SDR_REPOSITORY: Command = { netFn: NET_FN.storage, command: 0x22 }
export const GET_SDR: Command = { netFn: NET_FN.storage, command: 0x23 }

/** Asks for the first record; it answers under its own number. */
export const FIRST_RECORD = 0x0000
/** "There is no next record." */
export const LAST_RECORD = 0xffff

const SDR_VERSION = 0x51
const SUPPORTS_RESERVE = 0x02

export interface SdrRepositoryInfo {
  readonly records: number
  readonly freeBytes: number
  /** Seconds of the BMC's clock; both change whenever the repository does. */
  readonly addedAtS: number
  readonly erasedAtS: number
  readonly reservable: boolean
}

const NO_DATA = new Uint8Array(0)

export const sdrRepositoryInfoRequest = (): CommandRequest => ({
  ...GET_SDR_REPOSITORY_INFO,
  data: NO_DATA,
})

export const reserveSdrRequest = (): CommandRequest => ({
  ...RESERVE_SDR_REPOSITORY,
  data: NO_DATA,
})

export function decodeSdrRepositoryInfo(data: Uint8Array): Result<SdrRepositoryInfo> {
  const reader = new ByteReader(data)
  reader.skip(1)
  const records = reader.u16le()
  const freeBytes = reader.u16le()
  const addedAtS = reader.u32le()
  const erasedAtS = reader.u32le()
  const operations = reader.u8()
  if (reader.short) return err(`SDR repository info of ${data.length} bytes, not 14`)
  const reservable = (operations & SUPPORTS_RESERVE) !== 0
  return ok({ records, freeBytes, addedAtS, erasedAtS, reservable })
}

export const encodeSdrRepositoryInfo = (info: SdrRepositoryInfo): Uint8Array =>
  new ByteWriter(14)
    .u8(SDR_VERSION)
    .u16le(info.records)
    .u16le(info.freeBytes)
    .u32le(info.addedAtS)
    .u32le(info.erasedAtS)
    .u8(info.reservable ? SUPPORTS_RESERVE : 0)
    .done()

/** The reservation number both repositories (SDR and SEL) hand out. */
export function decodeReservation(data: Uint8Array): Result<number> {
  const reader = new ByteReader(data)
  const reservation = reader.u16le()
  return reader.short ? err(`reservation of ${data.length} bytes, not 2`) : ok(reservation)
}

export const encodeReservation = (reservation: number): Uint8Array =>
  new ByteWriter(2).u16le(reservation).done()

export const getSdrRequest = (wanted: PieceWanted): CommandRequest => ({
  ...GET_SDR,
  data: encodePieceWanted(wanted),
})

export const decodeGetSdr = (data: Uint8Array): Result<PieceWanted> =>
  decodePieceWanted('get SDR', data)

export const encodeSdrPiece = encodeRecordPiece
export const decodeSdrPiece = (data: Uint8Array): Result<RecordPiece> =>
  decodeRecordPiece('get SDR', data)
