import { ByteReader, ByteWriter } from '@brickyard/std/bytes'
import { err, ok, type Result } from '@brickyard/std/result'

/** Authentication type bytes of the session header (IPMI 2.0 §13.6): none (IPMI 1.5 form) and RMCP+. */
const AUTH_NONE = 0x00
const AUTH_RMCP_PLUS = 0x06
const ENCRYPTED = 0x80
const AUTHENTICATED = 0x40
const PAYLOAD_OEM = 0x02

/** Payload types of RMCP+ (IPMI 2.0 §13.27.3). */
export const PAYLOAD = {
  ipmi: 0x00,
  sol: 0x01,
  openSessionRequest: 0x10,
  openSessionResponse: 0x11,
  rakp1: 0x12,
  rakp2: 0x13,
  rakp3: 0x14,
  rakp4: 0x15,
} as const

/** One IPMI packet as it stands on the wire, before its integrity is checked or anything is decrypted. */
export type Packet =
  | {
      /** The IPMI 1.5 form without authentication: what is asked before a session exists. */
      readonly kind: 'v15'
      readonly sessionId: number
      readonly sequence: number
      readonly payload: Uint8Array
    }
  | {
      readonly kind: 'rmcp-plus'
      readonly payloadType: number
      readonly encrypted: boolean
      readonly authenticated: boolean
      readonly sessionId: number
      readonly sequence: number
      readonly payload: Uint8Array
      /** From the authentication type byte to the end: what the integrity check covers, and the check. */
      readonly body: Uint8Array
      /** Length of `body` up to the end of the payload; pad, pad length, next header and check follow. */
      readonly payloadEnd: number
    }

export type RmcpPlusPacket = Extract<Packet, { kind: 'rmcp-plus' }>

/** Reads the session header of an RMCP body of class IPMI (IPMI 2.0 §13.6, table 13-8). */
export function decodePacket(body: Uint8Array): Result<Packet> {
  const reader = new ByteReader(body)
  const authType = reader.u8()
  if (authType === AUTH_NONE) return decodeV15(reader)
  if (authType !== AUTH_RMCP_PLUS)
    return err(`session authentication type ${authType} is not spoken`)
  const type = reader.u8()
  if ((type & 0x3f) === PAYLOAD_OEM) return err('OEM payloads are not spoken')
  const sessionId = reader.u32le()
  const sequence = reader.u32le()
  const length = reader.u16le()
  const payload = reader.take(length)
  if (reader.short) return err(`RMCP+ packet of ${body.length} bytes is cut short`)
  return ok({
    kind: 'rmcp-plus',
    payloadType: type & 0x3f,
    encrypted: (type & ENCRYPTED) !== 0,
    authenticated: (type & AUTHENTICATED) !== 0,
    sessionId,
    sequence,
    payload,
    body,
    payloadEnd: reader.offset,
  })
}

function decodeV15(reader: ByteReader): Result<Packet> {
  const sequence = reader.u32le()
  const sessionId = reader.u32le()
  const payload = reader.take(reader.u8())
  if (reader.short) return err('IPMI 1.5 packet is cut short')
  return ok({ kind: 'v15', sessionId, sequence, payload })
}

/** The IPMI 1.5 form without a session; some BMCs want no pad byte, so none is added. */
export function encodeV15(payload: Uint8Array): Uint8Array {
  return new ByteWriter(16 + payload.length)
    .u8(AUTH_NONE)
    .u32le(0)
    .u32le(0)
    .u8(payload.length)
    .put(payload)
    .done()
}

/** The RMCP+ header and payload, without a session trailer; `sealed` sets the encrypted and authenticated bits. */
export function encodeRmcpPlus(packet: {
  readonly payloadType: number
  readonly sealed: boolean
  readonly sessionId: number
  readonly sequence: number
  readonly payload: Uint8Array
}): Uint8Array {
  return new ByteWriter(32 + packet.payload.length)
    .u8(AUTH_RMCP_PLUS)
    .u8(packet.payloadType | (packet.sealed ? ENCRYPTED | AUTHENTICATED : 0))
    .u32le(packet.sessionId)
    .u32le(packet.sequence)
    .u16le(packet.payload.length)
    .put(packet.payload)
    .done()
}

/** A session-less RMCP+ packet: Open Session and RAKP messages (session id and sequence zero). */
export const encodeHandshake = (payloadType: number, payload: Uint8Array): Uint8Array =>
  encodeRmcpPlus({ payloadType, sealed: false, sessionId: 0, sequence: 0, payload })
