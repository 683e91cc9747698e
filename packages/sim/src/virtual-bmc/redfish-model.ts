import type { PowerState } from '@brickyard/model/operation'
import { attributesOf, type VirtualBiosValue } from './redfish-bios.ts'
import type { RedfishPersona } from './redfish-persona.ts'
import type { UpdateRun } from './redfish-update.ts'

/** What the sled and its BMC tell of themselves. */
export interface RedfishIdentity {
  readonly manufacturer: string
  readonly model: string
  readonly serial: string
  readonly partNumber: string
  readonly assetTag: string
  /** As SMBIOS has it, lower-case with dashes. */
  readonly uuid: string
  /** Of the NICs, with colons. */
  readonly macs: readonly string[]
  readonly bmcMac: string
  readonly bmcAddress: string
}

export interface VirtualAccount {
  readonly id: string
  name: string
  password: string
  role: 'Administrator' | 'Operator' | 'ReadOnly'
  enabled: boolean
  mustChange: boolean
}

export interface VirtualFirmware {
  readonly id: string
  readonly name: string
  version: string
  /** What the inventory shows until that time. */
  older?: { readonly version: string; readonly untilMs: number }
}

export interface VirtualTask {
  readonly id: string
  state: string
  status: 'OK' | 'Critical'
  percent: number
  /** Monotonic time before which nobody finds it. */
  readonly visibleFromMs: number
  messages: readonly { readonly id: string; readonly text: string }[]
}

export interface VirtualLogEntry {
  readonly id: string
  readonly created: string
  readonly severity: 'OK' | 'Warning' | 'Critical'
  readonly messageId: string
  readonly text: string
}

export interface VirtualSensor {
  readonly id: string
  readonly name: string
  readonly kind: 'Temperature' | 'Rotational' | 'Voltage' | 'Power'
  readonly unit: 'Cel' | 'RPM' | 'V' | 'W'
  /** Undefined: there is no reading. */
  value: number | undefined
  readonly upperCritical?: number
}

/** What a Redfish service remembers beside the host; a cold restart keeps it. */
export interface RedfishModel {
  readonly persona: RedfishPersona
  readonly identity: RedfishIdentity
  readonly accounts: Map<string, VirtualAccount>
  readonly firmware: Map<string, VirtualFirmware>
  readonly tasks: Map<string, VirtualTask>
  /** Updates under way. */
  updates: readonly UpdateRun[]
  nextTask: number
  /** Who sends images has claimed the push URI. */
  pushClaimed: boolean
  /** An image that waits for its start. */
  laidReady: { readonly firmware: string; readonly version: string } | undefined
  partsDeaf: boolean
  /** An update took the settings with it: accounts and sessions go. */
  factoryReset: boolean
  wentOffMs: number
  wentOnMs: number
  powerBefore: { readonly power: PowerState; readonly untilMs: number } | undefined
  readonly sensors: readonly VirtualSensor[]
  log: VirtualLogEntry[]
  bios: Readonly<Record<string, VirtualBiosValue>>
  biosPending: Readonly<Record<string, VirtualBiosValue>>
  /** What waits is carried out by the next boot. */
  biosScheduled: boolean
  powerLimitWatts: number | null
  media: { image: string; writeProtected: boolean } | undefined
  light: 'Off' | 'Lit' | 'Blinking'
  /** Secure Boot for the next boot, as this one was started, its mode, and keys that wait for a boot. */
  secureBoot: boolean
  secureBootRunning: boolean
  secureBootMode: 'UserMode' | 'SetupMode'
  secureBootModeNext: 'UserMode' | 'SetupMode' | undefined
  /** Monotonic time from which the service shall be away, and until when; a restart asked for. */
  restart: { readonly fromMs: number; readonly untilMs: number } | undefined
  lastResetMs: number
  restorePolicy: 'AlwaysOn' | 'AlwaysOff' | 'LastState'
  /** Ids of network cards begin with it; some BMCs choose new ones at each reboot. */
  adapterPrefix: string
}

/** Accounts a virtual BMC has room for. */
export const ACCOUNTS_MAX = 16
/** Tasks kept; the oldest goes first, as on real BMCs. */
export const TASKS_MAX = 16

export const blankRedfishModel = (
  persona: RedfishPersona,
  identity: RedfishIdentity,
  users: readonly { readonly name: string; readonly password: string }[],
): RedfishModel => ({
  persona,
  identity,
  accounts: new Map(
    users.map(({ name, password }, n): [string, VirtualAccount] => {
      const id = String(n + 1)
      const held = { id, name, password, role: 'Administrator', enabled: true } as const
      return [id, { ...held, mustChange: false }]
    }),
  ),
  firmware: new Map(
    [
      { id: 'BMC', name: 'BMC firmware', version: '2.14.0' },
      { id: 'BIOS', name: 'System BIOS', version: '1.30' },
      { id: 'NIC-1', name: 'Network adapter 1', version: '22.31.6' },
    ].map((one) => [one.id, one]),
  ),
  tasks: new Map(),
  updates: [],
  nextTask: 1,
  pushClaimed: false,
  laidReady: undefined,
  partsDeaf: false,
  factoryReset: false,
  wentOffMs: -Infinity,
  wentOnMs: -Infinity,
  powerBefore: undefined,
  sensors: [
    {
      id: 'inlet',
      name: 'Inlet Temp',
      kind: 'Temperature',
      unit: 'Cel',
      value: 24,
      upperCritical: 45,
    },
    {
      id: 'cpu1',
      name: 'CPU1 Temp',
      kind: 'Temperature',
      unit: 'Cel',
      value: 51,
      upperCritical: 95,
    },
    { id: 'fan1', name: 'Fan 1', kind: 'Rotational', unit: 'RPM', value: 6300 },
    { id: 'fan2', name: 'Fan 2', kind: 'Rotational', unit: 'RPM', value: undefined },
    { id: 'p12v', name: '12V rail', kind: 'Voltage', unit: 'V', value: 12.1, upperCritical: 13.2 },
  ],
  log: [
    {
      id: '1',
      created: '2026-11-20T00:00:00Z',
      severity: 'OK',
      messageId: 'Base.1.12.Success',
      text: 'The BMC started.',
    },
  ],
  bios: attributesOf(persona.bios),
  biosPending: {},
  biosScheduled: false,
  powerLimitWatts: null,
  media: undefined,
  light: 'Off',
  secureBoot: false,
  secureBootRunning: false,
  secureBootMode: 'UserMode',
  secureBootModeNext: undefined,
  restart: undefined,
  lastResetMs: 0,
  restorePolicy: 'LastState',
  adapterPrefix: 'NIC',
})
