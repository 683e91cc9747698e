import { ByteReader, ByteWriter } from '@brickyard/std/bytes'
import { err, ok, type Result } from '@brickyard/std/result'
import { USER_BYTES_MAX } from './session-keys.ts'
import { STATUS } from './status-code.ts'

/** Random numbers and GUIDs of the key exchange have 16 bytes. */
export const RAKP_RANDOM_BYTES = 16

/** RAKP 1, console to BMC (IPMI 2.0 §13.20). */
export interface Rakp1 {
  readonly tag: number
  readonly bmcSessionId: number
  readonly consoleRandom: Uint8Array
  /** Requested role with the name-only bit. */
  readonly role: number
  readonly user: string
}

/** RAKP 2, BMC to console (§13.21). */
export type Rakp2 =
  | { readonly kind: 'refused'; readonly tag: number; readonly status: number }
  | {
      readonly kind: 'challenge'
      readonly tag: number
      readonly consoleSessionId: number
      readonly bmcRandom: Uint8Array
      readonly bmcGuid: Uint8Array
      readonly code: Uint8Array
    }

/** RAKP 3, console to BMC (§13.22); a status other than zero gives up the session. */
export interface Rakp3 {
  readonly tag: number
  readonly status: number
  readonly bmcSessionId: number
  readonly code: Uint8Array
}

/** RAKP 4, BMC to console (§13.23). */
export type Rakp4 =
  | { readonly kind: 'refused'; readonly tag: number; readonly status: number }
  | {
      readonly kind: 'active'
      readonly tag: number
      readonly consoleSessionId: number
      readonly check: Uint8Array
    }

export function encodeRakp1(message: Rakp1): Uint8Array {
  const user = new TextEncoder().encode(message.user)
  return new ByteWriter(44)
    .u8(message.tag)
    .zeroes(3)
    .u32le(message.bmcSessionId)
    .put(message.consoleRandom)
    .u8(message.role)
    .zeroes(2)
    .u8(user.length)
    .put(user)
    .done()
}

export function decodeRakp1(bytes: Uint8Array): Result<Rakp1> {
  const reader = new ByteReader(bytes)
  const tag = reader.u8()
  reader.skip(3)
  const bmcSessionId = reader.u32le()
  const consoleRandom = reader.take(RAKP_RANDOM_BYTES).slice()
  const role = reader.u8()
  reader.skip(2)
  const userBytes = reader.u8()
  if (reader.short) return err(`RAKP 1 of ${bytes.length} bytes is cut short`)
  if (userBytes > USER_BYTES_MAX) return err(`RAKP 1: user name of ${userBytes} bytes`)
  const user = new TextDecoder('latin1').decode(reader.take(userBytes))
  if (reader.short) return err('RAKP 1: user name is cut short')
  return ok({ tag, bmcSessionId, consoleRandom, role, user })
}

/** A refusal of RAKP 1 or RAKP 3: tag, status, reserved, the console's session id. */
export const encodeRakpRefusal = (
  tag: number,
  status: number,
  consoleSessionId: number,
): Uint8Array => new ByteWriter(8).u8(tag).u8(status).zeroes(2).u32le(consoleSessionId).done()

export const encodeRakp2 = (message: Extract<Rakp2, { kind: 'challenge' }>): Uint8Array =>
  new ByteWriter(72)
    .u8(message.tag)
    .u8(STATUS.ok)
    .zeroes(2)
    .u32le(message.consoleSessionId)
    .put(message.bmcRandom)
    .put(message.bmcGuid)
    .put(message.code)
    .done()

export function decodeRakp2(bytes: Uint8Array, codeBytes: number): Result<Rakp2> {
  const reader = new ByteReader(bytes)
  const tag = reader.u8()
  const status = reader.u8()
  if (reader.short) return err('RAKP 2 has no status')
  if (status !== STATUS.ok) return ok({ kind: 'refused', tag, status })
  reader.skip(2)
  const consoleSessionId = reader.u32le()
  const bmcRandom = reader.take(RAKP_RANDOM_BYTES).slice()
  const bmcGuid = reader.take(RAKP_RANDOM_BYTES).slice()
  const code = reader.rest().slice()
  if (reader.short) return err(`RAKP 2 of ${bytes.length} bytes is cut short`)
  if (code.length !== codeBytes) {
    return err(`RAKP 2: authentication code of ${code.length} bytes, expected ${codeBytes}`)
  }
  return ok({ kind: 'challenge', tag, consoleSessionId, bmcRandom, bmcGuid, code })
}

export const encodeRakp3 = (message: Rakp3): Uint8Array =>
  new ByteWriter(40)
    .u8(message.tag)
    .u8(message.status)
    .zeroes(2)
    .u32le(message.bmcSessionId)
    .put(message.code)
    .done()

export function decodeRakp3(bytes: Uint8Array): Result<Rakp3> {
  const reader = new ByteReader(bytes)
  const tag = reader.u8()
  const status = reader.u8()
  reader.skip(2)
  const bmcSessionId = reader.u32le()
  if (reader.short) return err(`RAKP 3 of ${bytes.length} bytes is cut short`)
  return ok({ tag, status, bmcSessionId, code: reader.rest().slice() })
}

export const encodeRakp4 = (message: Extract<Rakp4, { kind: 'active' }>): Uint8Array =>
  new ByteWriter(24)
    .u8(message.tag)
    .u8(STATUS.ok)
    .zeroes(2)
    .u32le(message.consoleSessionId)
    .put(message.check)
    .done()

export function decodeRakp4(bytes: Uint8Array, checkBytes: number): Result<Rakp4> {
  const reader = new ByteReader(bytes)
  const tag = reader.u8()
  const status = reader.u8()
  if (reader.short) return err('RAKP 4 has no status')
  if (status !== STATUS.ok) return ok({ kind: 'refused', tag, status })
  reader.skip(2)
  const consoleSessionId = reader.u32le()
  const check = reader.rest().slice()
  if (reader.short) return err(`RAKP 4 of ${bytes.length} bytes is cut short`)
  if (check.length !== checkBytes) {
    return err(`RAKP 4: integrity check of ${check.length} bytes, expected ${checkBytes}`)
  }
  return ok({ kind: 'active', tag, consoleSessionId, check })
}
