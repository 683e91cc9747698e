import { ByteReader, ByteWriter } from '@brickyard/std/bytes'
import { err, ok, type Result } from '@brickyard/std/result'
import { NET_FN } from '../message.ts'
import type { Command, CommandRequest } from './command.ts'

/** Get Sensor Reading (IPMI 2.0 §35.14). */
export const GET_SENSOR_READING: Command = { netFn: NET_FN.sensor, command: 0x2d }

const EVENTS_ENABLED = 0x80
const SCANNING_ENABLED = 0x40
const UNAVAILABLE = 0x20
const RESERVED_STATE_BIT = 0x8000

export interface RawReading {
  readonly raw: number
  readonly scanning: boolean
  /** The reading and the states are old or were never taken: they must not be shown. */
  readonly unavailable: boolean
  /** Bit n: state n holds. For threshold sensors bits 0..5 tell which thresholds are passed. */
  readonly states: number
}

export const sensorReadingRequest = (sensor: number): CommandRequest => ({
  ...GET_SENSOR_READING,
  data: new Uint8Array([sensor]),
})

/** State bytes are optional for threshold sensors without thresholds; absent ones read as zero. */
export function decodeSensorReading(data: Uint8Array): Result<RawReading> {
  const reader = new ByteReader(data)
  const raw = reader.u8()
  const status = reader.u8()
  if (reader.short) return err(`sensor reading of ${data.length} bytes; at least 2`)
  const low = reader.u8()
  const states = (low | (reader.u8() << 8)) & ~RESERVED_STATE_BIT
  return ok({
    raw,
    scanning: (status & SCANNING_ENABLED) !== 0,
    unavailable: (status & UNAVAILABLE) !== 0,
    states,
  })
}

/** Threshold sensors send bits 7:6 of the first state byte and bit 7 of the second as ones (§35.14). */
export const encodeSensorReading = (reading: RawReading, threshold: boolean): Uint8Array =>
  new ByteWriter(4)
    .u8(reading.raw)
    .u8(
      EVENTS_ENABLED |
        (reading.scanning ? SCANNING_ENABLED : 0) |
        (reading.unavailable ? UNAVAILABLE : 0),
    )
    .u8((reading.states & 0xff) | (threshold ? 0xc0 : 0))
    .u8(threshold ? 0 : ((reading.states | RESERVED_STATE_BIT) >> 8) & 0xff)
    .done()
