import { X509Certificate } from 'node:crypto'
import type { TLSSocket } from 'node:tls'
import type { HttpPeer } from '@brickyard/runtime/http'
import { nodeIdentity } from '@brickyard/runtime/node/identity'

/**
 * Who a client would be if its certificate had not expired. TLS has proved that it holds the key;
 * of what is wrong with a certificate OpenSSL tells only one thing, so that everything else is
 * looked at here: issued and signed by our authority, no authority itself, its time once begun.
 */
export function expiredClient(socket: TLSSocket, authorityPem: string): HttpPeer['expired'] {
  if (String(socket.authorizationError) !== 'CERT_HAS_EXPIRED') return undefined
  const shown = socket.getPeerX509Certificate()
  if (shown === undefined) return undefined
  const authority = new X509Certificate(authorityPem)
  const ours = !shown.ca && shown.checkIssued(authority) && shown.verify(authority.publicKey)
  const { commonName, spkiSha256, notBeforeMs, notAfterMs } = nodeIdentity.describe(
    shown.toString(),
  )
  if (!ours || notBeforeMs > Date.now()) return undefined
  return { commonName, spkiSha256, notAfterMs }
}
