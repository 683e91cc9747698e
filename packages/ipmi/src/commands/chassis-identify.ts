import { NET_FN } from '../message.ts'
import type { Command, CommandRequest } from './command.ts'

/** Chassis Identify (IPMI 2.0 §28.5). */
export const CHASSIS_IDENTIFY: Command = { netFn: NET_FN.chassis, command: 0x04 }

/** The interval is one byte. */
export const IDENTIFY_SECONDS_MAX = 255
/** What a request without data means (§28.5). */
const DEFAULT_SECONDS = 15

export interface Identify {
  /** 0 turns the light off. */
  readonly seconds: number
  /** Stay lit until told otherwise. */
  readonly indefinitely: boolean
}

/** `seconds` 0..255; more is our own bug. The force byte is left out unless needed: some BMCs refuse it. */
export const chassisIdentifyRequest = (identify: Identify): CommandRequest => ({
  ...CHASSIS_IDENTIFY,
  data: new Uint8Array(identify.indefinitely ? [0, 1] : [identify.seconds]),
})

export const decodeChassisIdentify = (data: Uint8Array): Identify => ({
  seconds: data[0] ?? DEFAULT_SECONDS,
  indefinitely: ((data[1] ?? 0) & 0x01) !== 0,
})
