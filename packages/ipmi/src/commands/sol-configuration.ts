import { ByteReader } from '@brickyard/std/bytes'
import { err, ok, type Result } from '@brickyard/std/result'
import { NET_FN } from '../message.ts'
import type { Command, CommandRequest } from './command.ts'

/** Set and Get SOL Configuration Parameters (IPMI 2.0 §26.2, §26.3). */
export const SET_SOL_CONFIGURATION: Command = { netFn: NET_FN.transport, command: 0x21 }
export const GET_SOL_CONFIGURATION: Command = { netFn: NET_FN.transport, command: 0x22 }

/** Parameters of table 26-5. */
export const SOL_PARAMETER = {
  setInProgress: 0,
  enable: 1,
  authentication: 2,
  accumulate: 3,
  retry: 4,
  bitRate: 5,
  volatileBitRate: 6,
  channel: 7,
  port: 8,
} as const

const REVISION = 0x11
const PRESENT_CHANNEL = 0x0e

export const getSolParameterRequest = (parameter: number): CommandRequest => ({
  ...GET_SOL_CONFIGURATION,
  data: Uint8Array.of(PRESENT_CHANNEL, parameter, 0, 0),
})

export const setSolParameterRequest = (parameter: number, value: Uint8Array): CommandRequest => ({
  ...SET_SOL_CONFIGURATION,
  data: Uint8Array.from([PRESENT_CHANNEL, parameter, ...value]),
})

export function decodeSolParameter(data: Uint8Array): Result<Uint8Array> {
  const reader = new ByteReader(data)
  reader.skip(1)
  return reader.short ? err('SOL parameter without its revision') : ok(reader.rest())
}

export const encodeSolParameter = (value: Uint8Array): Uint8Array =>
  Uint8Array.from([REVISION, ...value])
