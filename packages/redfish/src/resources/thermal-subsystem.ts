import { fieldOf, linkOf, listOf, numberOf, textOf, type JsonObject } from '../loose-json.ts'
import type { Reading } from './sensor.ts'
import { statusOf } from './status.ts'

/** `ThermalSubsystem`, the new form: where fans and temperatures are. */
export interface ThermalSubsystem {
  readonly fans: string | undefined
  readonly thermalMetrics: string | undefined
}

export const parseThermalSubsystem = (body: JsonObject): ThermalSubsystem => ({
  fans: linkOf(body['Fans']),
  thermalMetrics: linkOf(body['ThermalMetrics']),
})

const NO_THRESHOLDS = {
  upperWarning: undefined,
  upperCritical: undefined,
  upperFatal: undefined,
  lowerWarning: undefined,
  lowerCritical: undefined,
  lowerFatal: undefined,
}

/** `Fan`: its speed in per cent, and in turns where the service tells them. */
export function parseFan(body: JsonObject): Reading {
  const turns = numberOf(fieldOf(body, 'SpeedPercent', 'SpeedRPM'))
  return {
    name: textOf(body['Name']) ?? textOf(body['Id']) ?? 'unnamed',
    kind: 'fan',
    value: turns ?? numberOf(fieldOf(body, 'SpeedPercent', 'Reading')),
    unit: turns === undefined ? '%' : 'RPM',
    status: statusOf(body),
    thresholds: NO_THRESHOLDS,
  }
}

/** `ThermalMetrics`: all temperatures in one resource. */
export const parseThermalMetrics = (body: JsonObject): readonly Reading[] =>
  listOf(body['TemperatureReadingsCelsius']).map((one) => ({
    name:
      textOf(fieldOf(one, 'DeviceName')) ??
      textOf(fieldOf(one, 'DataSourceUri'))?.split('/').at(-1) ??
      'unnamed',
    kind: 'temperature',
    value: numberOf(fieldOf(one, 'Reading')),
    unit: 'Cel',
    status: statusOf(one),
    thresholds: NO_THRESHOLDS,
  }))
