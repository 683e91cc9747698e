import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import type { FetchHandler } from '@brickyard/runtime/http'

/** A fetch handler on a real port. */
export interface Served {
  readonly port: number
  close(): Promise<void>
}

/** Listens on `port`; 0 lets the system choose. */
export async function serve(
  handler: FetchHandler,
  at: { readonly address: string; readonly port: number },
): Promise<Served> {
  const listener = getRequestListener((request, { incoming }) => {
    const { remoteAddress = '', remotePort = 0 } = incoming.socket
    return handler(request, { address: remoteAddress, port: remotePort })
  })
  const server = createServer((request, response) => void listener(request, response))
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(at.port, at.address, resolve)
  })
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** How many ports above the wanted one are tried before giving up. */
const PORTS_TRIED_MAX = 20

/** Opens on `wanted`, or on the next port that is free. */
export async function onFreePort<T>(
  wanted: number,
  open: (port: number) => Promise<T>,
): Promise<T> {
  for (let port = wanted; ; port++) {
    try {
      return await open(port)
    } catch (error) {
      const inUse = error instanceof Error && /EADDRINUSE/.test(String(error.message))
      if (!inUse || wanted === 0 || port - wanted >= PORTS_TRIED_MAX) throw error
    }
  }
}
