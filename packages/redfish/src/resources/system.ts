import { fieldOf, linkOf, linksOf, numberOf, textOf, type JsonObject } from '../loose-json.ts'
import { parseBoot, type Boot } from './boot.ts'
import { parseIndicator, type Indicator } from './indicator.ts'
import { actionOf, type Action } from './reset-action.ts'
import { statusOf, type Status } from './status.ts'

/** `ComputerSystem`: the machine itself. */
export interface System {
  readonly id: string | undefined
  readonly name: string | undefined
  /** `Physical`, `Composed`, `DPU` …: a BMC may show more systems than the sled. */
  readonly systemType: string | undefined
  readonly uuid: string | undefined
  readonly manufacturer: string | undefined
  readonly model: string | undefined
  readonly sku: string | undefined
  readonly serial: string | undefined
  readonly partNumber: string | undefined
  readonly assetTag: string | undefined
  readonly hostName: string | undefined
  readonly biosVersion: string | undefined
  /** `On`, `Off`, `PoweringOn`, `PoweringOff`, `Paused`, as said. */
  readonly powerState: string | undefined
  readonly powerRestorePolicy: string | undefined
  /** How far the host has come, e.g. `OSRunning`, `MemoryInitializationStarted`. */
  readonly bootProgress: string | undefined
  readonly status: Status
  readonly processorCount: number | undefined
  readonly processorModel: string | undefined
  readonly memoryGiB: number | undefined
  readonly boot: Boot | undefined
  readonly indicator: Indicator | undefined
  readonly reset: Action | undefined
  /** Where changes wait for the next boot (`@Redfish.Settings`), on services that work so. */
  readonly settings: string | undefined
  readonly bios: string | undefined
  readonly secureBoot: string | undefined
  readonly ethernetInterfaces: string | undefined
  readonly storage: string | undefined
  readonly logServices: string | undefined
  readonly virtualMedia: string | undefined
  readonly chassis: readonly string[]
  readonly managedBy: readonly string[]
}

export const parseSystem = (body: JsonObject): System => ({
  id: textOf(body['Id']),
  name: textOf(body['Name']),
  systemType: textOf(body['SystemType']),
  uuid: textOf(body['UUID']),
  manufacturer: textOf(body['Manufacturer']),
  model: textOf(body['Model']),
  sku: textOf(body['SKU']),
  serial: textOf(body['SerialNumber']),
  partNumber: textOf(body['PartNumber']),
  assetTag: textOf(body['AssetTag']),
  hostName: textOf(body['HostName']),
  biosVersion: textOf(body['BiosVersion']),
  powerState: textOf(body['PowerState']),
  powerRestorePolicy: textOf(body['PowerRestorePolicy']),
  bootProgress: textOf(fieldOf(body, 'BootProgress', 'LastState')),
  status: statusOf(body),
  processorCount: numberOf(fieldOf(body, 'ProcessorSummary', 'Count')),
  processorModel: textOf(fieldOf(body, 'ProcessorSummary', 'Model')),
  memoryGiB: numberOf(fieldOf(body, 'MemorySummary', 'TotalSystemMemoryGiB')),
  boot: parseBoot(body),
  indicator: parseIndicator(body),
  reset: actionOf(body, '#ComputerSystem.Reset'),
  settings: settingsOf(body),
  bios: linkOf(body['Bios']),
  secureBoot: linkOf(body['SecureBoot']),
  ethernetInterfaces: linkOf(body['EthernetInterfaces']),
  storage: linkOf(body['Storage']),
  logServices: linkOf(body['LogServices']),
  virtualMedia: linkOf(body['VirtualMedia']),
  chassis: linksOf(fieldOf(body, 'Links', 'Chassis')),
  managedBy: linksOf(fieldOf(body, 'Links', 'ManagedBy')),
})

/** The settings object of any resource (DSP0266 §9.10). */
export const settingsOf = (body: JsonObject): string | undefined =>
  linkOf(fieldOf(body, '@Redfish.Settings', 'SettingsObject'))
