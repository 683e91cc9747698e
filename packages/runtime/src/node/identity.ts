import {
  createPrivateKey,
  generateKeyPairSync,
  randomBytes,
  webcrypto,
  X509Certificate,
} from 'node:crypto'
import { Days } from '@brickyard/std/units'
import type * as X509 from '@peculiar/x509'
import type { CertificateGrant, CertifiedKey, Identity } from '../identity.ts'
import { spkiSha256 } from './spki.ts'

/**
 * Loaded when a certificate is first made: a site that has its own starts the sooner, and gives its
 * first address the sooner after a power cut.
 */
async function x509Library(): Promise<typeof X509> {
  await import('reflect-metadata')
  return import('@peculiar/x509')
}

const SIGNING = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }

/** Certificates made with @peculiar/x509 over WebCrypto. */
export const nodeIdentity: Identity = {
  newKey: async () =>
    generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({
      type: 'pkcs8',
      format: 'pem',
    }) as string,

  async requestCertificate(keyPem, commonName) {
    const x509 = await x509Library()
    const request = await x509.Pkcs10CertificateRequestGenerator.create({
      name: [{ CN: [commonName] }],
      keys: await keyPair(keyPem),
      signingAlgorithm: SIGNING,
    })
    return request.toString('pem')
  },

  async newAuthority(commonName, validDays) {
    const x509 = await x509Library()
    const keyPem = await nodeIdentity.newKey()
    const certificate = await x509.X509CertificateGenerator.createSelfSigned({
      serialNumber: newSerial(),
      name: [{ CN: [commonName] }],
      notBefore: new Date(Date.now() - Days(1)),
      notAfter: new Date(Date.now() + Days(validDays)),
      keys: await keyPair(keyPem),
      signingAlgorithm: SIGNING,
      extensions: [
        new x509.BasicConstraintsExtension(true, 0, true),
        new x509.KeyUsagesExtension(
          x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign,
          true,
        ),
      ],
    })
    return { certPem: certificate.toString('pem'), keyPem }
  },

  async issue(authority: CertifiedKey, requestPem: string, grant: CertificateGrant) {
    const x509 = await x509Library()
    const request = new x509.Pkcs10CertificateRequest(requestPem)
    if (!(await request.verify()))
      throw new Error('the certificate request is not signed by its key')
    const certificate = await x509.X509CertificateGenerator.create({
      serialNumber: newSerial(),
      subject: [{ CN: [grant.commonName] }],
      issuer: new x509.X509Certificate(authority.certPem).subjectName,
      notBefore: new Date(grant.notBeforeMs),
      notAfter: new Date(grant.notAfterMs),
      publicKey: request.publicKey,
      signingKey: (await keyPair(authority.keyPem)).privateKey,
      signingAlgorithm: SIGNING,
      extensions: [
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        new x509.ExtendedKeyUsageExtension([
          grant.use === 'client'
            ? x509.ExtendedKeyUsage.clientAuth
            : x509.ExtendedKeyUsage.serverAuth,
        ]),
        ...(grant.hosts.length === 0
          ? []
          : [new x509.SubjectAlternativeNameExtension(grant.hosts.map(alternativeName))]),
      ],
    })
    return certificate.toString('pem')
  },

  describe(certPem) {
    const certificate = new X509Certificate(certPem)
    return {
      commonName: /(?:^|\n)CN=(.*)/.exec(certificate.subject)?.[1] ?? '',
      spkiSha256: spkiSha256(certificate),
      notBeforeMs: Date.parse(certificate.validFrom),
      notAfterMs: Date.parse(certificate.validTo),
    }
  },
}

const alternativeName = (host: string): X509.JsonGeneralName => ({
  type: /^[\d.]+$|:/.test(host) ? 'ip' : 'dns',
  value: host,
})

/** A positive serial of 16 bytes (RFC 5280 §4.1.2.2). */
function newSerial(): string {
  const bytes = randomBytes(16)
  bytes[0] = ((bytes[0] as number) & 0x7f) | 0x01
  return bytes.toString('hex')
}

async function keyPair(keyPem: string): Promise<webcrypto.CryptoKeyPair> {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256' }
  const key = createPrivateKey(keyPem)
  const jwk = key.export({ format: 'jwk' })
  const { d: _private, ...publicJwk } = jwk
  const importKey = (what: object, use: 'sign' | 'verify'): Promise<webcrypto.CryptoKey> =>
    webcrypto.subtle.importKey('jwk', what, algorithm, true, [use])
  return {
    privateKey: await importKey(jwk, 'sign'),
    publicKey: await importKey(publicJwk, 'verify'),
  }
}
