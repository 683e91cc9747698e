import { deviceTable, type DeviceOutcome } from './bmc-device.ts'
import {
  ACTIVATE_POWER_LIMIT,
  DCMI_GROUP,
  decodeSetPowerLimit,
  encodeDcmiCapabilities,
  encodePowerLimit,
  encodePowerReading,
  GET_DCMI_CAPABILITIES,
  GET_POWER_LIMIT,
  GET_POWER_READING,
  POWER_LIMIT_CODE,
  SET_POWER_LIMIT,
  type DcmiPowerLimit,
} from './commands/dcmi.ts'
import { COMPLETION } from './completion-code.ts'

/** Limits below what a sled draws idle are refused. */
const WATTS_MIN = 50

/** The power manager of a BMC. */
export interface DcmiDevice {
  /** Undefined: nothing is measured. */
  readonly watts: number | undefined
  readonly wattsMin: number
  readonly wattsMax: number
  /** Watts times milliseconds since the measuring began, for the average. */
  readonly wattMs: number
  readonly periodMs: number
  readonly observedAtMs: number
  /** Seconds of the true time; the shell keeps it up to date. */
  readonly nowS: number
  readonly limit: DcmiPowerLimit | undefined
  readonly limitActive: boolean
}

export const createDcmiDevice = (nowMs: number, nowS: number): DcmiDevice => ({
  watts: undefined,
  wattsMin: Infinity,
  wattsMax: 0,
  wattMs: 0,
  periodMs: 0,
  observedAtMs: nowMs,
  nowS,
  limit: undefined,
  limitActive: false,
})

/** Takes what the sled wants to draw from now on; a limit in force cuts it. */
export function observePower(
  device: DcmiDevice,
  wanted: number | undefined,
  nowMs: number,
  nowS: number,
): DcmiDevice {
  const passedMs = Math.max(0, nowMs - device.observedAtMs)
  const cap = device.limitActive ? (device.limit?.watts ?? Infinity) : Infinity
  const watts = wanted === undefined ? undefined : Math.round(Math.min(wanted, cap))
  return {
    ...device,
    watts,
    wattsMin: Math.min(device.wattsMin, watts ?? Infinity),
    wattsMax: Math.max(device.wattsMax, watts ?? 0),
    wattMs: device.wattMs + (device.watts ?? 0) * passedMs,
    periodMs: device.periodMs + (device.watts === undefined ? 0 : passedMs),
    observedAtMs: nowMs,
    nowS,
  }
}

type Outcome = DeviceOutcome<DcmiDevice>

/** The power commands (DCMI 1.5 §6.1, §6.6). Requests of another group are not ours. */
export const DCMI_COMMANDS = deviceTable<DcmiDevice>([
  [GET_DCMI_CAPABILITIES, 'user', grouped(capabilities)],
  [GET_POWER_READING, 'user', grouped(reading)],
  [GET_POWER_LIMIT, 'user', grouped(getLimit)],
  [SET_POWER_LIMIT, 'operator', grouped(setLimit)],
  [ACTIVATE_POWER_LIMIT, 'operator', grouped(activate)],
])

type Run = (device: DcmiDevice, data: Uint8Array) => Outcome

function grouped(run: Run): Run {
  return (device, data) => {
    const [group] = data
    if (group === undefined) return COMPLETION.requestTooShort
    return group === DCMI_GROUP ? run(device, data) : COMPLETION.invalidCommand
  }
}

function capabilities(_device: DcmiDevice, [, parameter]: Uint8Array): Outcome {
  if (parameter === undefined) return COMPLETION.requestTooShort
  return encodeDcmiCapabilities(parameter) ?? COMPLETION.invalidField
}

function reading(device: DcmiDevice, data: Uint8Array): Outcome {
  if (data.length < 4) return COMPLETION.requestTooShort
  const { watts = 0, wattsMin, wattsMax, wattMs, periodMs } = device
  return encodePowerReading({
    watts,
    wattsMin: Number.isFinite(wattsMin) ? wattsMin : 0,
    wattsMax,
    wattsAverage: Math.round(periodMs === 0 ? watts : wattMs / periodMs),
    atS: Math.max(0, Math.floor(device.nowS)),
    periodMs: Math.floor(periodMs) % 2 ** 32,
    measuring: device.watts !== undefined,
  })
}

/** What is told while none was ever set; consoles send it back with what they change. */
const NO_LIMIT: DcmiPowerLimit = {
  watts: 0,
  exceptionAction: 0,
  correctionMs: 0,
  samplingSeconds: 1,
}

/** A limit that is not in force is told with a code of its own, and told all the same. */
function getLimit(device: DcmiDevice): Outcome {
  const completionCode = device.limitActive ? COMPLETION.ok : POWER_LIMIT_CODE.noneActive
  return { state: device, data: encodePowerLimit(device.limit ?? NO_LIMIT), completionCode }
}

function setLimit(device: DcmiDevice, data: Uint8Array): Outcome {
  const limit = decodeSetPowerLimit(data)
  if (!limit.ok) return COMPLETION.requestTooShort
  if (limit.value.watts < WATTS_MIN) return POWER_LIMIT_CODE.limitOutOfRange
  if (limit.value.samplingSeconds === 0) return POWER_LIMIT_CODE.periodOutOfRange
  return { state: { ...device, limit: limit.value }, data: Uint8Array.of(DCMI_GROUP) }
}

function activate(device: DcmiDevice, [, active]: Uint8Array): Outcome {
  if (active === undefined) return COMPLETION.requestTooShort
  if (active === 1 && device.limit === undefined) return COMPLETION.notInPresentState
  return { state: { ...device, limitActive: active === 1 }, data: Uint8Array.of(DCMI_GROUP) }
}
