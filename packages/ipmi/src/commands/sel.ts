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

/** The commands of the system event log (IPMI 2.0 §31). */
export const GET_SEL_INFO: Command = { netFn: NET_FN.storage, command: 0x40 }
export const GET_SEL_ALLOCATION_INFO: Command = { netFn: NET_FN.storage, command: 0x41 }
export const RESERVE_SEL: Command = { netFn: NET_FN.storage, command: 0x42 }
export const GET_SEL_ENTRY: Command = { netFn: NET_FN.storage, command: 0x43 }
export const ADD_SEL_ENTRY: Command = { netFn: NET_FN.storage, command: 0x44 }
export const DELETE_SEL_ENTRY: Command = { netFn: NET_FN.storage, command: 0x46 }
export const CLEAR_SEL: Command = { netFn: NET_FN.storage, command: 0x47 }
export const GET_SEL_TIME: Command = { netFn: NET_FN.storage, command: 0x48 }
export const SET_SEL_TIME: Command = { netFn: NET_FN.storage, command: 0x49 }

/** Platform Event (§29.3): an event for the log, from a sensor that is not the BMC's. */
export const PLATFORM_EVENT: Command = { netFn: NET_FN.sensor, command: 0x02 }

export const SEL_FIRST_ENTRY = 0x0000
export const SEL_LAST_ENTRY = 0xffff
export const SEL_RECORD_BYTES = 16

const SEL_VERSION = 0x51
const OVERFLOW = 0x80
const SUPPORTS_DELETE = 0x08
const SUPPORTS_RESERVE = 0x02
const SUPPORTS_ALLOCATION = 0x01
const NO_DATA = new Uint8Array(0)

export interface SelInfo {
  readonly entries: number
  readonly freeBytes: number
  /** Seconds of the BMC's clock. */
  readonly addedAtS: number
  readonly erasedAtS: number
  readonly overflow: boolean
  readonly reservable: boolean
}

export const selInfoRequest = (): CommandRequest => ({ ...GET_SEL_INFO, data: NO_DATA })
export const reserveSelRequest = (): CommandRequest => ({ ...RESERVE_SEL, data: NO_DATA })

export function decodeSelInfo(data: Uint8Array): Result<SelInfo> {
  const reader = new ByteReader(data)
  reader.skip(1)
  const entries = reader.u16le()
  const freeBytes = reader.u16le()
  const addedAtS = reader.u32le()
  const erasedAtS = reader.u32le()
  const operations = reader.u8()
  if (reader.short) return err(`SEL info of ${data.length} bytes, not 14`)
  const overflow = (operations & OVERFLOW) !== 0
  const reservable = (operations & SUPPORTS_RESERVE) !== 0
  return ok({ entries, freeBytes, addedAtS, erasedAtS, overflow, reservable })
}

export const encodeSelInfo = (info: SelInfo): Uint8Array =>
  new ByteWriter(14)
    .u8(SEL_VERSION)
    .u16le(info.entries)
    .u16le(info.freeBytes)
    .u32le(info.addedAtS)
    .u32le(info.erasedAtS)
    .u8(
      (info.overflow ? OVERFLOW : 0) |
        SUPPORTS_DELETE |
        (info.reservable ? SUPPORTS_RESERVE : 0) |
        SUPPORTS_ALLOCATION,
    )
    .done()

/** Get SEL Allocation Info (§31.3): units of one record each. */
export const encodeSelAllocation = (units: number, free: number): Uint8Array =>
  new ByteWriter(9)
    .u16le(units)
    .u16le(SEL_RECORD_BYTES)
    .u16le(free)
    .u16le(free)
    .u8(SEL_RECORD_BYTES)
    .done()

export const getSelEntryRequest = (wanted: PieceWanted): CommandRequest => ({
  ...GET_SEL_ENTRY,
  data: encodePieceWanted(wanted),
})

export const decodeGetSelEntry = (data: Uint8Array): Result<PieceWanted> =>
  decodePieceWanted('get SEL entry', data)

export const encodeSelPiece = encodeRecordPiece
export const decodeSelPiece = (data: Uint8Array): Result<RecordPiece> =>
  decodeRecordPiece('get SEL entry', data)

/** Adds a whole record; the BMC sets its number and time (§31.6). */
export const addSelEntryRequest = (record: Uint8Array): CommandRequest => ({
  ...ADD_SEL_ENTRY,
  data: record,
})

export type ClearAction = 'begin' | 'status'
const CLEAR_ACTIONS = { begin: 0xaa, status: 0x00 } as const
const CLR = [0x43, 0x4c, 0x52] as const

/** Clear SEL (§31.9): begins to erase, or asks whether it is done. */
export const clearSelRequest = (reservation: number, action: ClearAction): CommandRequest => ({
  ...CLEAR_SEL,
  data: new ByteWriter(6)
    .u16le(reservation)
    .put(Uint8Array.from(CLR))
    .u8(CLEAR_ACTIONS[action])
    .done(),
})

export function decodeClearSel(
  data: Uint8Array,
): Result<{ readonly reservation: number; readonly action: ClearAction }> {
  const reader = new ByteReader(data)
  const reservation = reader.u16le()
  const spelled = CLR.every((byte) => reader.u8() === byte)
  const code = reader.u8()
  if (reader.short || !spelled) return err('clear SEL request without its CLR')
  if (code === CLEAR_ACTIONS.begin) return ok({ reservation, action: 'begin' })
  return code === CLEAR_ACTIONS.status
    ? ok({ reservation, action: 'status' })
    : err(`clear SEL action ${code}`)
}

/** True once the erasure is complete. */
export const decodeClearProgress = (data: Uint8Array): Result<boolean> =>
  data.length < 1 ? err('clear SEL answer without progress') : ok((data[0] as number) % 16 === 1)

export const selTimeRequest = (): CommandRequest => ({ ...GET_SEL_TIME, data: NO_DATA })

/** Seconds since 1970 (§37): the BMC's clock, which stamps the entries. */
export function decodeSelTime(data: Uint8Array): Result<number> {
  const reader = new ByteReader(data)
  const seconds = reader.u32le()
  return reader.short ? err(`SEL time of ${data.length} bytes, not 4`) : ok(seconds)
}

export const encodeSelTime = (seconds: number): Uint8Array =>
  new ByteWriter(4).u32le(seconds).done()

export const setSelTimeRequest = (seconds: number): CommandRequest => ({
  ...SET_SEL_TIME,
  data: encodeSelTime(seconds),
})
