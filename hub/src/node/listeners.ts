import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import type { TLSSocket } from 'node:tls'
import { getRequestListener } from '@hono/node-server'
import type { FetchHandler, HttpPeer } from '@brickyard/runtime/http'
import { MESSAGE_BYTES_MAX, peerOf, webSocketLink } from '@brickyard/runtime/node/websocket'
import { Hours } from '@brickyard/std/units'
import { WebSocketServer } from 'ws'
import type { AgentListener } from '../hub.ts'
import { expiredClient } from './expired-client.ts'

export interface Listening {
  readonly port: number
  close(): Promise<void>
}

export interface ListenAddress {
  readonly host: string
  /** 0 lets the system choose. */
  readonly port: number
}

/** A large image over a slow line takes its time; headers still have to come within a minute. */
const REQUEST_TIMEOUT_MS = Hours(6)

/** Serves the API and console over plain HTTP; TLS is for the proxy before it, or `localhost`. */
export function listenApi(api: FetchHandler, address: ListenAddress): Promise<Listening> {
  const server = createServer({ requestTimeout: REQUEST_TIMEOUT_MS }, requestListener(api))
  return listen(server, address, () => undefined)
}

/** The path agents dial; the rest of the listener is plain HTTPS. */
const LINK_PATH = '/link'

/**
 * Serves agents over mutual TLS. A certificate is asked for and not demanded, because enrolment has
 * none yet; one that our authority did not issue names nobody.
 */
export function listenAgents(agents: AgentListener, address: ListenAddress): Promise<Listening> {
  const server = createSecureServer(
    {
      cert: agents.certificate.certPem,
      key: agents.certificate.keyPem,
      ca: agents.authorityPem,
      requestCert: true,
      rejectUnauthorized: false,
      minVersion: 'TLSv1.3',
      requestTimeout: REQUEST_TIMEOUT_MS,
    },
    requestListener(agents.fetch, agents.authorityPem),
  )
  agents.onCertificate(({ certPem, keyPem }) =>
    server.setSecureContext({ cert: certPem, key: keyPem, ca: agents.authorityPem }),
  )
  const sockets = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: MESSAGE_BYTES_MAX,
  })
  server.on('upgrade', (request, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy())
    if (request.url !== LINK_PATH) {
      socket.end('HTTP/1.1 404 Not Found\r\nconnection: close\r\n\r\n')
      return
    }
    sockets.handleUpgrade(request, socket, head, (webSocket) =>
      agents.accept(webSocketLink(webSocket, clientOf(request, agents.authorityPem))),
    )
  })
  return listen(server, address, () => {
    for (const client of sockets.clients) client.terminate()
  })
}

/** A fetch handler as Node's servers call it; what it throws is answered with 500. */
function requestListener(
  handler: FetchHandler,
  clientAuthorityPem?: string,
): (incoming: IncomingMessage, outgoing: ServerResponse) => void {
  const listener = (peer: HttpPeer) =>
    getRequestListener((request) => handler(request, peer), { overrideGlobalObjects: false })
  return (incoming, outgoing) =>
    void listener(clientOf(incoming, clientAuthorityPem))(incoming, outgoing)
}

/** Who asks, as the transport says; a client of our authority that is past its time is told apart. */
function clientOf(message: IncomingMessage, authorityPem: string | undefined): HttpPeer {
  const peer = peerOf(message)
  if (authorityPem === undefined || peer.commonName !== undefined) return peer
  return { ...peer, expired: expiredClient(message.socket as TLSSocket, authorityPem) }
}

async function listen(
  server: Server,
  { host, port }: ListenAddress,
  onClose: () => void,
): Promise<Listening> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: Error) =>
      reject(new Error(`cannot listen on ${host}:${port}: ${cause.message}`, { cause })),
    )
    server.listen(port, host, resolve)
  })
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        onClose()
        server.closeAllConnections()
      }),
  }
}
