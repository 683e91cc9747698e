import { connect } from 'node:tls'
import { err, ok, type Result } from '@brickyard/std/result'
import type { HttpClient, HttpFault } from '../http.ts'
import { faultOf } from './http-fault.ts'
import { spkiOfRaw } from './spki.ts'

/**
 * An HTTP client with a connection pool per trust; `close` ends its sockets. `localAddress` is the
 * address its connections come from, where a machine has several. What it stands on is loaded with
 * the first request: an agent gives its first address before it asks anybody for anything.
 */
export function nodeHttpClient(
  from: { readonly localAddress?: string } = {},
): Required<HttpClient> & { close(): Promise<void> } {
  const load = async () => (await import('./http-pools.ts')).httpPools(from)
  let pools: ReturnType<typeof load> | undefined
  return {
    request: async (request) => (await (pools ??= load())).request(request),
    serverKey: (origin, timeoutMs) => serverKey(origin, timeoutMs, from.localAddress),
    close: async () => (await pools)?.close(),
  }
}

/** One handshake with whoever answers there. */
function serverKey(
  origin: string,
  timeoutMs: number,
  localAddress: string | undefined,
): Promise<Result<string, HttpFault>> {
  const { hostname: host, port } = new URL(origin)
  const local = localAddress === undefined ? {} : { localAddress }
  const at = { host, port: Number(port === '' ? 443 : port), ...local }
  return new Promise((resolve) => {
    const socket = connect({ ...at, rejectUnauthorized: false }, () => {
      const key = spkiOfRaw(socket.getPeerCertificate().raw)
      if (key === undefined) fail('tls', 'it shows no certificate')
      else end(ok(key))
    })
    const end = (result: Result<string, HttpFault>): void => {
      clearTimeout(timer)
      socket.destroy()
      resolve(result)
    }
    const fail = (kind: HttpFault['kind'], why: string): void =>
      end(err({ kind, message: `the key of ${origin}: ${why}` }))
    const timer = setTimeout(() => fail('timeout', `nothing after ${timeoutMs} ms`), timeoutMs)
    socket.on('error', (error) => end(err(faultOf(error, `the key of ${origin}`))))
  })
}
