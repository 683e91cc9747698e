import { fieldOf, numberOf, textOf, type JsonObject } from '../loose-json.ts'

/** `EnvironmentMetrics`: power, temperature and the power limit of a chassis. */
export interface EnvironmentMetrics {
  readonly powerWatts: number | undefined
  readonly energyKwh: number | undefined
  readonly temperatureCelsius: number | undefined
  readonly powerLimit: PowerLimitSetting | undefined
}

export interface PowerLimitSetting {
  readonly setPointWatts: number | undefined
  readonly minWatts: number | undefined
  readonly maxWatts: number | undefined
  /** `Disabled`, `Automatic`, `Manual`, `Override`. */
  readonly controlMode: string | undefined
}

export function parseEnvironmentMetrics(body: JsonObject): EnvironmentMetrics {
  const limit = body['PowerLimitWatts']
  const known = typeof limit === 'object' && limit !== null
  return {
    powerWatts: numberOf(fieldOf(body, 'PowerWatts', 'Reading')),
    energyKwh: numberOf(fieldOf(body, 'EnergykWh', 'Reading')),
    temperatureCelsius: numberOf(fieldOf(body, 'TemperatureCelsius', 'Reading')),
    powerLimit: known
      ? {
          setPointWatts: numberOf(fieldOf(limit, 'SetPoint')),
          minWatts: numberOf(fieldOf(limit, 'AllowableMin')),
          maxWatts: numberOf(fieldOf(limit, 'AllowableMax')),
          controlMode: textOf(fieldOf(limit, 'ControlMode')),
        }
      : undefined,
  }
}
