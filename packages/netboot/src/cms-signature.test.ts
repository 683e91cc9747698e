import { describe, expect, it } from 'vitest'
import { CMS_BYTES_MAX, readCmsSignature } from './cms-signature.ts'
import { SIGNATURES } from './cms-signature-vectors.ts'

const bytesOf = (base64: string): Uint8Array => new Uint8Array(Buffer.from(base64, 'base64'))
const read = (name: keyof typeof SIGNATURES) => readCmsSignature(bytesOf(SIGNATURES[name]))

describe('a detached CMS signature', () => {
  it('gives hash, signer, signature and certificates', () => {
    const good = read('good')
    if (!good.ok) throw new Error(good.error)
    expect(good.value).toMatchObject({ hash: 'sha256', signerSerial: 'A1B2C3' })
    // An ECDSA signature is a sequence of two numbers, a certificate a sequence of three parts.
    expect(good.value.signature[0]).toBe(0x30)
    expect(good.value.certificates.map((der) => der[0])).toEqual([0x30])
  })

  it.each([
    ['withAttributes', 'has signed attributes; expected none (-noattr)'],
    ['withContent', 'carries its content; expected a detached signature'],
    ['byKeyIdentifier', 'does not name its signer by issuer and serial number'],
    ['overSha1', 'uses another hash than SHA-256, SHA-384 or SHA-512'],
    ['byTwo', 'has not one signer'],
  ] as const)('%s is refused, since iPXE would refuse it or should', (name, error) => {
    expect(read(name)).toEqual({ ok: false, error })
  })

  it('is told from everything else', () => {
    const others = [
      '',
      '-----BEGIN CMS-----\n',
      'a'.repeat(CMS_BYTES_MAX + 1),
      '0\u0002\u0005\u0000',
    ]
    for (const text of others) {
      expect(readCmsSignature(new TextEncoder().encode(text)).ok).toBe(false)
    }
  })

  it('survives being cut anywhere and every byte being another', () => {
    const good = bytesOf(SIGNATURES.good)
    for (let n = 0; n < good.length; n++) {
      expect(readCmsSignature(good.subarray(0, n)).ok).toBe(false)
      for (const value of [0x00, 0x7f, 0x80, 0xff]) {
        const changed = Uint8Array.from(good)
        changed[n] = value
        const result = readCmsSignature(changed)
        if (!result.ok) expect(result.error).not.toBe('')
      }
    }
  })
})
