import type { HttpPeer } from '@brickyard/runtime/http'
import type { WebSocketDialer, WebSocketLink } from '@brickyard/runtime/websocket'
import { sleep } from '@brickyard/runtime/clock'
import { err, ok } from '@brickyard/std/result'
import { Seconds } from '@brickyard/std/units'
import { describeFake } from './fake-identity.ts'
import { handshake, type VirtualHttp, type VirtualTls } from './virtual-http.ts'
import type { LinkQuality, NetworkHost, VirtualNetwork } from './virtual-network.ts'

/** WebSockets over the virtual network: ordered, lossless while there is a way, silent while there is none. */
export interface VirtualWebSockets {
  listen(
    host: NetworkHost,
    port: number,
    accept: (link: WebSocketLink, path: string) => void,
    tls?: VirtualTls,
  ): { close(): void }
  dialer(host: NetworkHost): WebSocketDialer
}

const HANDSHAKE_TIMEOUT_MS = Seconds(15)
/** How often a connection without a way looks for one; TCP's own retransmissions are as patient. */
const RETRY_MS = Seconds(1)
/** TCP gives up on a peer that acknowledges nothing (Linux tcp_retries2, about 15 minutes). */
const TCP_GIVES_UP_MS = Seconds(900)

interface Listener {
  readonly accept: (link: WebSocketLink, path: string) => void
  readonly tls: VirtualTls | undefined
}

export function virtualWebSockets(network: VirtualNetwork, http: VirtualHttp): VirtualWebSockets {
  const { clock } = network
  const listeners = new Map<string, Listener>()
  return {
    listen(host, port, accept, tls) {
      const key = `${host.name}:${port}`
      const listener = { accept, tls }
      listeners.set(key, listener)
      return {
        close: () => {
          if (listeners.get(key) === listener) listeners.delete(key)
        },
      }
    },
    dialer: (from) => ({
      async dial(url, trust) {
        const target = new URL(url)
        const address = http.addressOf(target.hostname)
        const route = network.route(from, address)
        if (route === undefined) {
          await sleep(clock, HANDSHAKE_TIMEOUT_MS)
          return err(`cannot reach ${url}: handshake has timed out`)
        }
        await sleep(clock, 3 * network.delayMs(route.quality))
        const port = Number(target.port || (target.protocol === 'wss:' ? 443 : 80))
        const listener = listeners.get(`${route.to.name}:${port}`)
        if (listener === undefined) return err(`cannot reach ${url}: ECONNREFUSED`)
        const identity = handshake(listener.tls, trust, clock.wallMs())
        if (!identity.ok) return err(`cannot reach ${url}: ${identity.error}`)
        const clientPeer: HttpPeer = { address: route.from, port: 40_000, ...identity.value }
        const serverPeer: HttpPeer = {
          address,
          port,
          ...(listener.tls === undefined ? {} : serverIdentity(listener.tls)),
        }
        const way = (): LinkQuality | undefined => network.route(from, address)?.quality
        const [near, far] = linkPair(network, way, serverPeer, clientPeer)
        listener.accept(far, `${target.pathname}${target.search}`)
        return ok(near)
      },
    }),
  }
}

function serverIdentity(tls: VirtualTls): { spkiSha256: string; commonName: string } {
  const { spkiSha256, commonName } = describeFake(tls.certPem)
  return { spkiSha256, commonName }
}

type Parcel =
  | { readonly kind: 'message'; readonly message: string | Uint8Array; readonly bytes: number }
  | { readonly kind: 'close'; readonly code: number; readonly reason: string }

/** Two ends of one connection; `way` is the route between them at the moment, if there is any. */
function linkPair(
  network: VirtualNetwork,
  way: () => LinkQuality | undefined,
  nearSeesPeer: HttpPeer,
  farSeesPeer: HttpPeer,
): [WebSocketLink, WebSocketLink] {
  const near = new LinkEnd(network, way, nearSeesPeer)
  const far = new LinkEnd(network, way, farSeesPeer)
  near.other = far
  far.other = near
  return [near, far]
}

class LinkEnd implements WebSocketLink {
  readonly peer: HttpPeer
  other: LinkEnd | undefined
  readonly #network: VirtualNetwork
  readonly #way: () => LinkQuality | undefined
  readonly #outbox: Parcel[] = []
  #moving = false
  #stuckSinceMs: number | undefined
  #take: ((message: string | Uint8Array) => void) | undefined
  readonly #early: (string | Uint8Array)[] = []
  #onClose: ((code: number, reason: string) => void) | undefined
  #closed: { code: number; reason: string } | undefined

  constructor(network: VirtualNetwork, way: () => LinkQuality | undefined, peer: HttpPeer) {
    this.#network = network
    this.#way = way
    this.peer = peer
  }

  send(message: string | Uint8Array): void {
    if (this.#closed !== undefined) return
    this.#put({ kind: 'message', message, bytes: message.length })
  }

  bufferedBytes(): number {
    return this.#outbox.reduce((sum, p) => sum + (p.kind === 'message' ? p.bytes : 0), 0)
  }

  onMessage(take: (message: string | Uint8Array) => void): void {
    this.#take = take
    for (const message of this.#early.splice(0)) take(message)
  }

  onClose(take: (code: number, reason: string) => void): void {
    this.#onClose = take
    if (this.#closed !== undefined) take(this.#closed.code, this.#closed.reason)
  }

  close(code: number, reason: string): void {
    if (this.#closed !== undefined) return
    this.#put({ kind: 'close', code, reason })
    this.#end(code, reason)
  }

  #put(parcel: Parcel): void {
    this.#outbox.push(parcel)
    if (!this.#moving) this.#move()
  }

  /** Carries the first parcel; the next waits for it, so that order holds. */
  #move(): void {
    const parcel = this.#outbox[0]
    const quality = this.#way()
    const { clock } = this.#network
    this.#moving = parcel !== undefined
    if (parcel === undefined) return
    if (quality === undefined) {
      this.#stuckSinceMs ??= clock.monotonicMs()
      if (clock.monotonicMs() - this.#stuckSinceMs > TCP_GIVES_UP_MS) {
        this.#outbox.length = 0
        this.#moving = false
        this.#end(1006, 'ETIMEDOUT')
        return
      }
      clock.after(RETRY_MS, () => this.#move())
      return
    }
    this.#stuckSinceMs = undefined
    const bytes = parcel.kind === 'message' ? parcel.bytes : 0
    const carryMs = this.#network.delayMs(quality) + Seconds(bytes / quality.bytesPerSecond)
    clock.after(carryMs, () => {
      if (this.#way() !== undefined) {
        this.#outbox.shift()
        this.other?.deliver(parcel)
      }
      this.#move()
    })
  }

  deliver(parcel: Parcel): void {
    if (parcel.kind === 'close') {
      this.#end(parcel.code, parcel.reason)
      return
    }
    if (this.#closed !== undefined) return
    if (this.#take === undefined) this.#early.push(parcel.message)
    else this.#take(parcel.message)
  }

  #end(code: number, reason: string): void {
    if (this.#closed !== undefined) return
    this.#closed = { code, reason }
    this.#onClose?.(code, reason)
  }
}
