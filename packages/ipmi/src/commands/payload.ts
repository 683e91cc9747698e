import { ByteReader, ByteWriter } from '@brickyard/std/bytes'
import { err, ok, type Result } from '@brickyard/std/result'
import { NET_FN } from '../message.ts'
import type { Command, CommandRequest } from './command.ts'

/** The payload commands (IPMI 2.0 §24). */
export const ACTIVATE_PAYLOAD: Command = { netFn: NET_FN.app, command: 0x48 }
export const DEACTIVATE_PAYLOAD: Command = { netFn: NET_FN.app, command: 0x49 }
export const GET_PAYLOAD_ACTIVATION_STATUS: Command = { netFn: NET_FN.app, command: 0x4a }
export const GET_PAYLOAD_INSTANCE_INFO: Command = { netFn: NET_FN.app, command: 0x4b }
export const SET_USER_PAYLOAD_ACCESS: Command = { netFn: NET_FN.app, command: 0x4c }
export const GET_USER_PAYLOAD_ACCESS: Command = { netFn: NET_FN.app, command: 0x4d }
export const GET_CHANNEL_PAYLOAD_SUPPORT: Command = { netFn: NET_FN.app, command: 0x4e }
export const GET_CHANNEL_PAYLOAD_VERSION: Command = { netFn: NET_FN.app, command: 0x4f }

/** Payload type of serial over LAN, and the only instance every BMC has. */
export const PAYLOAD_TYPE_SOL = 0x01
export const SOL_INSTANCE = 1

/** Completion codes of Activate Payload (§24.1). */
export const ACTIVATION = {
  activeElsewhere: 0x80,
  disabled: 0x81,
  tooMany: 0x82,
  notEncrypted: 0x83,
  onlyEncrypted: 0x84,
} as const
/** Completion code of Deactivate Payload (§24.2): it was not active. */
export const ALREADY_DEACTIVATED = 0x80

const ENCRYPTED = 0x80
const AUTHENTICATED = 0x40

const sol = (command: Command, auxiliary: number): CommandRequest => ({
  ...command,
  data: Uint8Array.of(PAYLOAD_TYPE_SOL, SOL_INSTANCE, auxiliary, 0, 0, 0),
})

/** Activates serial over LAN, sealed both ways as the session is. */
export const activateSolRequest = (): CommandRequest =>
  sol(ACTIVATE_PAYLOAD, ENCRYPTED | AUTHENTICATED)

export const deactivateSolRequest = (): CommandRequest => sol(DEACTIVATE_PAYLOAD, 0)

/** Which payload and instance a command is about. */
export function decodePayloadChoice(
  data: Uint8Array,
): Result<{ readonly type: number; readonly instance: number }> {
  const [type, instance] = data
  if (type === undefined || instance === undefined) {
    return err(`payload request of ${data.length} bytes`)
  }
  return ok({ type: type & 0x3f, instance: instance & 0x0f })
}

export interface PayloadActivation {
  /** Largest payload the BMC takes, header included. */
  readonly inboundBytes: number
  readonly outboundBytes: number
  readonly port: number
}

export function decodePayloadActivation(data: Uint8Array): Result<PayloadActivation> {
  const reader = new ByteReader(data)
  reader.skip(4)
  const inboundBytes = reader.u16le()
  const outboundBytes = reader.u16le()
  const port = reader.u16le()
  return reader.short
    ? err(`payload activation of ${data.length} bytes; at least 10`)
    : ok({ inboundBytes, outboundBytes, port })
}

const NO_VLAN = 0xffff

export const encodePayloadActivation = (activation: PayloadActivation): Uint8Array =>
  new ByteWriter(12)
    .zeroes(4)
    .u16le(activation.inboundBytes)
    .u16le(activation.outboundBytes)
    .u16le(activation.port)
    .u16le(NO_VLAN)
    .done()
