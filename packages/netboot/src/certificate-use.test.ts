import { X509Certificate } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { readCertificateUse } from './certificate-use.ts'
import { readCmsSignature } from './cms-signature.ts'
import { AUTHORITY, BOUND_AUTHORITY, BOUND_SIGNATURES } from './cms-signature-vectors.ts'

const derOf = (pem: string): Uint8Array => new Uint8Array(new X509Certificate(pem).raw)

function signerOf(name: keyof typeof BOUND_SIGNATURES): Uint8Array {
  const read = readCmsSignature(new Uint8Array(Buffer.from(BOUND_SIGNATURES[name], 'base64')))
  if (!read.ok) throw new Error(read.error)
  return read.value.certificates[0] ?? new Uint8Array()
}

describe('what a certificate says of its use', () => {
  it('is whether its key signs, and how many may stand beneath it', () => {
    expect(readCertificateUse(signerOf('direct'))).toEqual({ signs: true, pathLength: undefined })
    expect(readCertificateUse(derOf(AUTHORITY))).toEqual({ signs: false, pathLength: undefined })
    expect(readCertificateUse(derOf(BOUND_AUTHORITY))).toEqual({ signs: false, pathLength: 0 })
  })

  it('is not guessed where there is no keyUsage', () => {
    expect(readCertificateUse(signerOf('withoutKeyUsage')).signs).toBe(false)
  })

  it('is nothing in any other bytes, and survives them', () => {
    const nothing = { signs: false, pathLength: undefined }
    expect(readCertificateUse(new Uint8Array())).toEqual(nothing)
    const good = derOf(BOUND_AUTHORITY)
    for (let n = 0; n < good.length; n++) {
      expect(readCertificateUse(good.subarray(0, n))).toEqual(nothing)
      for (const value of [0x00, 0x7f, 0x80, 0xff]) {
        const changed = Uint8Array.from(good)
        changed[n] = value
        expect(readCertificateUse(changed).pathLength ?? 0).toBeLessThan(0x1_0000)
      }
    }
  })
})
