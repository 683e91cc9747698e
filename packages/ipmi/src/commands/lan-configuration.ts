import { ByteReader } from '@brickyard/std/bytes'
import { err, ok, type Result } from '@brickyard/std/result'
import { NET_FN } from '../message.ts'
import { PRESENT_CHANNEL } from './channel.ts'
import type { Command, CommandRequest } from './command.ts'

/** Set and Get LAN Configuration Parameters (IPMI 2.0 §23.1, §23.2). */
export const SET_LAN_CONFIGURATION: Command = { netFn: NET_FN.transport, command: 0x01 }
export const GET_LAN_CONFIGURATION: Command = { netFn: NET_FN.transport, command: 0x02 }

/** Parameters of table 23-4. */
export const LAN_PARAMETER = {
  setInProgress: 0,
  authenticationSupport: 1,
  authenticationEnables: 2,
  address: 3,
  addressSource: 4,
  mac: 5,
  subnetMask: 6,
  ipHeader: 7,
  arpControl: 10,
  gratuitousArpInterval: 11,
  gateway: 12,
  gatewayMac: 13,
  backupGateway: 14,
  backupGatewayMac: 15,
  community: 16,
  vlan: 20,
  vlanPriority: 21,
  cipherSuiteCount: 22,
  cipherSuites: 23,
  cipherSuitePrivileges: 24,
} as const

/** Completion codes of these commands: not supported, set in progress, read-only. */
export const LAN_CONFIGURATION_CODE = { unsupported: 0x80, busy: 0x81, readOnly: 0x82 } as const

const REVISION = 0x11

export const getLanParameterRequest = (parameter: number): CommandRequest => ({
  ...GET_LAN_CONFIGURATION,
  data: Uint8Array.of(PRESENT_CHANNEL, parameter, 0, 0),
})

export const setLanParameterRequest = (parameter: number, value: Uint8Array): CommandRequest => ({
  ...SET_LAN_CONFIGURATION,
  data: Uint8Array.from([PRESENT_CHANNEL, parameter, ...value]),
})

/** The value of a parameter, without its revision. */
export function decodeLanParameter(data: Uint8Array): Result<Uint8Array> {
  const reader = new ByteReader(data)
  reader.skip(1)
  return reader.short ? err('LAN parameter without its revision') : ok(reader.rest())
}

export const encodeLanParameter = (value: Uint8Array): Uint8Array =>
  Uint8Array.from([REVISION, ...value])

/** Parameter 24 (table 23-4): the highest privilege of the n-th cipher suite of parameter 23, in nibbles; 0 is unused. */
export const cipherSuitePrivilege = (value: Uint8Array, nth: number): number =>
  ((value[1 + (nth >> 1)] ?? 0) >> (nth % 2 === 0 ? 0 : 4)) & 0x0f
