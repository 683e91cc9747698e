import { ByteReader, ByteWriter } from '@brickyard/std/bytes'
import { err, ok, type Result } from '@brickyard/std/result'
import { NET_FN } from '../message.ts'
import { PRIVILEGES, type Privilege } from '../privilege.ts'
import type { Command, CommandRequest } from './command.ts'

/** Get Channel Authentication Capabilities (IPMI 2.0 §22.13): the first question, asked before a session. */
export const GET_CHANNEL_AUTH_CAPABILITIES: Command = { netFn: NET_FN.app, command: 0x38 }

/** "The channel this came in by" (§6.3). */
const PRESENT_CHANNEL = 0x0e
const WANT_V20_DATA = 0x80

export interface ChannelAuthCapabilities {
  readonly channel: number
  readonly ipmi20: boolean
  /** A BMC key (Kg) other than zero is set: sessions need it beside the password. */
  readonly bmcKeyNeeded: boolean
  readonly anonymousLogin: boolean
  /** Users with an empty name and a password. */
  readonly nullUsers: boolean
  /** IPMI 1.5 authentication types: bit 0 none, 1 MD2, 2 MD5, 4 password, 5 OEM. */
  readonly oldLogins: number
}

export const channelAuthCapabilitiesRequest = (privilege: Privilege): CommandRequest => ({
  ...GET_CHANNEL_AUTH_CAPABILITIES,
  data: new Uint8Array([WANT_V20_DATA | PRESENT_CHANNEL, PRIVILEGES[privilege]]),
})

export function decodeChannelAuthCapabilities(data: Uint8Array): Result<ChannelAuthCapabilities> {
  const reader = new ByteReader(data)
  const channel = reader.u8()
  const types = reader.u8()
  const status = reader.u8()
  const extended = reader.u8()
  if (reader.short) return err(`channel authentication capabilities of ${data.length} bytes`)
  return ok({
    channel: channel & 0x0f,
    ipmi20: (types & 0x80) !== 0 && (extended & 0x02) !== 0,
    bmcKeyNeeded: (status & 0x20) !== 0,
    anonymousLogin: (status & 0x01) !== 0,
    nullUsers: (status & 0x02) !== 0,
    oldLogins: types & 0x3f,
  })
}

/** The BMC's answer: named users always; anonymous and null ones as told. */
export const encodeChannelAuthCapabilities = (c: ChannelAuthCapabilities): Uint8Array =>
  new ByteWriter(8)
    .u8(c.channel)
    .u8((c.ipmi20 ? 0x80 : 0) | c.oldLogins)
    .u8(
      (c.bmcKeyNeeded ? 0x20 : 0) | 0x04 | (c.nullUsers ? 0x02 : 0) | (c.anonymousLogin ? 0x01 : 0),
    )
    .u8(c.ipmi20 ? 0x02 : 0)
    .zeroes(4)
    .done()
