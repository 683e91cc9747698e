import { ok } from '@brickyard/std/result'
import { decodeSensorFactors, sensorFactorsRequest } from './commands/sensor-factors.ts'
import { decodeSensorReading, sensorReadingRequest } from './commands/sensor-reading.ts'
import type { RawReading } from './commands/sensor-reading.ts'
import {
  decodeSensorThresholds,
  sensorThresholdsRequest,
  THRESHOLDS,
  type RawThresholds,
  type ThresholdName,
} from './commands/sensor-thresholds.ts'
import { COMPLETION, describeCompletion } from './completion-code.ts'
import type { Conversation } from './conversation.ts'
import { EVENT_TYPE_THRESHOLD, gravest, stateWords, type Severity } from './event-words.ts'
import { convertRaw, toleranceOf, type ReadingFactors } from './sensor-conversion.ts'
import { unitText } from './sensor-unit.ts'
import type { SdrRecord } from './sdr-record.ts'
import { unfold, type CompactSensor, type FullSensor } from './sdr-sensor.ts'

/** The BMC itself as owner of a sensor; others sit behind it and would need bridging. */
const BMC_ADDRESS = 0x20

/** A sensor that may be asked, and its thresholds as they were when the sensors were listed. */
export interface ListedSensor {
  readonly sensor: FullSensor | CompactSensor
  readonly thresholds: RawThresholds
}

/** A sensor's present state. */
export interface SensorState {
  readonly sensor: FullSensor | CompactSensor
  readonly health: Severity | 'unknown'
  readonly reading:
    | {
        readonly kind: 'value'
        readonly raw: number
        readonly value: number
        readonly unit: string
        /** Undefined where the sensor's function is not linear. */
        readonly tolerance: number | undefined
      }
    | {
        readonly kind: 'states'
        readonly offsets: readonly number[]
        readonly states: readonly string[]
      }
    | { readonly kind: 'none'; readonly why: string }
  readonly thresholds: Readonly<Partial<Record<ThresholdName, number>>>
}

/** The sensors that records stand for, each with its thresholds asked (§35.9), which hold for many sweeps. */
export function* listSensors(records: readonly SdrRecord[]): Conversation<readonly ListedSensor[]> {
  const listed: ListedSensor[] = []
  for (const record of records) {
    if (record.kind === 'compact') {
      for (const sensor of unfold(record)) listed.push({ sensor, thresholds: {} })
    }
    if (record.kind !== 'full') continue
    const asks = record.owner === BMC_ADDRESS && Object.keys(record.thresholds).length > 0
    const answer = asks ? yield sensorThresholdsRequest(record.number) : undefined
    const told =
      answer?.completionCode === COMPLETION.ok ? decodeSensorThresholds(answer.data) : undefined
    // A BMC that does not tell them now has still written them into its record.
    listed.push({ sensor: record, thresholds: told?.ok === true ? told.value : record.thresholds })
  }
  return ok(listed)
}

/** One sweep (§35.14): every sensor is asked once; one that refuses says so and stops nothing. */
export function* sweepSensors(
  sensors: readonly ListedSensor[],
): Conversation<readonly SensorState[]> {
  const states: SensorState[] = []
  for (const listed of sensors) {
    const state = yield* readSensor(listed)
    if (!state.ok) return state
    states.push(state.value)
  }
  return ok(states)
}

function* readSensor(listed: ListedSensor): Conversation<SensorState> {
  const { sensor } = listed
  const none = (why: string): SensorState => ({
    sensor,
    health: 'unknown',
    reading: { kind: 'none', why },
    thresholds: limits(listed, factorsOf(sensor)),
  })
  if (sensor.owner !== BMC_ADDRESS || sensor.ownerLun !== 0) {
    return ok(none(`it belongs to controller 0x${sensor.owner.toString(16)}`))
  }
  const { completionCode, data } = yield sensorReadingRequest(sensor.number)
  if (completionCode !== COMPLETION.ok) return ok(none(describeCompletion(completionCode)))
  const reading = decodeSensorReading(data)
  if (!reading.ok) return ok(none(reading.error))
  if (reading.value.unavailable) return ok(none('no reading available'))
  if (!reading.value.scanning) return ok(none('not scanned'))
  if (sensor.eventType !== EVENT_TYPE_THRESHOLD) return ok(discrete(sensor, reading.value))
  let factors = factorsOf(sensor)
  if (factors?.linearization === 'non-linear') {
    const answer = yield sensorFactorsRequest(sensor.number, reading.value.raw)
    const told =
      answer.completionCode === COMPLETION.ok ? decodeSensorFactors(answer.data) : undefined
    if (told?.ok !== true) return ok(none('the factors of its non-linear reading are not told'))
    factors = { ...factors, ...told.value }
  }
  const value = factors === undefined ? undefined : convertRaw(factors, reading.value.raw)
  if (factors === undefined || value === undefined || sensor.kind !== 'full') {
    return ok(none(`raw reading ${reading.value.raw} has no value`))
  }
  return ok({
    sensor,
    health: thresholdHealth(reading.value.states),
    reading: {
      kind: 'value',
      raw: reading.value.raw,
      value,
      unit: unitText(sensor.unit),
      tolerance: toleranceOf(factors),
    },
    thresholds: limits(listed, factors),
  })
}

const factorsOf = (sensor: FullSensor | CompactSensor): ReadingFactors | undefined =>
  sensor.kind === 'full' ? sensor.factors : undefined

/** Thresholds in the sensor's unit; a function that turns the order round is the record's own affair. */
function limits(
  { thresholds }: ListedSensor,
  factors: ReadingFactors | undefined,
): SensorState['thresholds'] {
  const found: Partial<Record<ThresholdName, number>> = {}
  if (factors === undefined || factors.linearization === 'non-linear') return found
  for (const name of THRESHOLDS) {
    const raw = thresholds[name]
    const value = raw === undefined ? undefined : convertRaw(factors, raw)
    if (value !== undefined) found[name] = value
  }
  return found
}

/** Bits 0 and 3 non-critical, 1 and 4 critical, 2 and 5 non-recoverable (§35.14). */
function thresholdHealth(states: number): Severity {
  if ((states & 0b100100) !== 0) return 'unrecoverable'
  if ((states & 0b010010) !== 0) return 'critical'
  return (states & 0b001001) !== 0 ? 'warning' : 'ok'
}

const STATES = Array.from({ length: 15 }, (_, offset) => offset)

function discrete(sensor: FullSensor | CompactSensor, reading: RawReading): SensorState {
  const offsets = STATES.filter((offset) => (reading.states & (1 << offset)) !== 0)
  const words = offsets.map((offset) => stateWords(sensor.sensorType, sensor.eventType, offset))
  const told = words.every((word) => word !== undefined)
  return {
    sensor,
    health: told ? gravest(words.map((word) => word.severity)) : 'unknown',
    reading: {
      kind: 'states',
      offsets,
      states: words.map((word, at) => word?.text ?? `state ${offsets[at]}`),
    },
    thresholds: {},
  }
}
