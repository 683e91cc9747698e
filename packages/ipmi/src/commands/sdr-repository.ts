import { ByteReader, ByteWriter } from '@brickyard/std/bytes'
import { err, ok, type Result } from '@brickyard/std/result'
import { NET_FN } from '../message.ts'
import type { Command } from './command.ts'

/**
 * The least of a sensor data repository (IPMI 2.0 §33.9, §33.11, §33.12): one record, the BMC itself.
 * Consoles walk it to find inventories (`ipmitool fru print`); without it they end with an error.
 */
export const GET_SDR_REPOSITORY_INFO: Command = { netFn: NET_FN.storage, command: 0x20 }
export const RESERVE_SDR_REPOSITORY: Command = { netFn: NET_FN.storage, command: 0x22 }
export const GET_SDR: Command = { netFn: NET_FN.storage, command: 0x23 }

const SDR_VERSION = 0x51
const RECORD_ID = 1
const FIRST_RECORD = 0x0000
const LAST_RECORD = 0xffff
const MC_DEVICE_LOCATOR = 0x12
/** Entity "system management module" (table 43-13). */
const ENTITY_MANAGEMENT_MODULE = 0x06
const BMC_ADDRESS = 0x20
const NAME = 'BMC'
const TEXT_8_BIT = 0xc0
const HEADER_BYTES = 5
const SUPPORTS_RESERVE = 0x02

/** "One record, no room for more, never changed, may be reserved." */
export const encodeSdrRepositoryInfo = (): Uint8Array =>
  new ByteWriter(14).u8(SDR_VERSION).u16le(1).u16le(0).zeroes(8).u8(SUPPORTS_RESERVE).done()

/** The repository never changes, so one reservation is as good as another. */
export const encodeSdrReservation = (): Uint8Array => new ByteWriter(2).u16le(1).done()

/** Management controller device locator record (§43.9). */
function bmcRecord(): Uint8Array {
  const body = new ByteWriter(16).u8(BMC_ADDRESS).zeroes(3).zeroes(3)
  body
    .u8(ENTITY_MANAGEMENT_MODULE)
    .u8(1)
    .u8(0)
    .u8(TEXT_8_BIT | NAME.length)
  for (const char of NAME) body.u8(char.charCodeAt(0))
  return new ByteWriter(HEADER_BYTES + body.length)
    .u16le(RECORD_ID)
    .u8(SDR_VERSION)
    .u8(MC_DEVICE_LOCATOR)
    .u8(body.length)
    .put(body.done())
    .done()
}

export interface GetSdr {
  readonly recordId: number
  readonly offset: number
  readonly count: number
}

export function decodeGetSdr(data: Uint8Array): Result<GetSdr> {
  const reader = new ByteReader(data)
  reader.skip(2)
  const recordId = reader.u16le()
  const offset = reader.u8()
  const count = reader.u8()
  return reader.short
    ? err(`get SDR request of ${data.length} bytes`)
    : ok({ recordId, offset, count })
}

/** The asked part of the only record after "there is no next one"; undefined for any other record. */
export function encodeSdr({ recordId, offset, count }: GetSdr): Uint8Array | undefined {
  if (recordId !== FIRST_RECORD && recordId !== RECORD_ID) return undefined
  const part = bmcRecord().subarray(offset, offset + count)
  return new ByteWriter(2 + part.length).u16le(LAST_RECORD).put(part).done()
}
