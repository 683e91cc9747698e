import {
  createServer,
  STATUS_CODES,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import type { TLSSocket } from 'node:tls'
import { getRequestListener } from '@hono/node-server'
import type { FetchHandler, HttpPeer } from '@brickyard/runtime/http'
import { MESSAGE_BYTES_MAX, peerOf, webSocketLink } from '@brickyard/runtime/node/websocket'
import { Hours, KiB } from '@brickyard/std/units'
import { WebSocketServer } from 'ws'
import type { AgentListener, Upgrade } from '../hub.ts'
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

/** What people type, and a paste in pieces. */
const CONSOLE_MESSAGE_BYTES_MAX = KiB(64)

/**
 * Serves the API and console over plain HTTP; TLS is for the proxy before it, or `localhost`.
 * `upgrade` decides on every request for a WebSocket; without it there are none.
 */
export function listenApi(
  api: FetchHandler,
  address: ListenAddress,
  upgrade?: Upgrade,
): Promise<Listening> {
  const server = createServer({ requestTimeout: REQUEST_TIMEOUT_MS }, requestListener(api))
  const sockets = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: CONSOLE_MESSAGE_BYTES_MAX,
  })
  if (upgrade !== undefined) {
    server.on('upgrade', (request, socket: Duplex, head: Buffer) => {
      socket.on('error', () => socket.destroy())
      void takeUpgrade(upgrade, sockets, request, socket, head)
    })
  }
  return listen(server, address, () => {
    for (const client of sockets.clients) client.terminate()
  })
}

async function takeUpgrade(
  upgrade: Upgrade,
  sockets: WebSocketServer,
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
): Promise<void> {
  try {
    const { host = 'localhost' } = request.headers
    const asked = new Request(new URL(request.url ?? '/', `http://${host}`), {
      headers: Object.entries(request.headers).flatMap(([name, value]): [string, string][] =>
        typeof value === 'string' ? [[name, value]] : [],
      ),
    })
    const taken = await upgrade(asked, peerOf(request))
    if ('refused' in taken) return await refuseUpgrade(socket, taken.refused)
    sockets.handleUpgrade(request, socket, head, (webSocket) =>
      taken.accept(webSocketLink(webSocket, peerOf(request))),
    )
  } catch {
    socket.destroy()
  }
}

async function refuseUpgrade(socket: Duplex, response: Response): Promise<void> {
  const body = Buffer.from(await response.arrayBuffer())
  const lines = [`HTTP/1.1 ${response.status} ${STATUS_CODES[response.status] ?? 'Refused'}`]
  for (const [name, value] of response.headers) {
    if (!['content-length', 'connection', 'upgrade'].includes(name)) lines.push(`${name}: ${value}`)
  }
  lines.push(`content-length: ${body.length}`, 'connection: close', '', '')
  socket.end(Buffer.concat([Buffer.from(lines.join('\r\n')), body]))
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
