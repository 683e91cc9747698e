import { ByteReader, ByteWriter } from '@brickyard/std/bytes'
import { err, ok, type Result } from '@brickyard/std/result'
import { NET_FN } from '../message.ts'
import type { ReadingFactors } from '../sensor-conversion.ts'
import type { Command, CommandRequest } from './command.ts'

/** Get Sensor Reading Factors (IPMI 2.0 §35.5): M and B of a non-linear sensor at one raw reading. */
export const GET_SENSOR_READING_FACTORS: Command = { netFn: NET_FN.sensor, command: 0x23 }

/** The part of a conversion that the six factor bytes carry, here and in a full record (§43.1, bytes 25 to 30). */
export type FactorNumbers = Omit<ReadingFactors, 'format' | 'linearization'>

/** A two's complement number of `bits` bits. */
const signed = (value: number, bits: number): number =>
  value >= 1 << (bits - 1) ? value - (1 << bits) : value

/** Reads M, tolerance, B, (accuracy,) and the exponents. */
export function takeFactors(reader: ByteReader): FactorNumbers {
  const mLow = reader.u8()
  const mHighTolerance = reader.u8()
  const bLow = reader.u8()
  const bHighAccuracy = reader.u8()
  reader.skip(1)
  const exponents = reader.u8()
  return {
    m: signed(mLow | ((mHighTolerance & 0xc0) << 2), 10),
    tolerance: mHighTolerance & 0x3f,
    b: signed(bLow | ((bHighAccuracy & 0xc0) << 2), 10),
    resultExponent: signed(exponents >> 4, 4),
    bExponent: signed(exponents & 0x0f, 4),
  }
}

/** Writes the six factor bytes with an accuracy of zero, "unspecified". */
export const putFactors = (writer: ByteWriter, factors: FactorNumbers): ByteWriter =>
  writer
    .u8(factors.m & 0xff)
    .u8(((factors.m >> 2) & 0xc0) | (factors.tolerance & 0x3f))
    .u8(factors.b & 0xff)
    .u8((factors.b >> 2) & 0xc0)
    .u8(0)
    .u8(((factors.resultExponent & 0x0f) << 4) | (factors.bExponent & 0x0f))

export const sensorFactorsRequest = (sensor: number, raw: number): CommandRequest => ({
  ...GET_SENSOR_READING_FACTORS,
  data: new Uint8Array([sensor, raw]),
})

export function decodeSensorFactors(data: Uint8Array): Result<FactorNumbers> {
  const reader = new ByteReader(data)
  reader.skip(1)
  const factors = takeFactors(reader)
  return reader.short ? err(`sensor reading factors of ${data.length} bytes, not 7`) : ok(factors)
}

export const encodeSensorFactors = (nextRaw: number, factors: FactorNumbers): Uint8Array =>
  putFactors(new ByteWriter(7).u8(nextRaw), factors).done()
