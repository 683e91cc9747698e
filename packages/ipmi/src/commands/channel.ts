import { ByteReader, ByteWriter } from '@brickyard/std/bytes'
import { err, ok, type Result } from '@brickyard/std/result'
import { NET_FN } from '../message.ts'
import type { Command, CommandRequest } from './command.ts'

/** Set and Get Channel Access, Get Channel Info (IPMI 2.0 §22.22 to §22.24). */
export const SET_CHANNEL_ACCESS: Command = { netFn: NET_FN.app, command: 0x40 }
export const GET_CHANNEL_ACCESS: Command = { netFn: NET_FN.app, command: 0x41 }
export const GET_CHANNEL_INFO: Command = { netFn: NET_FN.app, command: 0x42 }

/** "The channel this came in by" (§6.3). */
export const PRESENT_CHANNEL = 0x0e

const MEDIUM_LAN = 0x04
const PROTOCOL_IPMB = 0x01
const MULTI_SESSION = 0x80
/** The IANA number of the IPMI forum, for standard protocols. */
const VENDOR_IPMI = [0xf2, 0x1b, 0x00] as const

export interface ChannelInfo {
  readonly channel: number
  /** Table 6-3: 4 is an 802.3 LAN. */
  readonly medium: number
  readonly activeSessions: number
}

export const channelInfoRequest = (channel = PRESENT_CHANNEL): CommandRequest => ({
  ...GET_CHANNEL_INFO,
  data: Uint8Array.of(channel),
})

export function decodeChannelInfo(data: Uint8Array): Result<ChannelInfo> {
  const reader = new ByteReader(data)
  const channel = reader.u8() & 0x0f
  const medium = reader.u8() & 0x7f
  reader.skip(1)
  const sessions = reader.u8()
  return reader.short
    ? err(`channel info of ${data.length} bytes; at least 4`)
    : ok({ channel, medium, activeSessions: sessions & 0x3f })
}

/** A LAN channel with several sessions. */
export const encodeLanChannelInfo = (channel: number, activeSessions: number): Uint8Array =>
  new ByteWriter(9)
    .u8(channel)
    .u8(MEDIUM_LAN)
    .u8(PROTOCOL_IPMB)
    .u8(MULTI_SESSION | activeSessions)
    .put(Uint8Array.from(VENDOR_IPMI))
    .zeroes(2)
    .done()

export const ACCESS_MODES = ['disabled', 'pre-boot', 'always', 'shared'] as const

export interface ChannelAccess {
  readonly mode: (typeof ACCESS_MODES)[number]
  /** The highest privilege anybody gets over the channel. */
  readonly privilegeLevel: number
  readonly userLevelAuthentication: boolean
}

/** What holds now (`volatile`) or after the BMC's next start. */
export const channelAccessRequest = (of: 'now' | 'next-start'): CommandRequest => ({
  ...GET_CHANNEL_ACCESS,
  data: Uint8Array.of(PRESENT_CHANNEL, of === 'now' ? 0x80 : 0x40),
})

export function decodeChannelAccess(data: Uint8Array): Result<ChannelAccess> {
  const [access, limit] = data
  if (access === undefined || limit === undefined) {
    return err(`channel access of ${data.length} bytes, not 2`)
  }
  const mode = ACCESS_MODES[access & 0x07]
  if (mode === undefined) return err(`channel access mode ${access & 0x07}`)
  const userLevelAuthentication = (access & 0x08) === 0
  return ok({ mode, privilegeLevel: limit & 0x0f, userLevelAuthentication })
}

export const encodeChannelAccess = (access: ChannelAccess): Uint8Array =>
  Uint8Array.of(
    ACCESS_MODES.indexOf(access.mode) | (access.userLevelAuthentication ? 0 : 0x08),
    access.privilegeLevel,
  )
