import {
  ANOTHER_AUTHORITY,
  AUTHORITY,
  BOUND_AUTHORITY,
  BOUND_SIGNATURES,
  SIGNATURES,
  SIGNED_CONTENT,
} from '@brickyard/netboot/cms-signature-vectors'
import { memoryFiles } from '@brickyard/sim/memory-files'
import { describe, expect, it } from 'vitest'
import { checkSignature } from './code-signing.ts'

const NOW_MS = Date.parse('2027-01-01')
const ALL_SIGNATURES = { ...SIGNATURES, ...BOUND_SIGNATURES }

async function check({
  content = SIGNED_CONTENT,
  signature = 'good',
  authorities = [AUTHORITY],
  nowMs = NOW_MS,
}: {
  content?: string
  signature?: keyof typeof ALL_SIGNATURES | undefined
  authorities?: string[]
  nowMs?: number
} = {}) {
  const files = memoryFiles()
  await files.writeAtomic('/initrd.img', new TextEncoder().encode(content))
  const bytes = new Uint8Array(Buffer.from(ALL_SIGNATURES[signature], 'base64'))
  await files.writeAtomic('/initrd.img.sig', bytes)
  const checked = await checkSignature({ files, authorities, nowMs }, '/initrd.img')
  return checked.ok ? 'good' : checked.error
}

describe('the signature beside a file', () => {
  it('is good over these very bytes, by whom the operator trusts to sign code', async () => {
    expect(await check()).toBe('good')
    expect(await check({ authorities: [ANOTHER_AUTHORITY, AUTHORITY] })).toBe('good')
  })

  it('is refused over any other bytes', async () => {
    for (const content of ['', 'Brickyard initrd', `${SIGNED_CONTENT}\n`, 'brickyard initr']) {
      expect(await check({ content })).toBe('/initrd.img is not what /initrd.img.sig was made for')
    }
  })

  it('is refused by anybody else, and says why', async () => {
    expect(await check({ signature: 'byServer' })).toBe(
      '/initrd.img.sig: the certificate of its signer (CN=Example web) is not for code signing',
    )
    expect(await check({ authorities: [ANOTHER_AUTHORITY] })).toBe(
      '/initrd.img.sig: no authority of the operator vouches for its signer (CN=Example signing)',
    )
    expect(await check({ authorities: [] })).toContain('no authority of the operator')
    expect(await check({ authorities: ['hello'] })).toContain('a certificate cannot be read')
    expect(await check({ signature: 'withoutCertificate' })).toBe(
      '/initrd.img.sig: the certificate of its signer is not in it',
    )
    expect(await check({ signature: 'withAttributes' })).toContain('has signed attributes')
  })

  it('is refused where iPXE would refuse its certificates', async () => {
    const authorities = [BOUND_AUTHORITY]
    expect(await check({ authorities, signature: 'direct' })).toBe('good')
    expect(await check({ authorities, signature: 'withoutKeyUsage' })).toBe(
      '/initrd.img.sig: the certificate of its signer (CN=Example unsaid) is not for digital signatures (keyUsage)',
    )
    expect(await check({ authorities, signature: 'beneathAnother' })).toBe(
      '/initrd.img.sig: no authority of the operator vouches for its signer (CN=Example beneath)',
    )
  })

  it('is refused before and after its certificates', async () => {
    expect(await check({ nowMs: Date.parse('2026-11-20') })).toBe(
      '/initrd.img.sig: the certificate of CN=Example signing begins on 2026-11-21',
    )
    expect(await check({ nowMs: Date.parse('2035-03-01') })).toBe(
      '/initrd.img.sig: the certificate of CN=Example signing ended on 2035-02-07',
    )
  })

  it('is missed where there is none', async () => {
    const files = memoryFiles()
    await files.writeAtomic('/vmlinuz', new Uint8Array(9))
    expect(
      await checkSignature({ files, authorities: [AUTHORITY], nowMs: NOW_MS }, '/vmlinuz'),
    ).toEqual({
      ok: false,
      error: 'there is no signature /vmlinuz.sig',
    })
  })
})
