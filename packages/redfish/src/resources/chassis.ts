import { fieldOf, linkOf, linksOf, textOf, type JsonObject } from '../loose-json.ts'
import { parseIndicator, type Indicator } from './indicator.ts'
import { statusOf, type Status } from './status.ts'

/** `Chassis`: what holds the system. A real one may leave out any field, its type included. */
export interface Chassis {
  readonly id: string | undefined
  readonly chassisType: string | undefined
  readonly manufacturer: string | undefined
  readonly model: string | undefined
  readonly sku: string | undefined
  readonly serial: string | undefined
  readonly partNumber: string | undefined
  readonly assetTag: string | undefined
  readonly status: Status
  readonly indicator: Indicator | undefined
  /** `Normal`, `HardwareIntrusion`, `TamperingDetected`. */
  readonly intrusion: string | undefined
  readonly power: string | undefined
  readonly thermal: string | undefined
  readonly powerSubsystem: string | undefined
  readonly thermalSubsystem: string | undefined
  readonly environmentMetrics: string | undefined
  readonly sensors: string | undefined
  readonly networkAdapters: string | undefined
  readonly logServices: string | undefined
  readonly systems: readonly string[]
}

export const parseChassis = (body: JsonObject): Chassis => ({
  id: textOf(body['Id']),
  chassisType: textOf(body['ChassisType']),
  manufacturer: textOf(body['Manufacturer']),
  model: textOf(body['Model']),
  sku: textOf(body['SKU']),
  serial: textOf(body['SerialNumber']),
  partNumber: textOf(body['PartNumber']),
  assetTag: textOf(body['AssetTag']),
  status: statusOf(body),
  indicator: parseIndicator(body),
  intrusion: textOf(fieldOf(body, 'PhysicalSecurity', 'IntrusionSensor')),
  power: linkOf(body['Power']),
  thermal: linkOf(body['Thermal']),
  powerSubsystem: linkOf(body['PowerSubsystem']),
  thermalSubsystem: linkOf(body['ThermalSubsystem']),
  environmentMetrics: linkOf(body['EnvironmentMetrics']),
  sensors: linkOf(body['Sensors']),
  networkAdapters: linkOf(body['NetworkAdapters']),
  logServices: linkOf(body['LogServices']),
  systems: linksOf(fieldOf(body, 'Links', 'ComputerSystems')),
})
