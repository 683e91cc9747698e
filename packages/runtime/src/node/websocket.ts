import type { IncomingMessage } from 'node:http'
import type { TLSSocket } from 'node:tls'
import { err, ok } from '@brickyard/std/result'
import { MiB, Seconds } from '@brickyard/std/units'
import { WebSocket, type ClientOptions } from 'ws'
import type { HttpPeer } from '../http.ts'
import type { WebSocketDialer, WebSocketLink } from '../websocket.ts'
import { tlsOptions } from './tls-options.ts'
import { spkiOfRaw } from './spki.ts'

/** One frame carries at most a batch of events; anything larger is refused by the receiver. */
export const MESSAGE_BYTES_MAX = MiB(8)
const HANDSHAKE_TIMEOUT_MS = Seconds(15)

/** Dials with `ws`; compression is off (our own batches are compressed, DESIGN.md §5). */
export const nodeWebSocketDialer: WebSocketDialer = {
  dial: (url, tls) =>
    new Promise((resolve) => {
      const options: ClientOptions = {
        perMessageDeflate: false,
        maxPayload: MESSAGE_BYTES_MAX,
        handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
      }
      const socket = new WebSocket(url, Object.assign(options, tlsOptions(tls)))
      let peer: HttpPeer = { address: '', port: 0 }
      socket.once('upgrade', (response) => {
        peer = peerOf(response)
      })
      socket.once('open', () => resolve(ok(webSocketLink(socket, peer))))
      socket.once('error', (error) => resolve(err(`cannot reach ${url}: ${error.message}`)))
    }),
}

/** The transport's own word on who is at the other end of `message`. */
export function peerOf(message: IncomingMessage): HttpPeer {
  const socket = message.socket as TLSSocket
  const plain = { address: socket.remoteAddress ?? '', port: socket.remotePort ?? 0 }
  if (socket.encrypted !== true || !socket.authorized) return plain
  const cert = socket.getPeerCertificate()
  const name = cert.subject?.CN
  return {
    ...plain,
    spkiSha256: spkiOfRaw(cert.raw),
    commonName: Array.isArray(name) ? name[0] : name,
  }
}

/** An open `ws` socket as the port. Messages that came before `onMessage` are not lost. */
export function webSocketLink(socket: WebSocket, peer: HttpPeer): WebSocketLink {
  let take: ((message: string | Uint8Array) => void) | undefined
  const early: (string | Uint8Array)[] = []
  let closed: { code: number; reason: string } | undefined
  let onClose: ((code: number, reason: string) => void) | undefined
  socket.on('message', (data, isBinary) => {
    const bytes = Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data as Buffer)
    const message = isBinary ? new Uint8Array(bytes) : bytes.toString('utf8')
    if (take === undefined) early.push(message)
    else take(message)
  })
  socket.on('error', () => undefined)
  socket.once('close', (code, reason) => {
    closed = { code, reason: reason.toString('utf8') }
    onClose?.(closed.code, closed.reason)
  })
  return {
    peer,
    send: (message) => {
      if (socket.readyState === WebSocket.OPEN) socket.send(message)
    },
    bufferedBytes: () => socket.bufferedAmount,
    onMessage(handler) {
      take = handler
      for (const message of early.splice(0)) handler(message)
    },
    onClose(handler) {
      onClose = handler
      if (closed !== undefined) handler(closed.code, closed.reason)
    },
    close(code, reason) {
      socket.close(code, reason)
      // A peer that hangs never answers the close: the socket is cut after a while all the same.
      setTimeout(() => socket.terminate(), Seconds(5)).unref()
    },
  }
}
