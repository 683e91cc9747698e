import {
  booleanOf,
  fieldOf,
  linkOf,
  linksOf,
  numberOf,
  textOf,
  textsOf,
  type JsonObject,
} from '../loose-json.ts'
import { actionOf, type Action } from './reset-action.ts'
import { statusOf, type Status } from './status.ts'

/** `Manager`: the BMC itself. */
export interface Manager {
  readonly id: string | undefined
  /** `BMC`, `EnclosureManager`, `Service` … */
  readonly managerType: string | undefined
  readonly manufacturer: string | undefined
  readonly model: string | undefined
  readonly firmwareVersion: string | undefined
  readonly uuid: string | undefined
  readonly serial: string | undefined
  /** Its own clock, ISO 8601. */
  readonly dateTime: string | undefined
  /** When it last started, ISO 8601. */
  readonly lastResetTime: string | undefined
  readonly status: Status
  readonly reset: Action | undefined
  readonly console: ManagerConsole | undefined
  readonly ethernetInterfaces: string | undefined
  readonly networkProtocol: string | undefined
  readonly logServices: string | undefined
  readonly virtualMedia: string | undefined
  readonly systems: readonly string[]
  readonly chassis: readonly string[]
}

/** `SerialConsole`: by which ways the sled's serial port is reached. */
export interface ManagerConsole {
  readonly enabled: boolean | undefined
  /** `SSH`, `IPMI`, `Telnet`, `Oem`. */
  readonly types: readonly string[]
  readonly sessionsMax: number | undefined
}

export const parseManager = (body: JsonObject): Manager => ({
  id: textOf(body['Id']),
  managerType: textOf(body['ManagerType']),
  manufacturer: textOf(body['Manufacturer']),
  model: textOf(body['Model']),
  firmwareVersion: textOf(body['FirmwareVersion']),
  uuid: textOf(body['UUID']) ?? textOf(body['ServiceEntryPointUUID']),
  serial: textOf(body['SerialNumber']),
  dateTime: textOf(body['DateTime']),
  lastResetTime: textOf(body['LastResetTime']),
  status: statusOf(body),
  reset: actionOf(body, '#Manager.Reset'),
  console: parseConsole(body['SerialConsole']),
  ethernetInterfaces: linkOf(body['EthernetInterfaces']),
  networkProtocol: linkOf(body['NetworkProtocol']),
  logServices: linkOf(body['LogServices']),
  virtualMedia: linkOf(body['VirtualMedia']),
  systems: linksOf(fieldOf(body, 'Links', 'ManagerForServers')),
  chassis: linksOf(fieldOf(body, 'Links', 'ManagerForChassis')),
})

const parseConsole = (value: unknown): ManagerConsole | undefined =>
  typeof value !== 'object' || value === null
    ? undefined
    : {
        enabled: booleanOf(fieldOf(value, 'ServiceEnabled')),
        types: textsOf(fieldOf(value, 'ConnectTypesSupported')),
        sessionsMax: numberOf(fieldOf(value, 'MaxConcurrentSessions')),
      }
