import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  hkdfSync,
  type KeyObject,
} from 'node:crypto'
import { assert } from './assert.ts'
import { err, ok, type Result } from './result.ts'

/**
 * A box that anybody can close with a public key and only the private key opens: X25519 (RFC 7748)
 * with a key of its own for each box, HKDF-SHA256 (RFC 5869), AES-256-GCM. The context says what the
 * box is for and is authenticated: a box of one purpose does not open as another.
 *
 * Text of a box: base64url of the box's public key (32 bytes), tag (16 bytes) and what was sealed.
 */
export interface BoxKeys {
  /** 43 characters of base64url. */
  readonly publicKey: string
  readonly privateKey: string
}

const KEY_BYTES = 32
const TAG_BYTES = 16
/** The key is used once, so its nonce may be fixed. */
const NONCE = new Uint8Array(12)
/** What is sealed is a login, not a file. */
const PLAIN_BYTES_MAX = 4096
/** RFC 8410: a raw X25519 key behind these bytes is PKCS #8 and SubjectPublicKeyInfo. */
const PRIVATE_PREFIX = Buffer.from('302e020100300506032b656e04220420', 'hex')
const PUBLIC_PREFIX = Buffer.from('302a300506032b656e032100', 'hex')

/** The pair of a private key of 32 random bytes. */
export function boxKeys(secret: Uint8Array): BoxKeys {
  return {
    publicKey: toText(rawPublic(privateOf(secret))),
    privateKey: toText(secret),
  }
}

/** Checks that a text is a public key. */
export function parseBoxKey(text: string): Result<string> {
  return rawKey(text) === undefined
    ? err(`'${text.slice(0, 60)}' is no public key: 43 letters of base64url`)
    : ok(text)
}

/** A short name of a public key, for people to compare: 16 hex digits of its SHA-256. */
export const boxKeyId = (publicKey: string): string =>
  createHash('sha256').update(publicKey, 'utf8').digest('hex').slice(0, 16)

/** Closes a box; `entropy` is 32 random bytes that are used for nothing else. */
export function sealBox(
  publicKey: string,
  context: string,
  plain: Uint8Array,
  entropy: Uint8Array,
): Result<string> {
  const to = rawKey(publicKey)
  if (to === undefined) return err('the public key cannot be read')
  if (plain.length > PLAIN_BYTES_MAX) return err(`a box takes ${PLAIN_BYTES_MAX} bytes`)
  const own = privateOf(entropy)
  const from = rawPublic(own)
  const key = agree(own, to, { from, to, context })
  if (key === undefined) return err('the public key is of no use: it is one of the weak points')
  const cipher = createCipheriv('aes-256-gcm', key, NONCE).setAAD(Buffer.from(context, 'utf8'))
  const sealed = Buffer.concat([cipher.update(plain), cipher.final()])
  return ok(toText(Buffer.concat([from, cipher.getAuthTag(), sealed])))
}

/** Opens a box; every way to fail gives the same error. */
export function openBox(privateKey: string, context: string, box: string): Result<Uint8Array> {
  const failed = err('the box does not open: another key, another purpose, or it was changed')
  const secret = rawKey(privateKey)
  const bytes = Buffer.from(box, 'base64url')
  if (secret === undefined || bytes.length < KEY_BYTES + TAG_BYTES) return failed
  const from = bytes.subarray(0, KEY_BYTES)
  const own = privateOf(secret)
  const key = agree(own, from, { from, to: rawPublic(own), context })
  if (key === undefined) return failed
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, NONCE)
      .setAAD(Buffer.from(context, 'utf8'))
      .setAuthTag(bytes.subarray(KEY_BYTES, KEY_BYTES + TAG_BYTES))
    const sealed = bytes.subarray(KEY_BYTES + TAG_BYTES)
    return ok(new Uint8Array(Buffer.concat([decipher.update(sealed), decipher.final()])))
  } catch {
    return failed
  }
}

/** The key of a box; undefined for a point of low order, which OpenSSL refuses. */
function agree(
  own: KeyObject,
  other: Uint8Array,
  box: { readonly from: Uint8Array; readonly to: Uint8Array; readonly context: string },
): Uint8Array | undefined {
  try {
    const publicKey = createPublicKey({
      key: Buffer.concat([PUBLIC_PREFIX, other]),
      format: 'der',
      type: 'spki',
    })
    const shared = diffieHellman({ privateKey: own, publicKey })
    const salt = Buffer.concat([box.from, box.to])
    const info = `brickyard sealed box 1 ${box.context}`
    return new Uint8Array(hkdfSync('sha256', shared, salt, info, KEY_BYTES))
  } catch {
    return undefined
  }
}

function privateOf(secret: Uint8Array): KeyObject {
  assert(secret.length === KEY_BYTES, `a private key has ${KEY_BYTES} bytes`)
  const key = Buffer.concat([PRIVATE_PREFIX, secret])
  return createPrivateKey({ key, format: 'der', type: 'pkcs8' })
}

const rawPublic = (key: KeyObject): Uint8Array =>
  createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(PUBLIC_PREFIX.length)

const toText = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64url')

function rawKey(text: string): Uint8Array | undefined {
  if (!/^[A-Za-z0-9_-]{43}$/.test(text)) return undefined
  const bytes = Buffer.from(text, 'base64url')
  return bytes.length === KEY_BYTES ? bytes : undefined
}
