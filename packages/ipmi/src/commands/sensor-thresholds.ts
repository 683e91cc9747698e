import { ByteReader, ByteWriter } from '@brickyard/std/bytes'
import { err, ok, type Result } from '@brickyard/std/result'
import { NET_FN } from '../message.ts'
import type { Command, CommandRequest } from './command.ts'

/** Set and Get Sensor Thresholds (IPMI 2.0 §35.8, §35.9), Get Sensor Hysteresis (§35.7). */
export const SET_SENSOR_THRESHOLDS: Command = { netFn: NET_FN.sensor, command: 0x26 }
export const GET_SENSOR_THRESHOLDS: Command = { netFn: NET_FN.sensor, command: 0x27 }
export const GET_SENSOR_HYSTERESIS: Command = { netFn: NET_FN.sensor, command: 0x25 }

/** Thresholds in the order of the masks and of these commands; bit n of a mask is the n-th. */
export const THRESHOLDS = [
  'lowerNonCritical',
  'lowerCritical',
  'lowerNonRecoverable',
  'upperNonCritical',
  'upperCritical',
  'upperNonRecoverable',
] as const
export type ThresholdName = (typeof THRESHOLDS)[number]

/** Raw values of the thresholds there are. */
export type RawThresholds = Readonly<Partial<Record<ThresholdName, number>>>

export const sensorThresholdsRequest = (sensor: number): CommandRequest => ({
  ...GET_SENSOR_THRESHOLDS,
  data: new Uint8Array([sensor]),
})

function takeThresholds(reader: ByteReader): RawThresholds {
  const mask = reader.u8()
  const found: Partial<Record<ThresholdName, number>> = {}
  THRESHOLDS.forEach((name, bit) => {
    const raw = reader.u8()
    if ((mask & (1 << bit)) !== 0 && !reader.short) found[name] = raw
  })
  return found
}

function putThresholds(writer: ByteWriter, thresholds: RawThresholds): ByteWriter {
  writer.u8(thresholdMask(thresholds))
  for (const name of THRESHOLDS) writer.u8(thresholds[name] ?? 0)
  return writer
}

/** The mask of the thresholds that are there. */
export const thresholdMask = (thresholds: RawThresholds): number =>
  THRESHOLDS.reduce(
    (mask, name, bit) => (thresholds[name] === undefined ? mask : mask | (1 << bit)),
    0,
  )

export const decodeSensorThresholds = (data: Uint8Array): Result<RawThresholds> =>
  data.length < 7
    ? err(`sensor thresholds of ${data.length} bytes, not 7`)
    : ok(takeThresholds(new ByteReader(data)))

export const encodeSensorThresholds = (thresholds: RawThresholds): Uint8Array =>
  putThresholds(new ByteWriter(7), thresholds).done()

/** Sets the thresholds named; the others stay. */
export const setSensorThresholdsRequest = (
  sensor: number,
  thresholds: RawThresholds,
): CommandRequest => ({
  ...SET_SENSOR_THRESHOLDS,
  data: putThresholds(new ByteWriter(8).u8(sensor), thresholds).done(),
})

export function decodeSetSensorThresholds(
  data: Uint8Array,
): Result<{ readonly sensor: number; readonly thresholds: RawThresholds }> {
  if (data.length < 8) return err(`set thresholds request of ${data.length} bytes, not 8`)
  const reader = new ByteReader(data)
  return ok({ sensor: reader.u8(), thresholds: takeThresholds(reader) })
}

/** How far a reading must come back before a passed threshold counts as left, in raw counts. */
export interface Hysteresis {
  readonly positive: number
  readonly negative: number
}

export const sensorHysteresisRequest = (sensor: number): CommandRequest => ({
  ...GET_SENSOR_HYSTERESIS,
  data: new Uint8Array([sensor, 0xff]),
})

export function decodeSensorHysteresis(data: Uint8Array): Result<Hysteresis> {
  const reader = new ByteReader(data)
  const positive = reader.u8()
  const negative = reader.u8()
  return reader.short
    ? err(`sensor hysteresis of ${data.length} bytes, not 2`)
    : ok({ positive, negative })
}

export const encodeSensorHysteresis = (hysteresis: Hysteresis): Uint8Array =>
  new Uint8Array([hysteresis.positive, hysteresis.negative])
