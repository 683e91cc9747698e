import type { PeerCertificate } from 'node:tls'
import type { TlsTrust } from '../http.ts'
import { spkiOfRaw } from './spki.ts'

/** Options for tls.connect that hold the peer to `tls`. */
export function tlsOptions(tls: TlsTrust): {
  ca?: string
  cert?: string
  key?: string
  rejectUnauthorized?: boolean
  checkServerIdentity?: (host: string, cert: PeerCertificate) => Error | undefined
} {
  const { caPem, spkiSha256: pin, certPem, keyPem, unverified } = tls
  return {
    ...(caPem === undefined ? {} : { ca: caPem }),
    ...(certPem === undefined ? {} : { cert: certPem }),
    ...(keyPem === undefined ? {} : { key: keyPem }),
    ...(unverified === true ? { rejectUnauthorized: false } : {}),
    ...(pin === undefined
      ? {}
      : {
          checkServerIdentity: (host: string, cert: PeerCertificate) =>
            spkiOfRaw(cert.raw) === pin
              ? undefined
              : new Error(`the key of ${host} is not the pinned one`),
        }),
  }
}
