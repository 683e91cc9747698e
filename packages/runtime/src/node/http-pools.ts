import { Readable } from 'node:stream'
import { TLSSocket } from 'node:tls'
import { err, ok } from '@brickyard/std/result'
import { Seconds } from '@brickyard/std/units'
import type { buildConnector as Connect } from 'undici'
import apiRequest from 'undici/lib/api/api-request.js'
import buildConnector from 'undici/lib/core/connect.js'
import Agent from 'undici/lib/dispatcher/agent.js'
import type { HttpClient, HttpRequest, TlsTrust } from '../http.ts'
import { faultOf } from './http-fault.ts'
import { spkiOfRaw } from './spki.ts'
import { tlsOptions } from './tls-options.ts'

const CONNECT_TIMEOUT_MS = Seconds(10)
const HEADER_TIMEOUT_MS = Seconds(30)
const BODY_TIMEOUT_MS = Seconds(30)
const CONNECTIONS_PER_PEER_MAX = 16

/** Requests over undici, with a connection pool per trust; `close` ends its sockets. */
export function httpPools(from: {
  readonly localAddress?: string
}): Pick<HttpClient, 'request'> & { close(): Promise<void> } {
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
    close: async () => {
      await Promise.all([...agents.values()].map((agent) => agent.destroy()))
    },
  }
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
