import { ByteReader, ByteWriter } from '@brickyard/std/bytes'
import { err, ok, type Result } from '@brickyard/std/result'
import { SEL_RECORD_BYTES } from './commands/sel.ts'

const TYPE_SYSTEM_EVENT = 0x02
const TYPE_OEM_TIMED_FROM = 0xc0
const TYPE_OEM_TIMELESS_FROM = 0xe0
const EVENT_FORMAT_2 = 0x04
const DEASSERTED = 0x80

/** An event of a sensor (IPMI 2.0 §32.1). */
export interface SelEvent {
  readonly kind: 'event'
  readonly recordId: number
  /** Seconds of the BMC's clock; see `selTime`. */
  readonly atS: number
  /** Slave address or software id of who reported it, its channel and LUN in the upper byte. */
  readonly generator: number
  readonly sensorType: number
  readonly sensorNumber: number
  readonly eventType: number
  readonly asserted: boolean
  /** State or threshold offset: the low four bits of the first data byte. */
  readonly offset: number
  /** The three data bytes as they came. */
  readonly data: readonly [number, number, number]
}

/** A maker's record, kept raw (§32.2, §32.3): with a time and a maker's number, or without either. */
export interface SelOem {
  readonly kind: 'oem'
  readonly recordId: number
  readonly type: number
  readonly atS: number | undefined
  readonly manufacturerId: number | undefined
  readonly data: Uint8Array
}

export type SelRecord = SelEvent | SelOem

/** Reads one record of 16 bytes (§32). */
export function decodeSelRecord(bytes: Uint8Array): Result<SelRecord> {
  if (bytes.length < SEL_RECORD_BYTES) return err(`SEL record of ${bytes.length} bytes, not 16`)
  const reader = new ByteReader(bytes, 0, SEL_RECORD_BYTES)
  const recordId = reader.u16le()
  const type = reader.u8()
  if (type >= TYPE_OEM_TIMELESS_FROM) {
    const data = reader.rest().slice()
    return ok({ kind: 'oem', recordId, type, atS: undefined, manufacturerId: undefined, data })
  }
  const atS = reader.u32le()
  if (type >= TYPE_OEM_TIMED_FROM) {
    const manufacturerId = reader.u24le()
    return ok({ kind: 'oem', recordId, type, atS, manufacturerId, data: reader.rest().slice() })
  }
  if (type !== TYPE_SYSTEM_EVENT) return err(`SEL record ${recordId} has the reserved type ${type}`)
  const generator = reader.u16le()
  reader.skip(1)
  const sensorType = reader.u8()
  const sensorNumber = reader.u8()
  const direction = reader.u8()
  const data = [reader.u8(), reader.u8(), reader.u8()] as const
  return ok({
    kind: 'event',
    recordId,
    atS,
    generator,
    sensorType,
    sensorNumber,
    eventType: direction & 0x7f,
    asserted: (direction & DEASSERTED) === 0,
    offset: data[0] & 0x0f,
    data,
  })
}

export function encodeSelRecord(record: SelRecord): Uint8Array {
  const writer = new ByteWriter(SEL_RECORD_BYTES).u16le(record.recordId)
  if (record.kind === 'oem') {
    writer.u8(record.type)
    if (record.atS !== undefined) {
      const maker = record.manufacturerId ?? 0
      writer
        .u32le(record.atS)
        .u16le(maker & 0xffff)
        .u8(maker >> 16)
    }
    return writer.put(record.data).done()
  }
  const [first, second, third] = record.data
  return writer
    .u8(TYPE_SYSTEM_EVENT)
    .u32le(record.atS)
    .u16le(record.generator)
    .u8(EVENT_FORMAT_2)
    .u8(record.sensorType)
    .u8(record.sensorNumber)
    .u8(record.eventType | (record.asserted ? 0 : DEASSERTED))
    .u8(first)
    .u8(second)
    .u8(third)
    .done()
}

/** Up to here a time counts from the BMC's start, because it had no clock yet (§37.1). */
const BEFORE_CLOCK_S = 0x20000000
const UNSPECIFIED_S = 0xffffffff

/** What a time stamp means: seconds since 1970, seconds since the BMC started, or nothing. */
export function selTime(
  atS: number,
):
  | { readonly kind: 'since-1970'; readonly seconds: number }
  | { readonly kind: 'since-start'; readonly seconds: number }
  | { readonly kind: 'unknown' } {
  if (atS === UNSPECIFIED_S) return { kind: 'unknown' }
  return { kind: atS <= BEFORE_CLOCK_S ? 'since-start' : 'since-1970', seconds: atS }
}
