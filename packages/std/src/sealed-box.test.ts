import { describe, expect, it } from 'vitest'
import { boxKeyId, boxKeys, openBox, parseBoxKey, sealBox } from './sealed-box.ts'

/** Bob’s pair is that of RFC 7748 §6.1. */
const hex = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'hex'))
const ALICE = hex('77076d0a7318a57d3c16c17251b26645df4c5bc4ec3fd9a6d4e5f3f2c8b7a2a1')
const BOB = hex('5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb')
const BOB_PUBLIC = hex('de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f')
const PLAIN = new TextEncoder().encode('kettle-Morning-41!')

const sealed = (context = 'recovery a/b'): string => {
  const box = sealBox(boxKeys(BOB).publicKey, context, PLAIN, ALICE)
  if (!box.ok) throw new Error(box.error)
  return box.value
}

describe('a sealed box', () => {
  it('has the public key that RFC 7748 gives for a private one', () => {
    expect(Buffer.from(boxKeys(BOB).publicKey, 'base64url')).toEqual(Buffer.from(BOB_PUBLIC))
  })

  it('opens with its private key and its context, and says nothing of what is in it', () => {
    expect(openBox(boxKeys(BOB).privateKey, 'recovery a/b', sealed())).toEqual({
      ok: true,
      value: PLAIN,
    })
    expect(Buffer.from(sealed(), 'base64url').includes(Buffer.from(PLAIN))).toBe(false)
  })

  it('opens with no other key and for no other purpose', () => {
    const { privateKey } = boxKeys(BOB)
    expect(openBox(boxKeys(ALICE).privateKey, 'recovery a/b', sealed()).ok).toBe(false)
    expect(openBox(privateKey, 'recovery a/c', sealed()).ok).toBe(false)
    expect(openBox('short', 'recovery a/b', sealed()).ok).toBe(false)
  })

  it('does not open when any bit of it was changed or any end of it is gone', () => {
    const { privateKey } = boxKeys(BOB)
    const bytes = Buffer.from(sealed(), 'base64url')
    for (let at = 0; at < bytes.length; at++) {
      const changed = Buffer.from(bytes)
      changed[at] = (changed[at] ?? 0) ^ 0x10
      const opened = openBox(privateKey, 'recovery a/b', changed.toString('base64url'))
      expect([at, opened.ok]).toEqual([at, false])
      const cut = bytes.subarray(0, at).toString('base64url')
      expect([at, openBox(privateKey, 'recovery a/b', cut).ok]).toEqual([at, false])
    }
  })

  it('is not closed for a key that would make it readable for all', () => {
    for (const weak of [new Uint8Array(32), Uint8Array.of(1, ...new Uint8Array(31))]) {
      const key = Buffer.from(weak).toString('base64url')
      expect(sealBox(key, 'x', PLAIN, ALICE).ok).toBe(false)
    }
    expect(parseBoxKey('not a key').ok).toBe(false)
    expect(boxKeyId(boxKeys(BOB).publicKey)).toMatch(/^[0-9a-f]{16}$/)
  })
})
