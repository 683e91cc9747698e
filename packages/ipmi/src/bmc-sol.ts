import { deviceTable, type DeviceOutcome } from './bmc-device.ts'
import type { BmcCommand } from './bmc-state.ts'
import {
  ACTIVATE_PAYLOAD,
  ACTIVATION,
  ALREADY_DEACTIVATED,
  DEACTIVATE_PAYLOAD,
  decodePayloadChoice,
  encodePayloadActivation,
  GET_CHANNEL_PAYLOAD_SUPPORT,
  GET_CHANNEL_PAYLOAD_VERSION,
  GET_PAYLOAD_ACTIVATION_STATUS,
  GET_PAYLOAD_INSTANCE_INFO,
  PAYLOAD_TYPE_SOL,
  SOL_INSTANCE,
} from './commands/payload.ts'
import {
  encodeSolParameter,
  GET_SOL_CONFIGURATION,
  SET_SOL_CONFIGURATION,
  SOL_PARAMETER,
} from './commands/sol-configuration.ts'
import { COMPLETION } from './completion-code.ts'
import { ByteWriter } from '@brickyard/std/bytes'
import { SOL_HEADER_BYTES } from './sol-packet.ts'

/** Characters one packet may carry, either way: what small BMCs offer. */
export const BMC_SOL_CHARACTERS_MAX = 200

/** Who has the console of a BMC, and how it is set up. */
export interface SolDevice {
  /** The session it is active in. */
  readonly activeSession: number | undefined
  readonly port: number
  /** By parameter number (table 26-5), as they are read. */
  readonly parameters: ReadonlyMap<number, Uint8Array>
}

/** Set-in-progress, enabled, sealed and for operators, as fast as it goes, 115.2 kbit/s, channel 1. */
export const createSolDevice = (port: number): SolDevice => ({
  activeSession: undefined,
  port,
  parameters: new Map([
    [SOL_PARAMETER.setInProgress, Uint8Array.of(0)],
    [SOL_PARAMETER.enable, Uint8Array.of(1)],
    [SOL_PARAMETER.authentication, Uint8Array.of(0xc3)],
    [SOL_PARAMETER.accumulate, Uint8Array.of(1, 1)],
    [SOL_PARAMETER.retry, Uint8Array.of(7, 50)],
    [SOL_PARAMETER.bitRate, Uint8Array.of(0x0a)],
    [SOL_PARAMETER.volatileBitRate, Uint8Array.of(0x0a)],
    [SOL_PARAMETER.channel, Uint8Array.of(1)],
    [SOL_PARAMETER.port, Uint8Array.of(port & 0xff, port >> 8)],
  ]),
})

type Outcome = DeviceOutcome<SolDevice>

/** The commands of payloads and of serial over LAN (IPMI 2.0 §24, §26). */
export const SOL_COMMANDS = deviceTable<SolDevice>([
  [ACTIVATE_PAYLOAD, 'operator', activate],
  [DEACTIVATE_PAYLOAD, 'operator', deactivate],
  [GET_PAYLOAD_ACTIVATION_STATUS, 'user', activationStatus],
  [GET_PAYLOAD_INSTANCE_INFO, 'user', instanceInfo],
  [GET_CHANNEL_PAYLOAD_SUPPORT, 'user', channelSupport],
  [GET_CHANNEL_PAYLOAD_VERSION, 'user', channelVersion],
  [GET_SOL_CONFIGURATION, 'user', getParameter],
  [SET_SOL_CONFIGURATION, 'administrator', setParameter],
])

const enabled = (device: SolDevice): boolean =>
  ((device.parameters.get(SOL_PARAMETER.enable)?.[0] ?? 0) & 0x01) !== 0

function activate(device: SolDevice, data: Uint8Array, command: BmcCommand): Outcome {
  const choice = decodePayloadChoice(data)
  if (!choice.ok) return COMPLETION.requestTooShort
  const { type, instance } = choice.value
  if (type !== PAYLOAD_TYPE_SOL) return COMPLETION.invalidField
  if (instance !== SOL_INSTANCE) return ACTIVATION.tooMany
  if (!enabled(device)) return ACTIVATION.disabled
  // §24.1: also a second activation in the session that has it is refused.
  if (device.activeSession !== undefined) return ACTIVATION.activeElsewhere
  const bytes = BMC_SOL_CHARACTERS_MAX + SOL_HEADER_BYTES
  const sizes = { inboundBytes: bytes, outboundBytes: bytes, port: device.port }
  const state = { ...device, activeSession: command.sessionId }
  return { state, data: encodePayloadActivation(sizes) }
}

function deactivate(device: SolDevice, data: Uint8Array): Outcome {
  const choice = decodePayloadChoice(data)
  if (!choice.ok) return COMPLETION.requestTooShort
  if (choice.value.type !== PAYLOAD_TYPE_SOL) return COMPLETION.invalidField
  if (choice.value.instance !== SOL_INSTANCE || device.activeSession === undefined) {
    return ALREADY_DEACTIVATED
  }
  return { state: { ...device, activeSession: undefined } }
}

/** §24.4: how many instances there may be, and which are active. */
function activationStatus(device: SolDevice, [type]: Uint8Array): Outcome {
  if (type === undefined) return COMPLETION.requestTooShort
  if (type !== PAYLOAD_TYPE_SOL) return COMPLETION.invalidField
  return Uint8Array.of(1, device.activeSession === undefined ? 0 : 1, 0)
}

/** §24.5: the session that has it, and no information beyond. */
function instanceInfo(device: SolDevice, data: Uint8Array): Outcome {
  const choice = decodePayloadChoice(data)
  if (!choice.ok) return COMPLETION.requestTooShort
  const { type, instance } = choice.value
  if (type !== PAYLOAD_TYPE_SOL || instance !== SOL_INSTANCE) return COMPLETION.invalidField
  return new ByteWriter(12)
    .u32le(device.activeSession ?? 0)
    .zeroes(8)
    .done()
}

/** Standard payloads 0 (IPMI) and 1 (SOL), the session setup types 0x10 to 0x15, nothing of any maker (§24.8). */
function channelSupport(): Outcome {
  return Uint8Array.of(0x03, 0, 0x3f, 0, 0, 0, 0, 0)
}

/** Both payloads are of version 1.0 (§24.9). */
function channelVersion(_device: SolDevice, data: Uint8Array): Outcome {
  const [, type] = data
  if (type === undefined) return COMPLETION.requestTooShort
  return type <= PAYLOAD_TYPE_SOL ? Uint8Array.of(0x10) : COMPLETION.specific80
}

function getParameter(device: SolDevice, data: Uint8Array): Outcome {
  const [flags, parameter] = data
  if (flags === undefined || parameter === undefined) return COMPLETION.requestTooShort
  const value = device.parameters.get(parameter)
  if (value === undefined) return COMPLETION.specific80
  // Bit 7 asks for the revision alone.
  return encodeSolParameter((flags & 0x80) !== 0 ? new Uint8Array(0) : value)
}

function setParameter(device: SolDevice, data: Uint8Array): Outcome {
  const [channel, parameter, ...value] = data
  if (channel === undefined || parameter === undefined) return COMPLETION.requestTooShort
  const now = device.parameters.get(parameter)
  if (now === undefined) return COMPLETION.specific80
  if (parameter === SOL_PARAMETER.port || parameter === SOL_PARAMETER.channel) {
    return COMPLETION.specific82
  }
  if (value.length < now.length) return COMPLETION.requestTooShort
  const busy = parameter === SOL_PARAMETER.setInProgress && value[0] === 1 && now[0] === 1
  if (busy) return COMPLETION.specific81
  const next = Uint8Array.from(value.slice(0, now.length))
  return { state: { ...device, parameters: new Map(device.parameters).set(parameter, next) } }
}
