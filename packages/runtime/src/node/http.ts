import { Readable } from 'node:stream'
import { connect, TLSSocket, type PeerCertificate } from 'node:tls'
import { err, ok, type Result } from '@brickyard/std/result'
import { Seconds } from '@brickyard/std/units'
import type { buildConnector as Connect } from 'undici'
import apiRequest from 'undici/lib/api/api-request.js'
import buildConnector from 'undici/lib/core/connect.js'
import Agent from 'undici/lib/dispatcher/agent.js'
import type { HttpClient, HttpFault, HttpRequest, TlsTrust } from '../http.ts'
import { spkiOfRaw } from './spki.ts'

const CONNECT_TIMEOUT_MS = Seconds(10)
const HEADER_TIMEOUT_MS = Seconds(30)
const BODY_TIMEOUT_MS = Seconds(30)
const CONNECTIONS_PER_PEER_MAX = 16

/**
 * An HTTP client with a connection pool per trust; `close` ends its sockets. `localAddress` is the
 * address its connections come from, where a machine has several.
 */
export function nodeHttpClient(
  from: { readonly localAddress?: string } = {},
): Required<HttpClient> & { close(): Promise<void> } {
  const agents = new Map<string, Agent>()
  const agentFor = (tls: TlsTrust | undefined, connectTimeoutMs: number): Agent => {
    const key = JSON.stringify([tls ?? {}, connectTimeoutMs])
    const held = agents.get(key)
    if (held !== undefined) return held
    const agent = new Agent({
      connections: CONNECTIONS_PER_PEER_MAX,
      connect:
        tls?.pinOnly === true
          ? pinnedConnector(tls, connectTimeoutMs)
          : { timeout: connectTimeoutMs, ...tlsOptions(tls ?? {}) },
      ...from,
    })
    agents.set(key, agent)
    return agent
  }
  return {
    async request({ method, url, headers, body, tls, ...timeouts }) {
      try {
        const { origin, pathname, search } = new URL(url)
        const agent = agentFor(tls, timeouts.connectTimeoutMs ?? CONNECT_TIMEOUT_MS)
        const response = await apiRequest.call(agent, {
          origin,
          path: pathname + search,
          method,
          ...sentOf(headers, body),
          headersTimeout: timeouts.headerTimeoutMs ?? HEADER_TIMEOUT_MS,
          bodyTimeout: timeouts.bodyTimeoutMs ?? BODY_TIMEOUT_MS,
        })
        const plain: Record<string, string> = {}
        for (const [name, value] of Object.entries(response.headers)) {
          if (value !== undefined) plain[name] = Array.isArray(value) ? value.join(', ') : value
        }
        return ok({ status: response.statusCode, headers: plain, body: response.body })
      } catch (error) {
        return err(faultOf(error, `${method} ${url.split('?')[0]}`))
      }
    },
    serverKey: (origin, timeoutMs) => serverKey(origin, timeoutMs, from.localAddress),
    close: async () => {
      await Promise.all([...agents.values()].map((agent) => agent.destroy()))
    },
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

/** A body of known length goes with it: many small peers refuse one in chunks. */
function sentOf(headers: HttpRequest['headers'], body: HttpRequest['body']) {
  if (typeof body !== 'object' || body instanceof Uint8Array) {
    return { headers: headers ?? {}, body: body ?? null }
  }
  return {
    headers: { ...headers, 'content-length': String(body.bytes) },
    body: Readable.from(body.open(), { objectMode: false }),
  }
}

/** Takes any certificate, and hands the socket over only when the key in it is the pinned one. */
function pinnedConnector(tls: TlsTrust, timeout: number): Connect.connector {
  const { spkiSha256: pin, ...others } = tls
  // A resumed session may show no certificate to hold against the pin: none is kept.
  const options = { timeout, maxCachedSessions: 0, allowH2: false }
  const open = buildConnector({ ...tlsOptions({ ...others, unverified: true }), ...options })
  return (peer, callback) =>
    open(peer, (...answer) => {
      const [error, socket] = answer
      if (error !== null) return callback(error, null)
      const shown = socket instanceof TLSSocket ? socket.getPeerCertificate().raw : undefined
      if (pin !== undefined && shown !== undefined && spkiOfRaw(shown) === pin) {
        return callback(null, socket)
      }
      socket.destroy()
      callback(new Error(`the key of ${peer.hostname} is not the pinned one`), null)
    })
}

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

function faultOf(error: unknown, what: string): HttpFault {
  const cause = error instanceof Error ? error : new Error(String(error))
  const code = 'code' in cause && typeof cause.code === 'string' ? cause.code : ''
  const kind: HttpFault['kind'] = code.includes('TIMEOUT')
    ? 'timeout'
    : /CERT|TLS|SSL|SELF_SIGNED|ALTNAME/.test(code) || cause.message.includes('pinned')
      ? 'tls'
      : /^(ECONN|EHOST|ENET|ENOTFOUND|EPIPE|UND_ERR_SOCKET|UND_ERR_CONNECT)/.test(code)
        ? 'connect'
        : 'protocol'
  return { kind, message: `${what}: ${cause.message}${code === '' ? '' : ` (${code})`}` }
}
