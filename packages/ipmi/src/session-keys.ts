import { ByteWriter } from '@brickyard/std/bytes'
import { assert } from '@brickyard/std/assert'
import { suiteHmac, type CipherSuite } from './cipher-suite.ts'

/** Longest password and BMC key of IPMI 2.0 (§22.30); both are padded with zeroes to this length. */
export const PASSWORD_BYTES_MAX = 20
/** Longest user name (§22.28). */
export const USER_BYTES_MAX = 16
/** K1 and K2 are made over 20 equal bytes whatever the suite's hash length (§13.32). */
const KEY_CONSTANT_BYTES = 20
const AES_KEY_BYTES = 16

/** The name-only bit of the role byte: look the user up by name, not by name and level (§13.20). */
export const ROLE_NAME_ONLY = 0x10

/** Everything both sides know once RAKP 1 and 2 are exchanged. All runs are as on the wire. */
export interface KeyExchange {
  readonly consoleSessionId: number
  readonly bmcSessionId: number
  readonly consoleRandom: Uint8Array
  readonly bmcRandom: Uint8Array
  readonly bmcGuid: Uint8Array
  /** The role byte of RAKP 1, name-only bit included. */
  readonly role: number
  readonly user: string
}

export interface SessionKeys {
  /** Session integrity key (§13.31). */
  readonly sik: Uint8Array
  /** Integrity key K1. */
  readonly k1: Uint8Array
  /** AES key: the first 16 bytes of K2. */
  readonly aes: Uint8Array
}

/** A password or BMC key as the 20 bytes that key the HMACs; longer ones are our own bug. */
export function paddedSecret(text: string): Uint8Array {
  const bytes = new TextEncoder().encode(text)
  assert(bytes.length <= PASSWORD_BYTES_MAX, 'secret longer than 20 bytes')
  const padded = new Uint8Array(PASSWORD_BYTES_MAX)
  padded.set(bytes)
  return padded
}

const u32le = (value: number): Uint8Array => new ByteWriter(4).u32le(value).done()

function roleAndUser(exchange: KeyExchange): Uint8Array {
  const user = new TextEncoder().encode(exchange.user)
  return new ByteWriter(18).u8(exchange.role).u8(user.length).put(user).done()
}

/** Key exchange authentication code of RAKP 2, made by the BMC (§13.31). */
export const rakp2Code = (suite: CipherSuite, password: Uint8Array, x: KeyExchange): Uint8Array =>
  suiteHmac(suite, password, [
    u32le(x.consoleSessionId),
    u32le(x.bmcSessionId),
    x.consoleRandom,
    x.bmcRandom,
    x.bmcGuid,
    roleAndUser(x),
  ])

/** Key exchange authentication code of RAKP 3, made by the console (§13.31). */
export const rakp3Code = (suite: CipherSuite, password: Uint8Array, x: KeyExchange): Uint8Array =>
  suiteHmac(suite, password, [x.bmcRandom, u32le(x.consoleSessionId), roleAndUser(x)])

/** Integrity check value of RAKP 4, truncated as the suite says (§13.31). */
export const rakp4Code = (suite: CipherSuite, sik: Uint8Array, x: KeyExchange): Uint8Array =>
  suiteHmac(suite, sik, [x.consoleRandom, u32le(x.bmcSessionId), x.bmcGuid]).slice(
    0,
    suite.integrityCheckBytes,
  )

/** The keys of the session; `bmcKey` is Kg where one is set, else the padded password (§13.31, §13.32). */
export function sessionKeys(suite: CipherSuite, bmcKey: Uint8Array, x: KeyExchange): SessionKeys {
  const sik = suiteHmac(suite, bmcKey, [x.consoleRandom, x.bmcRandom, roleAndUser(x)])
  const made = (constant: number) =>
    suiteHmac(suite, sik, [new Uint8Array(KEY_CONSTANT_BYTES).fill(constant)])
  return { sik, k1: made(1), aes: made(2).slice(0, AES_KEY_BYTES) }
}
