import { ByteReader, ByteWriter } from '@brickyard/std/bytes'
import { err, ok, type Result } from '@brickyard/std/result'
import { NET_FN } from '../message.ts'
import type { Command, CommandRequest } from './command.ts'

/** Get FRU Inventory Area Info (IPMI 2.0 §34.1) and Read FRU Data (§34.2). */
export const GET_FRU_AREA_INFO: Command = { netFn: NET_FN.storage, command: 0x10 }
export const READ_FRU_DATA: Command = { netFn: NET_FN.storage, command: 0x11 }

/** The FRU of the chassis the BMC sits in. */
export const BUILTIN_FRU = 0

export interface FruAreaInfo {
  readonly bytes: number
  /** Offsets and counts are in words of two bytes, not in bytes. */
  readonly wordAccess: boolean
}

export interface FruRead {
  readonly fru: number
  readonly offset: number
  readonly count: number
}

export const fruAreaInfoRequest = (fru: number): CommandRequest => ({
  ...GET_FRU_AREA_INFO,
  data: new Uint8Array([fru]),
})

/** `offset` and `count` in the unit the area info named. */
export const readFruRequest = (read: FruRead): CommandRequest => ({
  ...READ_FRU_DATA,
  data: new ByteWriter(4).u8(read.fru).u16le(read.offset).u8(read.count).done(),
})

export function decodeFruAreaInfo(data: Uint8Array): Result<FruAreaInfo> {
  const reader = new ByteReader(data)
  const bytes = reader.u16le()
  const access = reader.u8()
  if (reader.short) return err(`FRU area info of ${data.length} bytes, not 3`)
  return ok({ bytes, wordAccess: (access & 0x01) !== 0 })
}

export const encodeFruAreaInfo = (info: FruAreaInfo): Uint8Array =>
  new ByteWriter(3)
    .u16le(info.bytes)
    .u8(info.wordAccess ? 1 : 0)
    .done()

export function decodeReadFru(data: Uint8Array): Result<FruRead> {
  const reader = new ByteReader(data)
  const fru = reader.u8()
  const offset = reader.u16le()
  const count = reader.u8()
  return reader.short ? err(`read FRU request of ${data.length} bytes`) : ok({ fru, offset, count })
}

/** The bytes of a Read FRU Data answer: a count, then the data. Words are counted as two bytes. */
export function decodeFruData(data: Uint8Array, wordAccess: boolean): Result<Uint8Array> {
  const reader = new ByteReader(data)
  const count = reader.u8() * (wordAccess ? 2 : 1)
  const bytes = reader.take(count)
  if (reader.short) return err(`FRU data says ${count} bytes and brings ${data.length - 1}`)
  return ok(bytes)
}

export const encodeFruData = (bytes: Uint8Array): Uint8Array =>
  new ByteWriter(bytes.length + 1).u8(bytes.length).put(bytes).done()
