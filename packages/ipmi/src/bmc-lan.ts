import { deviceTable, type DeviceOutcome } from './bmc-device.ts'
import {
  decodeChannelAccess,
  encodeChannelAccess,
  encodeLanChannelInfo,
  GET_CHANNEL_ACCESS,
  GET_CHANNEL_INFO,
  SET_CHANNEL_ACCESS,
  PRESENT_CHANNEL,
  type ChannelAccess,
} from './commands/channel.ts'
import {
  encodeLanParameter,
  GET_LAN_CONFIGURATION,
  LAN_CONFIGURATION_CODE,
  LAN_PARAMETER,
  SET_LAN_CONFIGURATION,
} from './commands/lan-configuration.ts'
import { COMPLETION } from './completion-code.ts'
import type { CipherSuiteId } from './cipher-suite.ts'

/** The only LAN channel there is. */
const LAN_CHANNEL = 1
const ADMINISTRATOR = 4
/** Byte 0 is reserved; the ids of up to 16 suites, or a nibble of privilege for each, follow. */
const CIPHER_SUITES_BYTES = 17
const CIPHER_PRIVILEGES_BYTES = 9

/** The LAN channel of a BMC: how it is addressed and who may come in by it. */
export interface LanDevice {
  /** By parameter number (table 23-4), as they are read. */
  readonly parameters: ReadonlyMap<number, Uint8Array>
  readonly access: ChannelAccess
  /** Sessions open now; the shell keeps it up to date. */
  readonly activeSessions: number
}

export function createLanDevice(of: {
  /** Four, four, four and six bytes. */
  readonly address: Uint8Array
  readonly subnetMask: Uint8Array
  readonly gateway: Uint8Array
  readonly mac: Uint8Array
  readonly cipherSuites: readonly CipherSuiteId[]
}): LanDevice {
  const suites = new Uint8Array(CIPHER_SUITES_BYTES)
  suites.set(of.cipherSuites, 1)
  const privileges = new Uint8Array(CIPHER_PRIVILEGES_BYTES)
  of.cipherSuites.forEach((_, at) => {
    const byte = 1 + (at >> 1)
    privileges[byte] = (privileges[byte] ?? 0) | (ADMINISTRATOR << (at % 2 === 0 ? 0 : 4))
  })
  return {
    parameters: new Map([
      [LAN_PARAMETER.setInProgress, Uint8Array.of(0)],
      [LAN_PARAMETER.authenticationSupport, Uint8Array.of(0)],
      [LAN_PARAMETER.authenticationEnables, new Uint8Array(5)],
      [LAN_PARAMETER.address, of.address],
      [LAN_PARAMETER.addressSource, Uint8Array.of(1)],
      [LAN_PARAMETER.mac, of.mac],
      [LAN_PARAMETER.subnetMask, of.subnetMask],
      [LAN_PARAMETER.ipHeader, Uint8Array.of(0x40, 0x40, 0x10)],
      [LAN_PARAMETER.arpControl, Uint8Array.of(0x02)],
      [LAN_PARAMETER.gratuitousArpInterval, Uint8Array.of(0)],
      [LAN_PARAMETER.gateway, of.gateway],
      [LAN_PARAMETER.gatewayMac, new Uint8Array(6)],
      [LAN_PARAMETER.backupGateway, new Uint8Array(4)],
      [LAN_PARAMETER.backupGatewayMac, new Uint8Array(6)],
      [LAN_PARAMETER.community, new Uint8Array(18)],
      [LAN_PARAMETER.vlan, new Uint8Array(2)],
      [LAN_PARAMETER.vlanPriority, Uint8Array.of(0)],
      [LAN_PARAMETER.cipherSuiteCount, Uint8Array.of(of.cipherSuites.length)],
      [LAN_PARAMETER.cipherSuites, suites],
      [LAN_PARAMETER.cipherSuitePrivileges, privileges],
    ]),
    access: { mode: 'always', privilegeLevel: ADMINISTRATOR, userLevelAuthentication: true },
    activeSessions: 0,
  }
}

const READ_ONLY: readonly number[] = [
  LAN_PARAMETER.authenticationSupport,
  LAN_PARAMETER.mac,
  LAN_PARAMETER.cipherSuiteCount,
  LAN_PARAMETER.cipherSuites,
]

type Outcome = DeviceOutcome<LanDevice>

/** The commands about the LAN channel (IPMI 2.0 §22.22 to §22.24, §23). */
export const LAN_COMMANDS = deviceTable<LanDevice>([
  [GET_CHANNEL_INFO, 'user', channelInfo],
  [GET_CHANNEL_ACCESS, 'user', getAccess],
  [SET_CHANNEL_ACCESS, 'administrator', setAccess],
  [GET_LAN_CONFIGURATION, 'operator', getParameter],
  [SET_LAN_CONFIGURATION, 'administrator', setParameter],
])

const isOurs = (channel: number): boolean =>
  (channel & 0x0f) === LAN_CHANNEL || (channel & 0x0f) === PRESENT_CHANNEL

function channelInfo(device: LanDevice, data: Uint8Array): Outcome {
  const [channel] = data
  if (channel === undefined) return COMPLETION.requestTooShort
  if (!isOurs(channel)) return COMPLETION.invalidField
  return encodeLanChannelInfo(LAN_CHANNEL, device.activeSessions)
}

function getAccess(device: LanDevice, data: Uint8Array): Outcome {
  const [channel] = data
  if (channel === undefined) return COMPLETION.requestTooShort
  return isOurs(channel) ? encodeChannelAccess(device.access) : COMPLETION.invalidField
}

/** Each byte's upper two bits tell whether its part is to be changed (§22.22). */
function setAccess(device: LanDevice, data: Uint8Array): Outcome {
  const [channel, mode, limit] = data
  if (channel === undefined || mode === undefined || limit === undefined) {
    return COMPLETION.requestTooShort
  }
  if (!isOurs(channel)) return COMPLETION.invalidField
  const wanted = decodeChannelAccess(Uint8Array.of(mode, limit))
  if (!wanted.ok) return COMPLETION.invalidField
  const { privilegeLevel, ...rest } = wanted.value
  const access: ChannelAccess = {
    ...device.access,
    ...(mode >> 6 === 0 ? {} : rest),
    ...(limit >> 6 === 0 ? {} : { privilegeLevel }),
  }
  return { state: { ...device, access } }
}

function getParameter(device: LanDevice, data: Uint8Array): Outcome {
  const [channel, parameter] = data
  if (channel === undefined || parameter === undefined) return COMPLETION.requestTooShort
  if (!isOurs(channel)) return COMPLETION.invalidField
  const value = device.parameters.get(parameter)
  if (value === undefined) return LAN_CONFIGURATION_CODE.unsupported
  return encodeLanParameter((channel & 0x80) !== 0 ? new Uint8Array(0) : value)
}

function setParameter(device: LanDevice, data: Uint8Array): Outcome {
  const [channel, parameter, ...value] = data
  if (channel === undefined || parameter === undefined) return COMPLETION.requestTooShort
  if (!isOurs(channel)) return COMPLETION.invalidField
  const now = device.parameters.get(parameter)
  if (now === undefined) return LAN_CONFIGURATION_CODE.unsupported
  if (READ_ONLY.includes(parameter)) return LAN_CONFIGURATION_CODE.readOnly
  if (value.length < now.length) return COMPLETION.requestTooShort
  const begins = parameter === LAN_PARAMETER.setInProgress && value[0] === 1
  if (begins && now[0] === 1) return LAN_CONFIGURATION_CODE.busy
  const next = Uint8Array.from(value.slice(0, now.length))
  return { state: { ...device, parameters: new Map(device.parameters).set(parameter, next) } }
}
