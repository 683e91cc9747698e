import { fieldOf, linkOf, numberOf, textOf, type JsonObject } from '../loose-json.ts'
import { redundancyOf, type PowerSupply, type Redundancy } from './power.ts'
import { statusOf } from './status.ts'

/** `PowerSubsystem`, the new form. */
export interface PowerSubsystem {
  readonly capacityWatts: number | undefined
  readonly allocatedWatts: number | undefined
  readonly powerSupplies: string | undefined
  readonly redundancy: Redundancy
}

export const parsePowerSubsystem = (body: JsonObject): PowerSubsystem => ({
  capacityWatts: numberOf(body['CapacityWatts']),
  allocatedWatts: numberOf(fieldOf(body, 'Allocation', 'AllocatedWatts')),
  powerSupplies: linkOf(body['PowerSupplies']),
  redundancy: redundancyOf(body['PowerSupplyRedundancy']),
})

/** `PowerSupply`, with the readings of its `PowerSupplyMetrics` where those were read as well. */
export const parsePowerSupply = (body: JsonObject, metrics: JsonObject = {}): PowerSupply => ({
  name: textOf(body['Name']) ?? textOf(body['Id']) ?? 'unnamed',
  manufacturer: textOf(body['Manufacturer']),
  model: textOf(body['Model']),
  serial: textOf(body['SerialNumber']),
  partNumber: textOf(body['PartNumber']),
  firmwareVersion: textOf(body['FirmwareVersion']),
  capacityWatts: numberOf(body['PowerCapacityWatts']),
  inputWatts: numberOf(fieldOf(metrics, 'InputPowerWatts', 'Reading')),
  outputWatts: numberOf(fieldOf(metrics, 'OutputPowerWatts', 'Reading')),
  inputVolts: numberOf(fieldOf(metrics, 'InputVoltage', 'Reading')),
  status: statusOf(body),
})
