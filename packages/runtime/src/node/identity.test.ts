import { X509Certificate } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { nodeIdentity } from './identity.ts'

describe('certificates', () => {
  it('are signed by the authority, for the name it grants, whatever the request says', async () => {
    const authority = await nodeIdentity.newAuthority('test authority', 10)
    const key = await nodeIdentity.newKey()
    const request = await nodeIdentity.requestCertificate(key, 'somebody-else')
    const certPem = await nodeIdentity.issue(authority, request, {
      commonName: 'edge-1',
      use: 'client',
      hosts: [],
      notBeforeMs: Date.now() - 1000,
      notAfterMs: Date.now() + 60_000,
    })
    const certificate = new X509Certificate(certPem)
    expect(certificate.verify(new X509Certificate(authority.certPem).publicKey)).toBe(true)
    expect(nodeIdentity.describe(certPem).commonName).toBe('edge-1')
    expect(certificate.ca).toBe(false)
  })

  it('are refused for a request that its key did not sign', async () => {
    const authority = await nodeIdentity.newAuthority('test authority', 10)
    const request = await nodeIdentity.requestCertificate(await nodeIdentity.newKey(), 'x')
    const bytes = Buffer.from(request.replace(/-----[^-]+-----|\s/g, ''), 'base64')
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1
    const forged = `-----BEGIN CERTIFICATE REQUEST-----\n${bytes.toString('base64')}\n-----END CERTIFICATE REQUEST-----\n`
    const grant = {
      commonName: 'x',
      use: 'client',
      hosts: [],
      notBeforeMs: 0,
      notAfterMs: 1,
    } as const
    await expect(nodeIdentity.issue(authority, forged, grant)).rejects.toThrow()
  })
})
