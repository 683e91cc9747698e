import { ByteReader, ByteWriter } from '@brickyard/std/bytes'
import { err, ok, type Result } from '@brickyard/std/result'
import { NET_FN } from '../message.ts'
import type { Command, CommandRequest } from './command.ts'

/** The power commands of the Data Center Manageability Interface 1.5 (§6.1, §6.6). */
export const GET_DCMI_CAPABILITIES: Command = { netFn: NET_FN.group, command: 0x01 }
export const GET_POWER_READING: Command = { netFn: NET_FN.group, command: 0x02 }
export const GET_POWER_LIMIT: Command = { netFn: NET_FN.group, command: 0x03 }
export const SET_POWER_LIMIT: Command = { netFn: NET_FN.group, command: 0x04 }
export const ACTIVATE_POWER_LIMIT: Command = { netFn: NET_FN.group, command: 0x05 }

/** The group's number: the first byte of every request and answer. */
export const DCMI_GROUP = 0xdc

/** Completion codes of the power limit (§6.6.2, §6.6.3). */
export const POWER_LIMIT_CODE = {
  noneActive: 0x80,
  limitOutOfRange: 0x84,
  correctionOutOfRange: 0x85,
  periodOutOfRange: 0x89,
} as const

const grouped = (command: Command, ...data: readonly number[]): CommandRequest => ({
  ...command,
  data: Uint8Array.of(DCMI_GROUP, ...data),
})

/** The data behind the group's number; an answer of another group is refused. */
function ungroup(what: string, data: Uint8Array): Result<ByteReader> {
  const reader = new ByteReader(data)
  const group = reader.u8()
  return reader.short || group !== DCMI_GROUP
    ? err(`${what} of group 0x${group.toString(16)}, not DCMI`)
    : ok(reader)
}

/** Parameter 1: what the BMC supports. */
const SUPPORTED_CAPABILITIES = 1
const POWER_MANAGEMENT = 0x01

export interface DcmiCapabilities {
  readonly version: string
  readonly powerManagement: boolean
}

export const dcmiCapabilitiesRequest = (): CommandRequest =>
  grouped(GET_DCMI_CAPABILITIES, SUPPORTED_CAPABILITIES)

export function decodeDcmiCapabilities(data: Uint8Array): Result<DcmiCapabilities> {
  const reader = ungroup('DCMI capabilities', data)
  if (!reader.ok) return reader
  const major = reader.value.u8()
  const minor = reader.value.u8()
  reader.value.skip(2)
  const platform = reader.value.u8()
  if (reader.value.short) return err(`DCMI capabilities of ${data.length} bytes; at least 6`)
  const powerManagement = (platform & POWER_MANAGEMENT) !== 0
  return ok({ version: `${major}.${minor}`, powerManagement })
}

/** Values of the capability parameters (§6.1.1, tables 6-2 and 6-3) of a BMC with power management on LAN channel 1. */
const PARAMETERS: ReadonlyMap<number, readonly number[]> = new Map([
  [SUPPORTED_CAPABILITIES, [0x00, POWER_MANAGEMENT, 0x04]],
  // SEL of 512 entries that may wrap; no identification attributes; temperature every second.
  [2, [0x00, 0x82, 0x00, 0x00, 0x01]],
  // Power is measured by the BMC itself on channel 0.
  [3, [0x20, 0x00]],
  // Primary LAN channel 1, no second one, no serial one.
  [4, [0x01, 0xff, 0xff]],
])

/** The answer to a capabilities request for `parameter`; undefined for one there is not. */
export function encodeDcmiCapabilities(parameter: number): Uint8Array | undefined {
  const value = PARAMETERS.get(parameter)
  return value === undefined ? undefined : Uint8Array.of(DCMI_GROUP, 1, 5, 2, ...value)
}

export interface PowerStatistics {
  readonly watts: number
  readonly wattsMin: number
  readonly wattsMax: number
  readonly wattsAverage: number
  /** Seconds of the BMC's clock. */
  readonly atS: number
  readonly periodMs: number
  /** False: nothing is measured now, and the numbers mean nothing. */
  readonly measuring: boolean
}

const SYSTEM_POWER_STATISTICS = 0x01
const MEASURING = 0x40

export const powerReadingRequest = (): CommandRequest =>
  grouped(GET_POWER_READING, SYSTEM_POWER_STATISTICS, 0, 0)

export function decodePowerReading(data: Uint8Array): Result<PowerStatistics> {
  const reader = ungroup('power reading', data)
  if (!reader.ok) return reader
  const watts = reader.value.u16le()
  const wattsMin = reader.value.u16le()
  const wattsMax = reader.value.u16le()
  const wattsAverage = reader.value.u16le()
  const atS = reader.value.u32le()
  const periodMs = reader.value.u32le()
  const measuring = (reader.value.u8() & MEASURING) !== 0
  if (reader.value.short) return err(`power reading of ${data.length} bytes, not 18`)
  return ok({ watts, wattsMin, wattsMax, wattsAverage, atS, periodMs, measuring })
}

export const encodePowerReading = (power: PowerStatistics): Uint8Array =>
  new ByteWriter(18)
    .u8(DCMI_GROUP)
    .u16le(power.watts)
    .u16le(power.wattsMin)
    .u16le(power.wattsMax)
    .u16le(power.wattsAverage)
    .u32le(power.atS)
    .u32le(power.periodMs)
    .u8(power.measuring ? MEASURING : 0)
    .done()

export const EXCEPTION_ACTIONS = { none: 0x00, powerOff: 0x01, logEvent: 0x11 } as const

export interface DcmiPowerLimit {
  readonly watts: number
  /** What the BMC does when the limit cannot be kept: one of `EXCEPTION_ACTIONS`, or a maker's. */
  readonly exceptionAction: number
  /** How long the limit may be passed before that. */
  readonly correctionMs: number
  readonly samplingSeconds: number
}

export const powerLimitRequest = (): CommandRequest => grouped(GET_POWER_LIMIT, 0, 0)

export function decodePowerLimit(data: Uint8Array): Result<DcmiPowerLimit> {
  const reader = ungroup('power limit', data)
  if (!reader.ok) return reader
  reader.value.skip(2)
  const limit = takeLimit(reader.value)
  return reader.value.short ? err(`power limit of ${data.length} bytes, not 14`) : ok(limit)
}

function takeLimit(reader: ByteReader): DcmiPowerLimit {
  const exceptionAction = reader.u8()
  const watts = reader.u16le()
  const correctionMs = reader.u32le()
  reader.skip(2)
  return { exceptionAction, watts, correctionMs, samplingSeconds: reader.u16le() }
}

const putLimit = (writer: ByteWriter, limit: DcmiPowerLimit): ByteWriter =>
  writer
    .u8(limit.exceptionAction)
    .u16le(limit.watts)
    .u32le(limit.correctionMs)
    .zeroes(2)
    .u16le(limit.samplingSeconds)

export const encodePowerLimit = (limit: DcmiPowerLimit): Uint8Array =>
  putLimit(new ByteWriter(14).u8(DCMI_GROUP).zeroes(2), limit).done()

export const setPowerLimitRequest = (limit: DcmiPowerLimit): CommandRequest => ({
  ...SET_POWER_LIMIT,
  data: putLimit(new ByteWriter(15).u8(DCMI_GROUP).zeroes(3), limit).done(),
})

export function decodeSetPowerLimit(data: Uint8Array): Result<DcmiPowerLimit> {
  const reader = ungroup('set power limit', data)
  if (!reader.ok) return reader
  reader.value.skip(3)
  const limit = takeLimit(reader.value)
  return reader.value.short ? err(`set power limit request of ${data.length} bytes`) : ok(limit)
}

export const activatePowerLimitRequest = (active: boolean): CommandRequest =>
  grouped(ACTIVATE_POWER_LIMIT, active ? 1 : 0, 0, 0)
