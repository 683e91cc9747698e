import { createServer, type Server } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { Socket } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response'
import type { FetchHandler, HttpPeer } from '@brickyard/runtime/http'
import { peerOf } from '@brickyard/runtime/node/websocket'
import { KiB, Minutes, Seconds } from '@brickyard/std/units'
import { FileResponse } from '../netboot/range-response.ts'
import { createFilePieces, type FilePieces } from './file-pieces.ts'
import { sendFile } from './send-file.ts'

/** Headers have to come soon, and what a sled sends with them is small. */
const HEADERS_TIMEOUT_MS = Seconds(20)
const REQUEST_TIMEOUT_MS = Minutes(2)
/** How often the two above are looked at. */
const TIMEOUTS_CHECKED_MS = Seconds(5)
/** A connection on which nothing moved so long, in either direction, is dead: a slow reader moves. */
const SILENCE_MS_MAX = Minutes(1)
/** The installer asks every few seconds, and a new connection costs a slow appliance more than an open one. */
const KEEP_ALIVE_MS = Seconds(30)
/** A rack of 48 sleds with a few connections each; a flood gets no more. */
const CONNECTIONS_MAX = 512
/** A browser opens six, an installer two; no sled takes all there are. */
const CONNECTIONS_PER_ADDRESS_MAX = 32
const HEADERS_MAX = 64
const HEADER_BYTES_MAX = KiB(16)

export type ListenTo = { readonly host: string; readonly port: number } | { readonly fd: number }

export interface HttpListener {
  readonly port: number
  /** Bytes of files that are in memory for readers. */
  bufferedBytes(): number
  close(): Promise<void>
}

/** Certificate chain and private key, each PEM. */
export interface ListenerTls {
  readonly cert: string
  readonly key: string
}

/** Limits that a test makes small; everywhere else they are as above. */
export interface HttpLimits {
  readonly headersTimeoutMs?: number
  readonly silenceMsMax?: number
  readonly timeoutsCheckedMs?: number
}

/**
 * Serves a fetch handler over HTTP, or HTTPS where `tls` is given, on an address or on an inherited
 * socket. Parts of files (`FileResponse`) go from the disk to the socket through a pool of buffers
 * that is bounded however many read.
 */
export async function listenHttp(
  handler: FetchHandler,
  to: ListenTo,
  limits: HttpLimits = {},
  tls?: ListenerTls,
): Promise<HttpListener> {
  const pieces = createFilePieces()
  const options = {
    requestTimeout: REQUEST_TIMEOUT_MS,
    headersTimeout: limits.headersTimeoutMs ?? HEADERS_TIMEOUT_MS,
    connectionsCheckingInterval: limits.timeoutsCheckedMs ?? TIMEOUTS_CHECKED_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
    maxHeaderSize: HEADER_BYTES_MAX,
  }
  const answer = requestListener(handler, pieces)
  const server =
    tls === undefined
      ? createServer(options, answer)
      : createTlsServer(
          { ...options, ...tls, handshakeTimeout: options.headersTimeout, minVersion: 'TLSv1.2' },
          answer,
        )
  server.maxConnections = CONNECTIONS_MAX
  server.maxHeadersCount = HEADERS_MAX
  server.timeout = limits.silenceMsMax ?? SILENCE_MS_MAX
  boundPerAddress(server)
  await listening(server, to)
  const address = server.address()
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    bufferedBytes: () => pieces.heldBytes(),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function requestListener(
  handler: FetchHandler,
  pieces: FilePieces,
): Parameters<typeof createServer>[1] {
  const answer = getRequestListener(
    async (request, { incoming, outgoing }) => {
      const response = await handler(request, peerFrom(incoming))
      if (!(response instanceof FileResponse) || !('req' in outgoing)) return response
      await sendFile(outgoing as Parameters<typeof sendFile>[0], response, pieces)
      return RESPONSE_ALREADY_SENT
    },
    { overrideGlobalObjects: false },
  )
  return (incoming, outgoing) => void answer(incoming, outgoing)
}

/** Closes connections of an address that has too many. */
function boundPerAddress(server: Server): void {
  const open = new Map<string, number>()
  server.on('connection', (socket: Socket) => {
    const address = socket.remoteAddress ?? ''
    const count = (open.get(address) ?? 0) + 1
    if (count > CONNECTIONS_PER_ADDRESS_MAX) {
      socket.destroy()
      return
    }
    open.set(address, count)
    socket.once('close', () => {
      const left = (open.get(address) ?? 1) - 1
      if (left === 0) open.delete(address)
      else open.set(address, left)
    })
  })
}

const listening = (server: Server, to: ListenTo): Promise<void> =>
  new Promise((resolve, reject) => {
    const where = 'fd' in to ? `descriptor ${to.fd}` : `${to.host}:${to.port}`
    server.once('error', (cause: Error) =>
      reject(new Error(`cannot listen on ${where}: ${cause.message}`, { cause })),
    )
    server.listen(to, resolve)
  })

const peerFrom = (incoming: object): HttpPeer =>
  'socket' in incoming ? peerOf(incoming as Parameters<typeof peerOf>[0]) : { address: '', port: 0 }
