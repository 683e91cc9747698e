import { fieldOf, linkOf, listOf, numberOf, oneOf, textOf, type JsonObject } from '../loose-json.ts'
import { oldThresholds, valueOf, type Reading } from './sensor.ts'
import { isAbsent, statusOf, type Status } from './status.ts'
import { nameOf } from './thermal.ts'

/** One power supply, in the old form or the new. */
export interface PowerSupply {
  readonly name: string
  readonly manufacturer: string | undefined
  readonly model: string | undefined
  readonly serial: string | undefined
  readonly partNumber: string | undefined
  readonly firmwareVersion: string | undefined
  readonly capacityWatts: number | undefined
  readonly inputWatts: number | undefined
  readonly outputWatts: number | undefined
  readonly inputVolts: number | undefined
  readonly status: Status
}

/** Power of a whole chassis, and the most it may take. */
export interface PowerControlReading {
  readonly consumedWatts: number | undefined
  readonly capacityWatts: number | undefined
  readonly averageWatts: number | undefined
  readonly minWatts: number | undefined
  readonly maxWatts: number | undefined
  readonly intervalMinutes: number | undefined
  /** Null: the service says that there is no limit; undefined: it says nothing. */
  readonly limitWatts: number | null | undefined
  readonly limitException: string | undefined
}

/** `Power`, the old form. */
export interface Power {
  readonly path: string | undefined
  readonly control: PowerControlReading | undefined
  readonly supplies: readonly PowerSupply[]
  readonly voltages: readonly Reading[]
  readonly redundancy: Redundancy
}

/** What the service says of the supplies' redundancy as a whole. */
export type Redundancy = 'full' | 'lost' | 'none' | 'unknown'

export function parsePower(body: JsonObject): Power {
  const control = listOf(body['PowerControl'])[0]
  return {
    path: linkOf(body),
    control: control === undefined ? undefined : parseControl(control),
    supplies: listOf(body['PowerSupplies']).map(parseOldSupply),
    voltages: listOf(body['Voltages'])
      .map((one) => ({
        name: nameOf(one),
        kind: 'voltage' as const,
        value: valueOf(fieldOf(one, 'ReadingVolts'), statusOf(one)),
        unit: 'V',
        status: statusOf(one),
        thresholds: oldThresholds(one),
      }))
      .filter(({ status }) => !isAbsent(status)),
    redundancy: redundancyOf(body['Redundancy']),
  }
}

function parseControl(one: unknown): PowerControlReading {
  const limit = fieldOf(one, 'PowerLimit', 'LimitInWatts')
  return {
    consumedWatts: numberOf(fieldOf(one, 'PowerConsumedWatts')),
    capacityWatts: numberOf(fieldOf(one, 'PowerCapacityWatts')),
    averageWatts: numberOf(fieldOf(one, 'PowerMetrics', 'AverageConsumedWatts')),
    minWatts: numberOf(fieldOf(one, 'PowerMetrics', 'MinConsumedWatts')),
    maxWatts: numberOf(fieldOf(one, 'PowerMetrics', 'MaxConsumedWatts')),
    intervalMinutes: numberOf(fieldOf(one, 'PowerMetrics', 'IntervalInMin')),
    limitWatts: limit === null ? null : numberOf(limit),
    limitException: textOf(fieldOf(one, 'PowerLimit', 'LimitException')),
  }
}

const parseOldSupply = (one: unknown): PowerSupply => ({
  name: nameOf(one),
  manufacturer: textOf(fieldOf(one, 'Manufacturer')),
  model: textOf(fieldOf(one, 'Model')),
  serial: textOf(fieldOf(one, 'SerialNumber')),
  partNumber: textOf(fieldOf(one, 'PartNumber')),
  firmwareVersion: textOf(fieldOf(one, 'FirmwareVersion')),
  capacityWatts: numberOf(fieldOf(one, 'PowerCapacityWatts')),
  inputWatts: numberOf(fieldOf(one, 'PowerInputWatts')),
  outputWatts:
    numberOf(fieldOf(one, 'PowerOutputWatts')) ?? numberOf(fieldOf(one, 'LastPowerOutputWatts')),
  inputVolts: numberOf(fieldOf(one, 'LineInputVoltage')),
  status: statusOf(one),
})

/** `Redundancy` of the old form, `PowerSupplyRedundancy` of the new one. */
export function redundancyOf(value: unknown): Redundancy {
  const groups = listOf(value)
  if (groups.length === 0) return 'unknown'
  const states = groups.map((group) => {
    const mode = textOf(fieldOf(group, 'RedundancyType')) ?? textOf(fieldOf(group, 'Mode'))
    if (mode === 'NotRedundant') return 'none'
    const { health, state } = statusOf(group)
    if (health === undefined) return 'unknown'
    return health === 'ok' && oneOf(state, ['Disabled', 'Absent']) === undefined ? 'full' : 'lost'
  })
  return states.find((one) => one === 'lost') ?? states[0] ?? 'unknown'
}
