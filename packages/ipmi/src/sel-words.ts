import { toHex } from '@brickyard/std/hex'
import {
  EVENT_TYPE_SENSOR_SPECIFIC,
  EVENT_TYPE_THRESHOLD,
  sensorTypeText,
  stateWords,
  thresholdWords,
  type Severity,
} from './event-words.ts'
import type { SdrRecord } from './sdr-record.ts'
import { unfold, type CompactSensor, type EventOnlySensor, type FullSensor } from './sdr-sensor.ts'
import { convertRaw } from './sensor-conversion.ts'
import { unitText } from './sensor-unit.ts'
import type { SelEvent, SelRecord } from './sel-record.ts'

export interface EventWords {
  readonly text: string
  /** `unknown` for a maker's own events. */
  readonly severity: Severity | 'unknown'
}

type AnySensor = FullSensor | CompactSensor | EventOnlySensor

/** Finds the sensor an event came from. */
export type SensorIndex = ReadonlyMap<number, AnySensor>

const indexKey = (owner: number, number: number): number => owner * 0x100 + number

/** Sensors by who owns them and their number. */
export function indexSensors(records: readonly SdrRecord[]): SensorIndex {
  const index = new Map<number, AnySensor>()
  for (const record of records) {
    if (record.kind === 'full') index.set(indexKey(record.owner, record.number), record)
    if (record.kind !== 'compact' && record.kind !== 'event-only') continue
    for (const sensor of unfold<CompactSensor | EventOnlySensor>(record)) {
      index.set(indexKey(sensor.owner, sensor.number), sensor)
    }
  }
  return index
}

/** How the second and third data byte are to be read (IPMI 2.0 table 29-6), in bits 7:6 and 5:4 of the first. */
const TRIGGER = 1

/**
 * An entry of the event log in words (IPMI 2.0 §32, tables 42-2 and 42-3): what, where, came or went,
 * and for thresholds the reading and the limit where the sensor is known.
 */
export function describeSel(record: SelRecord, sensors: SensorIndex): EventWords {
  if (record.kind === 'oem') {
    const maker = record.manufacturerId === undefined ? '' : ` of maker ${record.manufacturerId}`
    const text = `OEM record 0x${record.type.toString(16)}${maker}: ${toHex(record.data, ' ')}`
    return { text, severity: 'unknown' }
  }
  const sensor = sensors.get(indexKey(record.generator & 0xff, record.sensorNumber))
  const kind = sensorTypeText(record.sensorType)
  const number = `#0x${record.sensorNumber.toString(16).padStart(2, '0')}`
  const who = `${kind} ${sensor === undefined ? number : `'${sensor.name}'`}`
  const words =
    record.eventType === EVENT_TYPE_THRESHOLD
      ? thresholdWords(record.offset)
      : stateWords(record.sensorType, record.eventType, record.offset)
  const standard = words !== undefined
  const what = standard ? words.text : `event ${rawEvent(record)}`
  const went = record.asserted ? '' : ' (no longer)'
  const detail = standard ? details(record, sensor) : ''
  const severity = !standard ? 'unknown' : record.asserted ? words.severity : 'ok'
  return { text: `${who}: ${what}${went}${detail}`, severity }
}

const rawEvent = (event: SelEvent): string =>
  `type 0x${event.eventType.toString(16)} data ${toHex(Uint8Array.from(event.data), ' ')}`

function details(event: SelEvent, sensor: AnySensor | undefined): string {
  const [first, second, third] = event.data
  if (event.eventType === EVENT_TYPE_THRESHOLD) {
    if (sensor?.kind !== 'full' || sensor.factors === undefined) return ''
    if (sensor.factors.linearization === 'non-linear') return ''
    const unit = unitText(sensor.unit)
    const reading = first >> 6 === TRIGGER ? convertRaw(sensor.factors, second) : undefined
    const limit = ((first >> 4) & 3) === TRIGGER ? convertRaw(sensor.factors, third) : undefined
    return (
      (reading === undefined ? '' : `, reading ${reading} ${unit}`) +
      (limit === undefined ? '' : `, threshold ${limit} ${unit}`)
    )
  }
  const extended = first >> 6 > 1 && second !== 0xff
  if (event.eventType !== EVENT_TYPE_SENSOR_SPECIFIC || !extended) return ''
  return `, data ${toHex(Uint8Array.of(second, third), ' ')}`
}
