import { ByteReader, ByteWriter } from '@brickyard/std/bytes'
import { putFactors, takeFactors } from './commands/sensor-factors.ts'
import {
  thresholdMask,
  THRESHOLDS,
  type Hysteresis,
  type RawThresholds,
  type ThresholdName,
} from './commands/sensor-thresholds.ts'
import { putSdrText, takeSdrText } from './sdr-text.ts'
import { LINEARIZATIONS, type Linearization, type ReadingFactors } from './sensor-conversion.ts'
import type { SensorUnit } from './sensor-unit.ts'

/** What every sensor record says of its sensor (IPMI 2.0 §43.1 to §43.3). */
export interface SensorIdentity {
  /** Who answers for it: a slave address (even, 0x20 is the BMC) or a software id (odd). */
  readonly owner: number
  readonly ownerChannel: number
  readonly ownerLun: number
  readonly number: number
  /** What it belongs to (table 43-13), e.g. 3 processor, 7 system board. */
  readonly entityId: number
  readonly entityInstance: number
  readonly sensorType: number
  /** 1: threshold; 2..12: a generic set of states; 0x6f: the states of its sensor type. */
  readonly eventType: number
  readonly name: string
}

/** A sensor with a number: everything needed to turn its raw readings into values. */
export interface FullSensor extends SensorIdentity {
  readonly kind: 'full'
  readonly unit: SensorUnit
  /** Undefined: it returns no number. */
  readonly factors: ReadingFactors | undefined
  /** Thresholds by the record; only `Get Sensor Thresholds` tells what they are now. */
  readonly thresholds: RawThresholds
  /** Mask of the thresholds that may be set. */
  readonly settable: number
  readonly hysteresis: Hysteresis
}

/** A sensor with states; `share` sensors in a row look alike and differ in number and name. */
export interface CompactSensor extends SensorIdentity {
  readonly kind: 'compact'
  readonly unit: SensorUnit
  readonly share: SensorSharing
}

/** A sensor that sends events and cannot be read. */
export interface EventOnlySensor extends SensorIdentity {
  readonly kind: 'event-only'
  readonly share: SensorSharing
}

export interface SensorSharing {
  /** 1 for a sensor of its own. */
  readonly count: number
  readonly modifier: 'numeric' | 'alphabetic'
  readonly modifierOffset: number
  readonly entityInstancesCountUp: boolean
}

export const ALONE: SensorSharing = {
  count: 1,
  modifier: 'numeric',
  modifierOffset: 0,
  entityInstancesCountUp: false,
}

/** Where the record keeps its thresholds: from the highest down, upper first. */
const RECORD_ORDER: readonly ThresholdName[] = [
  'upperNonRecoverable',
  'upperCritical',
  'upperNonCritical',
  'lowerNonRecoverable',
  'lowerCritical',
  'lowerNonCritical',
]

const THRESHOLD_EVENT_TYPE = 0x01
/** Capabilities: re-arms by itself, hysteresis and thresholds readable and settable (§43.1, byte 12). */
const CAPABILITIES_THRESHOLD = 0x68
const CAPABILITIES_DISCRETE = 0x40
/** Initialization: events and scanning are on after power-up (byte 11). */
const INITIALIZATION = 0x7f
const MODIFIER_USES = ['none', 'divide', 'multiply', 'none'] as const
const FORMATS = ['unsigned', 'ones-complement', 'twos-complement', undefined] as const
const NON_LINEAR = 0x70

type Head = Omit<SensorIdentity, 'sensorType' | 'eventType' | 'name'>

function takeHead(reader: ByteReader): Head {
  const owner = reader.u8()
  const channelLun = reader.u8()
  const number = reader.u8()
  const entityId = reader.u8()
  const entityInstance = reader.u8() & 0x7f
  const ownerChannel = channelLun >> 4
  return { owner, ownerChannel, ownerLun: channelLun & 0x03, number, entityId, entityInstance }
}

const putHead = (writer: ByteWriter, sensor: Head): ByteWriter =>
  writer
    .u8(sensor.owner)
    .u8((sensor.ownerChannel << 4) | sensor.ownerLun)
    .u8(sensor.number)
    .u8(sensor.entityId)
    .u8(sensor.entityInstance)

function takeUnit(reader: ByteReader): { readonly unit: SensorUnit; readonly format: number } {
  const flags = reader.u8()
  const base = reader.u8()
  const modifier = reader.u8()
  const unit: SensorUnit = {
    percentage: (flags & 0x01) !== 0,
    base,
    modifier,
    modifierUse: MODIFIER_USES[(flags >> 1) & 0x03] ?? 'none',
    rate: (flags >> 3) & 0x07,
  }
  return { unit, format: flags >> 6 }
}

const putUnit = (writer: ByteWriter, unit: SensorUnit, format: number): ByteWriter =>
  writer
    .u8(
      (format << 6) |
        (unit.rate << 3) |
        (MODIFIER_USES.indexOf(unit.modifierUse) << 1) |
        (unit.percentage ? 1 : 0),
    )
    .u8(unit.base)
    .u8(unit.modifier)

const linearizationOf = (code: number): Linearization => LINEARIZATIONS[code & 0x7f] ?? 'non-linear'

/** Full sensor record from byte 6 on (§43.1). */
export function takeFullSensor(reader: ByteReader): FullSensor {
  const head = takeHead(reader)
  reader.skip(2)
  const sensorType = reader.u8()
  const eventType = reader.u8()
  reader.skip(4)
  const readable = reader.u8()
  const settable = reader.u8()
  const { unit, format } = takeUnit(reader)
  const linearization = linearizationOf(reader.u8())
  const numbers = takeFactors(reader)
  const number = FORMATS[format]
  // Analog flags, nominal, normal and sensor limits: descriptions that nobody judges by.
  reader.skip(6)
  const raws = new Map(RECORD_ORDER.map((name) => [name, reader.u8()] as const))
  const thresholds: Partial<Record<ThresholdName, number>> = {}
  THRESHOLDS.forEach((name, bit) => {
    const raw = raws.get(name)
    if (raw !== undefined && (readable & (1 << bit)) !== 0) thresholds[name] = raw
  })
  const hysteresis = { positive: reader.u8(), negative: reader.u8() }
  reader.skip(3)
  const isThreshold = eventType === THRESHOLD_EVENT_TYPE
  return {
    kind: 'full',
    ...head,
    sensorType,
    eventType,
    name: takeSdrText(reader),
    unit,
    factors: number === undefined ? undefined : { format: number, linearization, ...numbers },
    // For sensors with states the same bytes hold a mask of states.
    thresholds: isThreshold ? thresholds : {},
    settable: isThreshold ? settable & 0x3f : 0,
    hysteresis,
  }
}

export function putFullSensor(writer: ByteWriter, sensor: FullSensor): void {
  const { factors, thresholds, hysteresis } = sensor
  const readable = thresholdMask(thresholds)
  const events = thresholdEvents(readable)
  putHead(writer, sensor).u8(INITIALIZATION).u8(CAPABILITIES_THRESHOLD)
  writer.u8(sensor.sensorType).u8(sensor.eventType)
  writer.u16le(events).u16le(events).u8(readable).u8(sensor.settable)
  putUnit(writer, sensor.unit, factors === undefined ? 3 : FORMATS.indexOf(factors.format))
  const code =
    factors === undefined
      ? 0
      : factors.linearization === 'non-linear'
        ? NON_LINEAR
        : LINEARIZATIONS.indexOf(factors.linearization)
  writer.u8(code)
  putFactors(writer, factors ?? { m: 1, b: 0, bExponent: 0, resultExponent: 0, tolerance: 0 })
  writer.u8(0).zeroes(3).u8(0xff).u8(0)
  for (const name of RECORD_ORDER) writer.u8(thresholds[name] ?? 0)
  writer.u8(hysteresis.positive).u8(hysteresis.negative).zeroes(3)
  putSdrText(writer, sensor.name)
}

/** Events of thresholds: lower ones going low, upper ones going high (table 42-2, type 1). */
function thresholdEvents(readable: number): number {
  let events = 0
  for (let bit = 0; bit < THRESHOLDS.length; bit++) {
    if ((readable & (1 << bit)) !== 0) events |= 1 << (bit * 2 + (bit < 3 ? 0 : 1))
  }
  return events
}

function takeSharing(reader: ByteReader): SensorSharing {
  const first = reader.u8()
  const second = reader.u8()
  return {
    count: Math.max(1, first & 0x0f),
    modifier: (first & 0x30) === 0x10 ? 'alphabetic' : 'numeric',
    modifierOffset: second & 0x7f,
    entityInstancesCountUp: (second & 0x80) !== 0,
  }
}

const putSharing = (writer: ByteWriter, share: SensorSharing): ByteWriter =>
  writer
    .u8((share.modifier === 'alphabetic' ? 0x10 : 0) | share.count)
    .u8((share.entityInstancesCountUp ? 0x80 : 0) | share.modifierOffset)

/** Compact sensor record from byte 6 on (§43.2). */
export function takeCompactSensor(reader: ByteReader): CompactSensor {
  const head = takeHead(reader)
  reader.skip(2)
  const sensorType = reader.u8()
  const eventType = reader.u8()
  reader.skip(6)
  const { unit } = takeUnit(reader)
  const share = takeSharing(reader)
  reader.skip(6)
  const name = takeSdrText(reader)
  return { kind: 'compact', ...head, sensorType, eventType, name, unit, share }
}

/** All fifteen states may be read and reported. */
const ALL_STATES = 0x7fff

export function putCompactSensor(writer: ByteWriter, sensor: CompactSensor): void {
  putHead(writer, sensor).u8(INITIALIZATION).u8(CAPABILITIES_DISCRETE)
  writer.u8(sensor.sensorType).u8(sensor.eventType)
  writer.u16le(ALL_STATES).u16le(ALL_STATES).u16le(ALL_STATES)
  putUnit(writer, sensor.unit, 3)
  putSharing(writer, sensor.share).zeroes(6)
  putSdrText(writer, sensor.name)
}

/** Event-only record from byte 6 on (§43.3). */
export function takeEventOnlySensor(reader: ByteReader): EventOnlySensor {
  const head = takeHead(reader)
  const sensorType = reader.u8()
  const eventType = reader.u8()
  const share = takeSharing(reader)
  reader.skip(2)
  return { kind: 'event-only', ...head, sensorType, eventType, name: takeSdrText(reader), share }
}

export function putEventOnlySensor(writer: ByteWriter, sensor: EventOnlySensor): void {
  putHead(writer, sensor).u8(sensor.sensorType).u8(sensor.eventType)
  putSharing(writer, sensor.share).zeroes(2)
  putSdrText(writer, sensor.name)
}

/** The sensors one record stands for: shared records are unfolded, each with its number and name (§43.2, byte 24). */
export function unfold<S extends CompactSensor | EventOnlySensor>(sensor: S): readonly S[] {
  const { share } = sensor
  if (share.count === 1) return [sensor]
  return Array.from({ length: share.count }, (_, at) => {
    const n = share.modifierOffset + at
    const mark = share.modifier === 'numeric' ? String(n) : letters(n)
    return {
      ...sensor,
      number: (sensor.number + at) & 0xff,
      entityInstance: sensor.entityInstance + (share.entityInstancesCountUp ? at : 0),
      name: `${sensor.name}${mark}`,
      share: ALONE,
    }
  })
}

/** 0 is A, 25 Z, 26 AA. */
const letters = (n: number): string =>
  (n >= 26 ? letters(Math.floor(n / 26) - 1) : '') + String.fromCharCode(0x41 + (n % 26))
