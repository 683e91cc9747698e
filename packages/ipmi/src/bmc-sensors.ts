import { deviceTable, type DeviceOutcome } from './bmc-device.ts'
import {
  decodeGetSdr,
  encodeReservation,
  encodeSdrPiece,
  encodeSdrRepositoryInfo,
  FIRST_RECORD,
  GET_SDR,
  GET_SDR_REPOSITORY_INFO,
  LAST_RECORD,
  RESERVE_SDR_REPOSITORY,
} from './commands/sdr-repository.ts'
import { encodeSensorFactors, GET_SENSOR_READING_FACTORS } from './commands/sensor-factors.ts'
import {
  encodeSensorReading,
  GET_SENSOR_READING,
  type RawReading,
} from './commands/sensor-reading.ts'
import {
  decodeSetSensorThresholds,
  encodeSensorHysteresis,
  encodeSensorThresholds,
  GET_SENSOR_HYSTERESIS,
  GET_SENSOR_THRESHOLDS,
  SET_SENSOR_THRESHOLDS,
  thresholdMask,
  THRESHOLDS,
  type RawThresholds,
} from './commands/sensor-thresholds.ts'
import { COMPLETION } from './completion-code.ts'
import { EVENT_TYPE_THRESHOLD } from './event-words.ts'
import { encodeSdrRecord, type SdrRecord } from './sdr-record.ts'
import type { CompactSensor, FullSensor } from './sdr-sensor.ts'
import { signedRaw } from './sensor-conversion.ts'

/** Like many BMCs, no more of a record than this in one answer; consoles must come down to it. */
const SDR_PIECE_BYTES_MAX = 32
const WHOLE_RECORD = 0xff

/** The sensors of a BMC and the repository that describes them. */
export interface SensorDevice {
  /** Records as they are read; number n is the n-th, from 1. */
  readonly records: readonly Uint8Array[]
  readonly sensors: ReadonlyMap<number, FullSensor | CompactSensor>
  readonly readings: ReadonlyMap<number, RawReading>
  readonly thresholds: ReadonlyMap<number, RawThresholds>
  /** The reservation last handed out; 0 is none. */
  readonly reservation: number
  /** When the repository last changed, in seconds of the BMC's clock. */
  readonly changedAtS: number
}

const NEVER_READ: RawReading = { raw: 0, scanning: true, unavailable: true, states: 0 }

export function createSensorDevice(records: readonly SdrRecord[], nowS: number): SensorDevice {
  const sensors = new Map<number, FullSensor | CompactSensor>()
  const thresholds = new Map<number, RawThresholds>()
  for (const record of records) {
    if (record.kind !== 'full' && record.kind !== 'compact') continue
    sensors.set(record.number, record)
    if (record.kind === 'full') thresholds.set(record.number, record.thresholds)
  }
  return {
    records: records.map((record, at) => encodeSdrRecord(at + 1, record)),
    sensors,
    readings: new Map([...sensors.keys()].map((number) => [number, NEVER_READ])),
    thresholds,
    reservation: 0,
    changedAtS: nowS,
  }
}

/** A state that came or went with a new reading: for thresholds the offset of table 42-2, type 1. */
export interface SensorChange {
  readonly sensor: FullSensor | CompactSensor
  readonly offset: number
  readonly asserted: boolean
  readonly raw: number
  /** The raw threshold passed; undefined for sensors with states. */
  readonly threshold: number | undefined
}

/** What a sensor measures now: a raw number, a mask of states, or nothing. */
export type Measured =
  | { readonly raw: number }
  | { readonly states: number }
  | { readonly unavailable: true }

/**
 * Takes a new reading of a sensor and tells which states came and went (§35.14; hysteresis §36.7).
 * A sensor that becomes unavailable keeps its states until it reads again.
 */
export function measure(
  device: SensorDevice,
  number: number,
  measured: Measured,
): { readonly device: SensorDevice; readonly changes: readonly SensorChange[] } {
  const sensor = device.sensors.get(number)
  const before = device.readings.get(number)
  if (sensor === undefined || before === undefined) return { device, changes: [] }
  const next = nextReading(device, sensor, before, measured)
  const readings = new Map(device.readings).set(number, next)
  const changes = next.unavailable ? [] : changesOf(device, sensor, before, next)
  return { device: { ...device, readings }, changes }
}

function nextReading(
  device: SensorDevice,
  sensor: FullSensor | CompactSensor,
  before: RawReading,
  measured: Measured,
): RawReading {
  if ('unavailable' in measured) return { ...before, unavailable: true }
  if ('states' in measured) {
    return { ...before, raw: 0, unavailable: false, states: measured.states & 0x7fff }
  }
  const { raw } = measured
  if (sensor.kind !== 'full') return { ...before, raw, unavailable: false }
  const thresholds = device.thresholds.get(sensor.number) ?? {}
  let states = 0
  THRESHOLDS.forEach((name, bit) => {
    const threshold = thresholds[name]
    const held = (before.states & (1 << bit)) !== 0
    if (threshold !== undefined && passed(sensor, raw, threshold, bit, held)) states |= 1 << bit
  })
  return { ...before, raw, unavailable: false, states }
}

function passed(
  sensor: FullSensor,
  raw: number,
  threshold: number,
  bit: number,
  held: boolean,
): boolean {
  const format = sensor.factors?.format ?? 'unsigned'
  const value = signedRaw(format, raw)
  const limit = signedRaw(format, threshold)
  const { positive, negative } = sensor.hysteresis
  return bit < 3 ? value <= limit + (held ? negative : 0) : value >= limit - (held ? positive : 0)
}

function changesOf(
  device: SensorDevice,
  sensor: FullSensor | CompactSensor,
  before: RawReading,
  next: RawReading,
): readonly SensorChange[] {
  const changes: SensorChange[] = []
  const thresholds = device.thresholds.get(sensor.number) ?? {}
  const isThreshold = sensor.eventType === EVENT_TYPE_THRESHOLD
  for (let bit = 0; bit < 15; bit++) {
    const held = (before.states & (1 << bit)) !== 0
    const holds = (next.states & (1 << bit)) !== 0
    if (held === holds) continue
    const name = THRESHOLDS[bit]
    // Lower thresholds are passed going low, upper ones going high.
    const offset = isThreshold ? bit * 2 + (bit < 3 ? 0 : 1) : bit
    const threshold = isThreshold && name !== undefined ? thresholds[name] : undefined
    changes.push({ sensor, offset, asserted: holds, raw: next.raw, threshold })
  }
  return changes
}

type Outcome = DeviceOutcome<SensorDevice>

/** The commands of a sensor device and its repository (IPMI 2.0 §33, §35). */
export const SENSOR_COMMANDS = deviceTable<SensorDevice>([
  [GET_SDR_REPOSITORY_INFO, 'user', repositoryInfo],
  [RESERVE_SDR_REPOSITORY, 'user', reserve],
  [GET_SDR, 'user', getSdr],
  [GET_SENSOR_READING, 'user', (device, [number]) => reading(device, number)],
  [GET_SENSOR_READING_FACTORS, 'user', factors],
  [GET_SENSOR_THRESHOLDS, 'user', getThresholds],
  [SET_SENSOR_THRESHOLDS, 'operator', setThresholds],
  [GET_SENSOR_HYSTERESIS, 'user', hysteresis],
])

function repositoryInfo(device: SensorDevice): Outcome {
  return encodeSdrRepositoryInfo({
    records: device.records.length,
    freeBytes: 0,
    addedAtS: device.changedAtS,
    erasedAtS: 0,
    reservable: true,
  })
}

function reserve(device: SensorDevice): Outcome {
  const reservation = (device.reservation % 0xffff) + 1
  return { state: { ...device, reservation }, data: encodeReservation(reservation) }
}

function getSdr(device: SensorDevice, data: Uint8Array): Outcome {
  const wanted = decodeGetSdr(data)
  if (!wanted.ok) return COMPLETION.requestTooShort
  const { reservation, recordId, offset, count } = wanted.value
  // §33.12: a reservation is needed for a part of a record only.
  const whole = offset === 0 && count === WHOLE_RECORD
  if (reservation !== device.reservation && !(whole && reservation === 0)) {
    return COMPLETION.reservationLost
  }
  const last = device.records.length
  const id = recordId === FIRST_RECORD ? 1 : recordId === LAST_RECORD ? last : recordId
  const record = device.records[id - 1]
  if (record === undefined) return COMPLETION.notPresent
  if (offset >= record.length) return COMPLETION.outOfRange
  const bytes = record.subarray(offset, offset + count)
  if (bytes.length > SDR_PIECE_BYTES_MAX) return COMPLETION.cannotReturnBytes
  return encodeSdrPiece({ nextRecordId: id === last ? LAST_RECORD : id + 1, bytes })
}

function reading(device: SensorDevice, number: number | undefined): Outcome {
  if (number === undefined) return COMPLETION.requestTooShort
  const sensor = device.sensors.get(number)
  const now = device.readings.get(number)
  if (sensor === undefined || now === undefined) return COMPLETION.notPresent
  return encodeSensorReading(now, sensor.eventType === EVENT_TYPE_THRESHOLD)
}

function factors(device: SensorDevice, data: Uint8Array): Outcome {
  const [number, raw] = data
  if (number === undefined || raw === undefined) return COMPLETION.requestTooShort
  const sensor = device.sensors.get(number)
  if (sensor?.kind !== 'full' || sensor.factors === undefined) return COMPLETION.notPresent
  return encodeSensorFactors(Math.min(raw + 1, 0xff), sensor.factors)
}

function getThresholds(device: SensorDevice, data: Uint8Array): Outcome {
  const [number] = data
  if (number === undefined) return COMPLETION.requestTooShort
  const thresholds = device.thresholds.get(number)
  return thresholds === undefined ? COMPLETION.notPresent : encodeSensorThresholds(thresholds)
}

function setThresholds(device: SensorDevice, data: Uint8Array): Outcome {
  const wanted = decodeSetSensorThresholds(data)
  if (!wanted.ok) return COMPLETION.requestTooShort
  const { sensor: number, thresholds } = wanted.value
  const sensor = device.sensors.get(number)
  const now = device.thresholds.get(number)
  if (sensor?.kind !== 'full' || now === undefined) return COMPLETION.notPresent
  if ((thresholdMask(thresholds) & ~sensor.settable) !== 0) return COMPLETION.illegalForRecord
  const next = new Map(device.thresholds).set(number, { ...now, ...thresholds })
  return { state: { ...device, thresholds: next } }
}

function hysteresis(device: SensorDevice, data: Uint8Array): Outcome {
  const [number] = data
  if (number === undefined) return COMPLETION.requestTooShort
  const sensor = device.sensors.get(number)
  return sensor?.kind === 'full' ? encodeSensorHysteresis(sensor.hysteresis) : COMPLETION.notPresent
}
