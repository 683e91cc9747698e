/** Certificates as a port: keys are P-256, everything is PEM. */
export interface Identity {
  /** A new private key, PKCS#8 PEM. */
  newKey(): Promise<string>
  /** A PKCS#10 request for `commonName`, signed by the key. */
  requestCertificate(keyPem: string, commonName: string): Promise<string>
  /** A self-signed authority. */
  newAuthority(commonName: string, validDays: number): Promise<CertifiedKey>
  /** Signs a request; the subject is `commonName`, whatever the request says. Rejects a bad request. */
  issue(authority: CertifiedKey, requestPem: string, grant: CertificateGrant): Promise<string>
  describe(certPem: string): CertificateFacts
}

export interface CertifiedKey {
  readonly certPem: string
  readonly keyPem: string
}

export interface CertificateGrant {
  readonly commonName: string
  readonly use: 'client' | 'server'
  /** DNS names and IP addresses of a server. */
  readonly hosts: readonly string[]
  readonly notBeforeMs: number
  readonly notAfterMs: number
}

export interface CertificateFacts {
  readonly commonName: string
  /** SHA-256 (hex) of the SubjectPublicKeyInfo. */
  readonly spkiSha256: string
  readonly notBeforeMs: number
  readonly notAfterMs: number
}
