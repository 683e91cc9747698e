import { createCipheriv, createDecipheriv, createSecretKey, timingSafeEqual } from 'node:crypto'
import { assert } from '@brickyard/std/assert'
import { ByteWriter } from '@brickyard/std/bytes'
import { err, ok, type Result } from '@brickyard/std/result'
import { suiteHmac, type CipherSuite } from './cipher-suite.ts'
import { encodeRmcpPlus, type RmcpPlusPacket } from './packet.ts'
import type { SessionKeys } from './session-keys.ts'

const AES_BLOCK_BYTES = 16
const NEXT_HEADER = 0x07
const INTEGRITY_PAD = 0xff

/** Bytes of randomness a sealed packet needs: the initialization vector. */
export const IV_BYTES = AES_BLOCK_BYTES

/** True for equal runs, in a time that tells nothing about where they differ. */
export const sameSecret = (a: Uint8Array, b: Uint8Array): boolean =>
  a.length === b.length && timingSafeEqual(a, b)

/** AES-CBC-128 with the self-describing pad `01 02 … n n` (IPMI 2.0 §13.29). */
function encrypt(key: Uint8Array, iv: Uint8Array, plain: Uint8Array): Uint8Array {
  const padBytes = (AES_BLOCK_BYTES - ((plain.length + 1) % AES_BLOCK_BYTES)) % AES_BLOCK_BYTES
  const padded = new ByteWriter(plain.length + AES_BLOCK_BYTES).put(plain)
  for (let i = 1; i <= padBytes; i++) padded.u8(i)
  const cipher = createCipheriv('aes-128-cbc', createSecretKey(key), iv).setAutoPadding(false)
  const body = cipher.update(padded.u8(padBytes).done())
  return new ByteWriter(IV_BYTES + body.length).put(iv).put(body).put(cipher.final()).done()
}

function decrypt(key: Uint8Array, payload: Uint8Array): Result<Uint8Array> {
  const blocks = payload.length / AES_BLOCK_BYTES
  if (!Number.isInteger(blocks) || blocks < 2) {
    return err(`encrypted payload of ${payload.length} bytes is no IV and whole AES blocks`)
  }
  const iv = payload.subarray(0, IV_BYTES)
  const decipher = createDecipheriv('aes-128-cbc', createSecretKey(key), iv)
  decipher.setAutoPadding(false)
  const plain = new Uint8Array(decipher.update(payload.subarray(IV_BYTES)))
  const padBytes = plain[plain.length - 1] as number
  if (padBytes >= AES_BLOCK_BYTES) return err(`confidentiality pad of ${padBytes} bytes`)
  const end = plain.length - 1 - padBytes
  for (let i = 0; i < padBytes; i++) {
    if (plain[end + i] !== i + 1) return err('confidentiality pad is not 1, 2, 3 …')
  }
  return ok(plain.subarray(0, end))
}

/** Encrypts and authenticates one payload of a session (IPMI 2.0 §13.28.4, §13.29); the result follows the RMCP header. */
export function seal(
  suite: CipherSuite,
  keys: SessionKeys,
  packet: {
    readonly payloadType: number
    readonly sessionId: number
    readonly sequence: number
    readonly payload: Uint8Array
    readonly iv: Uint8Array
  },
): Uint8Array {
  assert(packet.iv.length === IV_BYTES, 'an IV has 16 bytes')
  const payload = encrypt(keys.aes, packet.iv, packet.payload)
  const head = encodeRmcpPlus({ ...packet, sealed: true, payload })
  const covered = new ByteWriter(head.length + 8).put(head)
  // The pad makes everything from the authentication type to the next header a multiple of four.
  const padBytes = (4 - ((head.length + 2) % 4)) % 4
  for (let i = 0; i < padBytes; i++) covered.u8(INTEGRITY_PAD)
  const body = covered.u8(padBytes).u8(NEXT_HEADER).done()
  const check = suiteHmac(suite, keys.k1, [body]).subarray(0, suite.integrityCheckBytes)
  return new ByteWriter(body.length + check.length).put(body).put(check).done()
}

/** Checks a packet's integrity first, then decrypts it. A packet that is not both sealed ways is refused. */
export function unseal(
  suite: CipherSuite,
  keys: SessionKeys,
  packet: RmcpPlusPacket,
): Result<Uint8Array> {
  if (!packet.authenticated || !packet.encrypted) return err('packet is not sealed')
  const checkAt = packet.body.length - suite.integrityCheckBytes
  if (checkAt < packet.payloadEnd + 2) return err('session trailer is cut short')
  const covered = packet.body.subarray(0, checkAt)
  const check = suiteHmac(suite, keys.k1, [covered]).subarray(0, suite.integrityCheckBytes)
  if (!sameSecret(check, packet.body.subarray(checkAt))) return err('integrity check is wrong')
  const padBytes = covered[checkAt - 2] as number
  if (covered[checkAt - 1] !== NEXT_HEADER) return err('next header is not 7')
  if (packet.payloadEnd + padBytes + 2 !== checkAt) return err('integrity pad length is wrong')
  return decrypt(keys.aes, packet.payload)
}
