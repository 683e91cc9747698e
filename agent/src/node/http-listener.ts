import { createServer } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import type { FetchHandler, HttpPeer } from '@brickyard/runtime/http'
import { peerOf } from '@brickyard/runtime/node/websocket'
import { Hours, Seconds } from '@brickyard/std/units'

/** An image over a slow disk takes its time; headers have to come soon. */
const REQUEST_TIMEOUT_MS = Hours(6)
const HEADERS_TIMEOUT_MS = Seconds(20)
/** A rack of 48 sleds with a few connections each; a flood gets no more. */
const CONNECTIONS_MAX = 512

export type ListenTo = { readonly host: string; readonly port: number } | { readonly fd: number }

export interface HttpListener {
  readonly port: number
  close(): Promise<void>
}

/** Serves a fetch handler over plain HTTP, on an address or on an inherited socket. */
export async function listenHttp(handler: FetchHandler, to: ListenTo): Promise<HttpListener> {
  const answer = getRequestListener(
    (request, { incoming }) => handler(request, peerFrom(incoming)),
    { overrideGlobalObjects: false },
  )
  const server = createServer(
    { requestTimeout: REQUEST_TIMEOUT_MS, headersTimeout: HEADERS_TIMEOUT_MS },
    (incoming, outgoing) => void answer(incoming, outgoing),
  )
  server.maxConnections = CONNECTIONS_MAX
  await new Promise<void>((resolve, reject) => {
    const where = 'fd' in to ? `descriptor ${to.fd}` : `${to.host}:${to.port}`
    server.once('error', (cause: Error) =>
      reject(new Error(`cannot listen on ${where}: ${cause.message}`, { cause })),
    )
    server.listen(to, resolve)
  })
  const address = server.address()
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

const peerFrom = (incoming: object): HttpPeer =>
  'socket' in incoming ? peerOf(incoming as Parameters<typeof peerOf>[0]) : { address: '', port: 0 }
