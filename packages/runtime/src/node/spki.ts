import { createHash, X509Certificate } from 'node:crypto'

/** SHA-256 (hex) of a certificate's SubjectPublicKeyInfo: what pins are made of (RFC 7469 §2.4). */
export const spkiSha256 = (certificate: X509Certificate): string =>
  createHash('sha256')
    .update(certificate.publicKey.export({ type: 'spki', format: 'der' }))
    .digest('hex')

/** The pin of a peer's certificate as TLS sockets show it, or undefined when it showed none. */
export function spkiOfRaw(raw: Uint8Array | undefined): string | undefined {
  return raw === undefined || raw.length === 0 ? undefined : spkiSha256(new X509Certificate(raw))
}
