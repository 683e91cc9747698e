import { createHash } from 'node:crypto'
import type {
  CertificateFacts,
  CertificateGrant,
  CertifiedKey,
  Identity,
} from '@brickyard/runtime/identity'
import { type Random, randomHex } from '@brickyard/runtime/random'
import * as z from 'zod'

/**
 * Certificates for simulation: JSON in PEM's clothes, made synchronously and from seeded randomness.
 * A certificate is good when the digest its authority's key makes over its body matches, which is
 * enough for `virtual-websocket.ts` to tell whose it is. It protects nothing.
 */
export const fakeIdentity = (random: Random): Identity => ({
  newKey: () => Promise.resolve(wrap('PRIVATE KEY', { key: randomHex(random, 32) })),
  requestCertificate: (keyPem, commonName) =>
    Promise.resolve(wrap('CERTIFICATE REQUEST', { commonName, spki: spkiOf(keyPem) })),
  newAuthority(commonName, validDays) {
    const keyPem = wrap('PRIVATE KEY', { key: randomHex(random, 32) })
    const body: CertificateBody = {
      commonName,
      spki: spkiOf(keyPem),
      notBeforeMs: 0,
      notAfterMs: validDays * 86_400_000 + 4e12,
      issuer: spkiOf(keyPem),
    }
    return Promise.resolve({ certPem: certify(body, spkiOf(keyPem)), keyPem })
  },
  issue(authority: CertifiedKey, requestPem: string, grant: CertificateGrant) {
    const request = requestSchema.safeParse(unwrap('CERTIFICATE REQUEST', requestPem))
    if (!request.success) return Promise.reject(new Error('this is no certificate request'))
    const issuer = spkiOf(authority.keyPem)
    const { commonName, notBeforeMs, notAfterMs } = grant
    const { spki } = request.data
    return Promise.resolve(certify({ commonName, spki, notBeforeMs, notAfterMs, issuer }, issuer))
  },
  describe: (certPem) => describeFake(certPem),
})

const requestSchema = z.object({ commonName: z.string(), spki: z.string() })
const bodySchema = z.object({
  commonName: z.string(),
  spki: z.string(),
  notBeforeMs: z.number(),
  notAfterMs: z.number(),
  issuer: z.string(),
})
type CertificateBody = z.infer<typeof bodySchema>
const certificateSchema = z.object({ body: bodySchema, seal: z.string() })

const wrap = (label: string, content: object): string =>
  `-----BEGIN ${label}-----\n${Buffer.from(JSON.stringify(content)).toString('base64')}\n-----END ${label}-----\n`

function unwrap(label: string, pem: string): unknown {
  const match = new RegExp(`-----BEGIN ${label}-----\\n([A-Za-z0-9+/=]+)\\n`).exec(pem)
  if (match?.[1] === undefined) return undefined
  try {
    return JSON.parse(Buffer.from(match[1], 'base64').toString('utf8')) as unknown
  } catch {
    return undefined
  }
}

/** Stands for the public half: a digest of the private one. */
const spkiOf = (keyPem: string): string =>
  createHash('sha256').update(`public half of ${keyPem.trim()}`).digest('hex')

const seal = (body: CertificateBody, issuer: string): string =>
  createHash('sha256')
    .update(`${issuer} says ${JSON.stringify(body)}`)
    .digest('hex')

const certify = (body: CertificateBody, issuer: string): string =>
  wrap('CERTIFICATE', { body, seal: seal(body, issuer) })

/** What a fake certificate says. Throws on anything else, as the real Identity does. */
export function describeFake(certPem: string): CertificateFacts & { readonly issuer: string } {
  const parsed = certificateSchema.safeParse(unwrap('CERTIFICATE', certPem))
  if (!parsed.success) throw new Error('this is no certificate')
  const { commonName, spki, notBeforeMs, notAfterMs, issuer } = parsed.data.body
  return { commonName, spkiSha256: spki, notBeforeMs, notAfterMs, issuer }
}

/** True when `certPem` was issued by the authority, is in its time, and `keyPem` is its key. */
export function provesItself(
  certPem: string,
  keyPem: string,
  authorityPem: string,
  nowMs: number,
): boolean {
  const parsed = certificateSchema.safeParse(unwrap('CERTIFICATE', certPem))
  if (!parsed.success) return false
  const { body } = parsed.data
  const authority = describeFake(authorityPem).spkiSha256
  return (
    body.issuer === authority &&
    parsed.data.seal === seal(body, authority) &&
    body.spki === spkiOf(keyPem) &&
    nowMs >= body.notBeforeMs &&
    nowMs < body.notAfterMs
  )
}
