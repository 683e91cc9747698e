import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import type { FetchHandler } from '@brickyard/runtime/http'

/** A fetch handler on a real port. */
export interface Served {
  readonly port: number
  close(): Promise<void>
}

/** How many ports above the wanted one are tried before giving up. */
const PORTS_TRIED_MAX = 20

/** Listens on `port`, or on the next that is free; 0 lets the system choose. */
export async function serve(
  handler: FetchHandler,
  at: { readonly address: string; readonly port: number },
): Promise<Served> {
  const listener = getRequestListener((request, { incoming }) => {
    const { remoteAddress = '', remotePort = 0 } = incoming.socket
    return handler(request, { address: remoteAddress, port: remotePort })
  })
  const server = createServer((request, response) => void listener(request, response))
  for (let port = at.port; ; port++) {
    const trouble = await listen(server, at.address, port)
    if (trouble === undefined) break
    const inUse = 'code' in trouble && trouble.code === 'EADDRINUSE'
    if (!inUse || at.port === 0 || port - at.port >= PORTS_TRIED_MAX) throw trouble
  }
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

const listen = (server: Server, address: string, port: number): Promise<Error | undefined> =>
  new Promise((resolve) => {
    server.once('error', resolve)
    server.listen(port, address, () => {
      server.off('error', resolve)
      resolve(undefined)
    })
  })
