import { ByteReader, ByteWriter } from '@brickyard/std/bytes'
import { err, ok, type Result } from '@brickyard/std/result'
import {
  putCompactSensor,
  putEventOnlySensor,
  putFullSensor,
  takeCompactSensor,
  takeEventOnlySensor,
  takeFullSensor,
  type CompactSensor,
  type EventOnlySensor,
  type FullSensor,
} from './sdr-sensor.ts'
import { putSdrText, takeSdrText } from './sdr-text.ts'

/** Record types (IPMI 2.0 §43). */
const TYPE = {
  full: 0x01,
  compact: 0x02,
  eventOnly: 0x03,
  fruLocator: 0x11,
  controllerLocator: 0x12,
} as const

const SDR_VERSION = 0x51
export const SDR_HEADER_BYTES = 5
/** Where the header tells how many bytes follow it. */
export const SDR_LENGTH_AT = 4

/** FRU device locator (§43.8). */
export interface FruLocator {
  readonly kind: 'fru-locator'
  /** Slave address of the controller or device that answers for it. */
  readonly accessAddress: number
  /** FRU device id when `logical` (asked by Read FRU Data), else a slave address on a private bus. */
  readonly device: number
  readonly logical: boolean
  readonly entityId: number
  readonly entityInstance: number
  readonly name: string
}

/** Management controller device locator (§43.9). */
export interface ControllerLocator {
  readonly kind: 'controller-locator'
  readonly address: number
  readonly channel: number
  /** Bits as in Get Device ID, "additional device support". */
  readonly capabilities: number
  readonly entityId: number
  readonly entityInstance: number
  readonly name: string
}

/** A record of a type that is not taken apart: associations, OEM records and whatever is yet to come. */
export interface OtherRecord {
  readonly kind: 'other'
  readonly type: number
  readonly body: Uint8Array
}

export type SdrRecord =
  | FullSensor
  | CompactSensor
  | EventOnlySensor
  | FruLocator
  | ControllerLocator
  | OtherRecord

/** Reads one whole record, header included. */
export function decodeSdrRecord(
  bytes: Uint8Array,
): Result<{ readonly recordId: number; readonly record: SdrRecord }> {
  const header = new ByteReader(bytes)
  const recordId = header.u16le()
  header.skip(1)
  const type = header.u8()
  const length = header.u8()
  if (header.short) return err(`SDR header of ${bytes.length} bytes, not 5`)
  if (header.remaining < length) {
    return err(`SDR record ${recordId} says ${length} bytes and brings ${header.remaining}`)
  }
  const reader = new ByteReader(bytes, SDR_HEADER_BYTES, SDR_HEADER_BYTES + length)
  const record = takeBody(type, reader)
  return reader.short
    ? err(`SDR record ${recordId} of type ${type} is cut short at ${length} bytes`)
    : ok({ recordId, record })
}

function takeBody(type: number, reader: ByteReader): SdrRecord {
  switch (type) {
    case TYPE.full:
      return takeFullSensor(reader)
    case TYPE.compact:
      return takeCompactSensor(reader)
    case TYPE.eventOnly:
      return takeEventOnlySensor(reader)
    case TYPE.fruLocator:
      return takeFruLocator(reader)
    case TYPE.controllerLocator:
      return takeControllerLocator(reader)
    default:
      return { kind: 'other', type, body: reader.rest().slice() }
  }
}

function takeFruLocator(reader: ByteReader): FruLocator {
  const accessAddress = reader.u8()
  const device = reader.u8()
  const logical = (reader.u8() & 0x80) !== 0
  reader.skip(4)
  const entityId = reader.u8()
  const entityInstance = reader.u8()
  reader.skip(1)
  const name = takeSdrText(reader)
  return { kind: 'fru-locator', accessAddress, device, logical, entityId, entityInstance, name }
}

function takeControllerLocator(reader: ByteReader): ControllerLocator {
  const address = reader.u8()
  const channel = reader.u8() & 0x0f
  reader.skip(1)
  const capabilities = reader.u8()
  reader.skip(3)
  const entityId = reader.u8()
  const entityInstance = reader.u8()
  reader.skip(1)
  const name = takeSdrText(reader)
  const kind = 'controller-locator'
  return { kind, address, channel, capabilities, entityId, entityInstance, name }
}

/** Writes one whole record, for the BMC side. Names have at most 16 characters of latin1. */
export function encodeSdrRecord(recordId: number, record: SdrRecord): Uint8Array {
  const body = new ByteWriter(64)
  const type = putBody(body, record)
  return new ByteWriter(SDR_HEADER_BYTES + body.length)
    .u16le(recordId)
    .u8(SDR_VERSION)
    .u8(type)
    .u8(body.length)
    .put(body.done())
    .done()
}

function putBody(body: ByteWriter, record: SdrRecord): number {
  switch (record.kind) {
    case 'full':
      putFullSensor(body, record)
      return TYPE.full
    case 'compact':
      putCompactSensor(body, record)
      return TYPE.compact
    case 'event-only':
      putEventOnlySensor(body, record)
      return TYPE.eventOnly
    case 'fru-locator':
      body.u8(record.accessAddress).u8(record.device)
      body.u8(record.logical ? 0x80 : 0).zeroes(2)
      // Device type 0x10: an EEPROM behind the controller (table 43-12).
      body.u8(0x10).u8(0).u8(record.entityId).u8(record.entityInstance).u8(0)
      putSdrText(body, record.name)
      return TYPE.fruLocator
    case 'controller-locator':
      body.u8(record.address).u8(record.channel).u8(0).u8(record.capabilities).zeroes(3)
      body.u8(record.entityId).u8(record.entityInstance).u8(0)
      putSdrText(body, record.name)
      return TYPE.controllerLocator
    case 'other':
      body.put(record.body)
      return record.type
  }
}
