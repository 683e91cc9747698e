import { assert } from '@brickyard/std/assert'
import { ByteReader, ByteWriter } from '@brickyard/std/bytes'
import { err, ok, type Result } from '@brickyard/std/result'
import { checksum } from './message.ts'

/** Record types of the multi-record area (FRU 1.0 §18). */
const TYPE = { powerSupply: 0x00, dcOutput: 0x01, dcLoad: 0x02, managementAccess: 0x03 } as const
const OEM_FROM = 0xc0

const HEADER_BYTES = 5
const FORMAT_VERSION = 0x02
const LAST_RECORD = 0x80
const UNIT_BYTES = 8
/** Where the common header tells where the area lies, in eights (§8). */
const AREA_OFFSET_AT = 5
const COMMON_HEADER_BYTES = 8
/** More records than any board carries; a walk that goes on longer reads something else. */
const RECORDS_MAX = 64

/** A power supply (§18.1). */
export interface SupplyRecord {
  readonly kind: 'power-supply'
  /** Watts; the field has twelve bits. */
  readonly capacityWatts: number
  readonly peakVoltAmperes: number
  /** Millivolts of the first input range. */
  readonly inputMillivoltsMin: number
  readonly inputMillivoltsMax: number
  readonly hotSwap: boolean
  readonly predictsFailure: boolean
}

/** A DC output of a supply (§18.2) or a load on one (§18.3). */
export interface DcRecord {
  readonly kind: 'dc-output' | 'dc-load'
  readonly output: number
  readonly nominalMillivolts: number
  readonly millivoltsMin: number
  readonly millivoltsMax: number
  readonly milliamperesMin: number
  readonly milliamperesMax: number
}

/** How something is managed (§18.4): a URL, a name, a GUID in text. */
export interface AccessRecord {
  readonly kind: 'management-access'
  /** 1 system URL, 2 system name, 3 ping address, 4 component URL, 5 component name, 6 ping, 7 GUID. */
  readonly what: number
  readonly text: string
}

/** A maker's record, kept raw (§18.7). */
export interface OemRecord {
  readonly kind: 'oem'
  readonly type: number
  readonly manufacturerId: number
  readonly data: Uint8Array
}

/** A record of a type that is not taken apart: compatibility records and what is yet to come. */
export interface OtherFruRecord {
  readonly kind: 'other'
  readonly type: number
  readonly data: Uint8Array
}

export type FruRecord = SupplyRecord | DcRecord | AccessRecord | OemRecord | OtherFruRecord

export interface FruRecords {
  readonly records: readonly FruRecord[]
  /** Why the area could not be read on, or a record not taken; undefined when all was well. */
  readonly damaged: readonly string[]
}

/** Where the multi-record area begins; undefined for an inventory without one. */
export function fruRecordsAt(bytes: Uint8Array): number | undefined {
  const units = bytes[AREA_OFFSET_AT]
  return units === undefined || units === 0 ? undefined : units * UNIT_BYTES
}

/** How far the multi-record area reaches, as far as the bytes read so far tell (as `fruExtent`). */
export function fruRecordsExtent(bytes: Uint8Array): number {
  let at = fruRecordsAt(bytes) ?? 0
  for (let count = 0; at > 0 && count < RECORDS_MAX; count++) {
    const flags = bytes[at + 1]
    const length = bytes[at + 2]
    if (flags === undefined || length === undefined) return at + HEADER_BYTES
    at += HEADER_BYTES + length
    if ((flags & LAST_RECORD) !== 0) break
  }
  return at
}

/** Reads the multi-record area (FRU 1.0 §16); a record with a wrong checksum does not hide the others. */
export function decodeFruRecords(bytes: Uint8Array): FruRecords {
  const records: FruRecord[] = []
  const damaged: string[] = []
  let at = fruRecordsAt(bytes)
  for (let count = 0; at !== undefined && count < RECORDS_MAX; count++) {
    const header = bytes.subarray(at, at + HEADER_BYTES)
    if (header.length < HEADER_BYTES || checksum(header) !== 0) {
      // Where the next record begins is no longer known.
      damaged.push(`multi-record ${count}: its header is damaged`)
      break
    }
    const [type = 0, flags = 0, length = 0, dataChecksum = 0] = header
    const data = bytes.subarray(at + HEADER_BYTES, at + HEADER_BYTES + length)
    const record = decodeRecord(type, length, dataChecksum, data)
    if (record.ok) records.push(record.value)
    else damaged.push(`multi-record ${count}: ${record.error}`)
    at = (flags & LAST_RECORD) === 0 ? at + HEADER_BYTES + length : undefined
  }
  return { records, damaged }
}

function decodeRecord(
  type: number,
  length: number,
  dataChecksum: number,
  data: Uint8Array,
): Result<FruRecord> {
  if (data.length < length) return err(`says ${length} bytes and brings ${data.length}`)
  if (checksum(data) !== dataChecksum) return err('checksum is wrong')
  const reader = new ByteReader(data)
  const record = takeRecord(type, reader)
  return reader.short ? err(`type ${type} is cut short at ${length} bytes`) : ok(record)
}

function takeRecord(type: number, reader: ByteReader): FruRecord {
  switch (type) {
    case TYPE.powerSupply:
      return takeSupply(reader)
    case TYPE.dcOutput:
      return takeDc('dc-output', reader)
    case TYPE.dcLoad:
      return takeDc('dc-load', reader)
    case TYPE.managementAccess: {
      const what = reader.u8()
      const text = new TextDecoder('latin1').decode(reader.rest())
      return { kind: 'management-access', what, text: text.replace(/\p{Cc}/gu, '').trim() }
    }
    default: {
      if (type < OEM_FROM) return { kind: 'other', type, data: reader.rest().slice() }
      const manufacturerId = reader.u24le()
      return { kind: 'oem', type, manufacturerId, data: reader.rest().slice() }
    }
  }
}

/** Ten millivolts, as both records count. */
const CENTIVOLT_MV = 10
const CAPACITY_MASK = 0x0fff
const PREDICTS_FAILURE = 0x01
const HOT_SWAP = 0x08

function takeSupply(reader: ByteReader): SupplyRecord {
  const capacityWatts = reader.u16le() & CAPACITY_MASK
  const peakVoltAmperes = reader.u16le()
  // Inrush current and its interval.
  reader.skip(2)
  const inputMillivoltsMin = reader.u16le() * CENTIVOLT_MV
  const inputMillivoltsMax = reader.u16le() * CENTIVOLT_MV
  // The second input range, its frequencies, and the dropout tolerance.
  reader.skip(7)
  const flags = reader.u8()
  // Peak and combined wattages, and the predictive tachometer.
  reader.skip(6)
  return {
    kind: 'power-supply',
    capacityWatts,
    peakVoltAmperes,
    inputMillivoltsMin,
    inputMillivoltsMax,
    hotSwap: (flags & HOT_SWAP) !== 0,
    predictsFailure: (flags & PREDICTS_FAILURE) !== 0,
  }
}

/** Sixteen bits of two's complement. */
const signed16 = (value: number): number => (value >= 0x8000 ? value - 0x10000 : value)

function takeDc(kind: DcRecord['kind'], reader: ByteReader): DcRecord {
  const output = reader.u8() & 0x0f
  const nominalMillivolts = signed16(reader.u16le()) * CENTIVOLT_MV
  const millivoltsMin = signed16(reader.u16le()) * CENTIVOLT_MV
  const millivoltsMax = signed16(reader.u16le()) * CENTIVOLT_MV
  // Ripple and noise.
  reader.skip(2)
  const milliamperesMin = reader.u16le()
  const milliamperesMax = reader.u16le()
  return {
    kind,
    output,
    nominalMillivolts,
    millivoltsMin,
    millivoltsMax,
    milliamperesMin,
    milliamperesMax,
  }
}

/** An inventory with a multi-record area added behind it, for the BMC side. */
export function withFruRecords(fru: Uint8Array, records: readonly FruRecord[]): Uint8Array {
  assert(fruRecordsAt(fru) === undefined, 'the inventory has a multi-record area already')
  assert(records.length >= 1 && records.length <= RECORDS_MAX, 'one to 64 records')
  const at = Math.ceil(fru.length / UNIT_BYTES) * UNIT_BYTES
  const whole = new ByteWriter(at + 64).put(fru).zeroes(at - fru.length)
  records.forEach((record, nth) => {
    const { type, data } = encodeRecord(record)
    const flags = FORMAT_VERSION | (nth === records.length - 1 ? LAST_RECORD : 0)
    const header = Uint8Array.of(type, flags, data.length, checksum(data))
    whole.put(header).u8(checksum(header)).put(data)
  })
  whole.patchU8(AREA_OFFSET_AT, at / UNIT_BYTES)
  whole.patchU8(COMMON_HEADER_BYTES - 1, 0)
  const common = whole.done().subarray(0, COMMON_HEADER_BYTES)
  return whole.patchU8(COMMON_HEADER_BYTES - 1, checksum(common)).done()
}

function encodeRecord(record: FruRecord): { readonly type: number; readonly data: Uint8Array } {
  const writer = new ByteWriter(32)
  switch (record.kind) {
    case 'power-supply':
      writer.u16le(record.capacityWatts).u16le(record.peakVoltAmperes).zeroes(2)
      writer.u16le(record.inputMillivoltsMin / CENTIVOLT_MV)
      writer.u16le(record.inputMillivoltsMax / CENTIVOLT_MV).zeroes(7)
      writer.u8((record.hotSwap ? HOT_SWAP : 0) | (record.predictsFailure ? PREDICTS_FAILURE : 0))
      return { type: TYPE.powerSupply, data: writer.zeroes(6).done() }
    case 'dc-output':
    case 'dc-load': {
      const { nominalMillivolts, millivoltsMin, millivoltsMax } = record
      writer.u8(record.output)
      for (const millivolts of [nominalMillivolts, millivoltsMin, millivoltsMax]) {
        writer.u16le((millivolts / CENTIVOLT_MV) & 0xffff)
      }
      writer.zeroes(2).u16le(record.milliamperesMin).u16le(record.milliamperesMax)
      return {
        type: record.kind === 'dc-output' ? TYPE.dcOutput : TYPE.dcLoad,
        data: writer.done(),
      }
    }
    case 'management-access':
      writer.u8(record.what).put(new TextEncoder().encode(record.text))
      return { type: TYPE.managementAccess, data: writer.done() }
    case 'oem': {
      const { type, manufacturerId, data } = record
      writer.u16le(manufacturerId & 0xffff).u8(manufacturerId >> 16)
      return { type, data: writer.put(data).done() }
    }
    case 'other':
      return { type: record.type, data: record.data }
  }
}
