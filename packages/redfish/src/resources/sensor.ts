import { fieldOf, numberOf, textOf, type JsonObject } from '../loose-json.ts'
import { statusOf, type Status } from './status.ts'

export type ReadingKind =
  | 'temperature'
  | 'fan'
  | 'voltage'
  | 'current'
  | 'power'
  | 'energy'
  | 'humidity'
  | 'other'

/** One reading, in whatever form the service has it. */
export interface Reading {
  readonly name: string
  readonly kind: ReadingKind
  /** Undefined: the service has no reading now, which is not zero. */
  readonly value: number | undefined
  /** `Cel`, `RPM`, `%`, `V`, `A`, `W` …, as in UCUM. */
  readonly unit: string | undefined
  readonly status: Status
  readonly thresholds: Thresholds
}

export interface Thresholds {
  readonly upperWarning: number | undefined
  readonly upperCritical: number | undefined
  readonly upperFatal: number | undefined
  readonly lowerWarning: number | undefined
  readonly lowerCritical: number | undefined
  readonly lowerFatal: number | undefined
}

const KINDS: Readonly<Record<string, ReadingKind>> = {
  temperature: 'temperature',
  rotational: 'fan',
  airflow: 'fan',
  voltage: 'voltage',
  current: 'current',
  power: 'power',
  energyjoules: 'energy',
  energykwh: 'energy',
  energywh: 'energy',
  humidity: 'humidity',
  absolutehumidity: 'humidity',
}

/** `Sensor`: the new form of every reading. */
export function parseSensor(body: JsonObject): Reading {
  const type = textOf(body['ReadingType'])?.toLowerCase() ?? ''
  const unit = textOf(body['ReadingUnits'])
  const limit = (name: string): number | undefined =>
    numberOf(fieldOf(body, 'Thresholds', name, 'Reading'))
  const kind = Object.hasOwn(KINDS, type) ? KINDS[type] : undefined
  const status = statusOf(body)
  return {
    name: textOf(body['Name']) ?? textOf(body['Id']) ?? 'unnamed',
    kind: kind ?? (unit === 'RPM' ? 'fan' : 'other'),
    value: valueOf(body['Reading'], status),
    unit,
    status,
    thresholds: {
      upperWarning: limit('UpperCaution'),
      upperCritical: limit('UpperCritical'),
      upperFatal: limit('UpperFatal'),
      lowerWarning: limit('LowerCaution'),
      lowerCritical: limit('LowerCritical'),
      lowerFatal: limit('LowerFatal'),
    },
  }
}

/** States in which a part measures nothing: services then send 0 as well as null. */
const DARK_STATES = ['Absent', 'Disabled', 'StandbyOffline', 'UnavailableOffline']

/** A reading; undefined where there is none, whatever number stands in its place. */
export const valueOf = (value: unknown, { state }: Status): number | undefined =>
  state !== undefined && DARK_STATES.includes(state) ? undefined : numberOf(value)

/**
 * The thresholds of the old form (`Thermal`, `Power`). For one that is not set there is null, 0 or
 * -1: none of which can be the upper limit of what measures at all.
 */
export function oldThresholds(body: unknown): Thresholds {
  const told = everyThreshold(body)
  const unset = Object.values(told).every((limit) => limit === undefined || limit === 0)
  if (unset) return everyThreshold(undefined)
  const upper = (limit: number | undefined): number | undefined =>
    limit === 0 || limit === -1 ? undefined : limit
  return {
    ...told,
    upperWarning: upper(told.upperWarning),
    upperCritical: upper(told.upperCritical),
    upperFatal: upper(told.upperFatal),
  }
}

const everyThreshold = (body: unknown): Thresholds => ({
  upperWarning: numberOf(fieldOf(body, 'UpperThresholdNonCritical')),
  upperCritical: numberOf(fieldOf(body, 'UpperThresholdCritical')),
  upperFatal: numberOf(fieldOf(body, 'UpperThresholdFatal')),
  lowerWarning: numberOf(fieldOf(body, 'LowerThresholdNonCritical')),
  lowerCritical: numberOf(fieldOf(body, 'LowerThresholdCritical')),
  lowerFatal: numberOf(fieldOf(body, 'LowerThresholdFatal')),
})
