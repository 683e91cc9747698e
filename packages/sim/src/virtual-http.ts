import { sleep } from '@brickyard/runtime/clock'
import type {
  FetchHandler,
  HttpClient,
  HttpFault,
  HttpPeer,
  HttpRequest,
  HttpResponse,
  TlsTrust,
} from '@brickyard/runtime/http'
import { err, ok, type Result } from '@brickyard/std/result'
import { Seconds } from '@brickyard/std/units'
import { describeFake, provesItself } from './fake-identity.ts'
import type { NetworkHost, VirtualNetwork } from './virtual-network.ts'

/** A listener's TLS: what it shows, and whose client certificates it asks for. */
export interface VirtualTls {
  readonly certPem: string
  readonly clientAuthorityPem?: string | undefined
}

/** What may go wrong with a request. `reset` breaks off before byte `atByte` of the body. */
export type WebFault =
  | { readonly kind: 'refuse' }
  | { readonly kind: 'hang' }
  | { readonly kind: 'reset'; readonly atByte: number }
  | { readonly kind: 'corrupt'; readonly atByte: number }
  | { readonly kind: 'slow'; readonly bytesPerSecond: number }

/** HTTP over the virtual network: fetch handlers listen, clients reach them while there is a way. */
export interface VirtualHttp {
  listen(
    host: NetworkHost,
    port: number,
    handler: FetchHandler,
    tls?: VirtualTls,
  ): { close(): void }
  client(host: NetworkHost): HttpClient
  /** `name` stands for `address` in URLs. */
  nameHost(name: string, address: string): void
  addressOf(name: string): string
  /** Faults requests whose URL holds `urlPart`, the next `times` of them. */
  fault(urlPart: string, fault: WebFault, times?: number): { lift(): void }
}

const CONNECT_TIMEOUT_MS = Seconds(10)
const HEADER_TIMEOUT_MS = Seconds(30)
const BODY_TIMEOUT_MS = Seconds(30)

interface Listener {
  readonly handler: FetchHandler
  readonly tls: VirtualTls | undefined
}

export function virtualHttp(network: VirtualNetwork): VirtualHttp {
  const { clock } = network
  const listeners = new Map<string, Listener>()
  const names = new Map<string, string>()
  const faults = new Set<{ urlPart: string; fault: WebFault; left: number }>()
  const addressOf = (name: string): string => names.get(name) ?? name
  let clientPort = 40_000

  const faultFor = (url: string): WebFault | undefined => {
    for (const held of faults) {
      if (!url.includes(held.urlPart)) continue
      if (--held.left <= 0) faults.delete(held)
      return held.fault
    }
    return undefined
  }

  async function exchange(
    from: NetworkHost,
    request: HttpRequest,
  ): Promise<Result<HttpResponse, HttpFault>> {
    const url = new URL(request.url)
    const what = `${request.method} ${url.origin}${url.pathname}`
    const fail = (kind: HttpFault['kind'], why: string) => err({ kind, message: `${what}: ${why}` })
    const fault = faultFor(request.url)
    const route = network.route(from, addressOf(url.hostname))
    if (route === undefined || fault?.kind === 'hang') {
      await sleep(clock, request.connectTimeoutMs ?? CONNECT_TIMEOUT_MS)
      return fail('timeout', 'nobody answers')
    }
    await sleep(clock, 2 * network.delayMs(route.quality))
    const port = Number(url.port || (url.protocol === 'https:' ? 443 : 80))
    const listener = listeners.get(`${route.to.name}:${port}`)
    if (listener === undefined || fault?.kind === 'refuse') {
      return fail('connect', 'connection refused (ECONNREFUSED)')
    }
    const identity = handshake(listener.tls, request.tls ?? {}, clock.wallMs())
    if (!identity.ok) return fail('tls', identity.error)
    const peer: HttpPeer = { address: route.from, port: clientPort++, ...identity.value }
    const headerTimeoutMs = request.headerTimeoutMs ?? HEADER_TIMEOUT_MS
    const response = await within(headerTimeoutMs, () => serve(listener.handler, request, peer))
    if (response === undefined) return fail('timeout', 'no answer in time')
    if (response === 'broken') return fail('protocol', 'the peer closed the connection')
    if (network.route(from, addressOf(url.hostname)) === undefined) {
      await sleep(clock, headerTimeoutMs)
      return fail('timeout', 'no answer in time')
    }
    return ok({
      status: response.status,
      headers: Object.fromEntries(response.headers),
      body: bodyOf(from, request, response, fault),
    })
  }

  async function serverKey(
    from: NetworkHost,
    origin: string,
    timeoutMs: number,
  ): Promise<Result<string, HttpFault>> {
    const { hostname, port } = new URL(origin)
    const route = network.route(from, addressOf(hostname))
    const fail = (kind: HttpFault['kind'], why: string): Result<string, HttpFault> =>
      err({ kind, message: `the key of ${origin}: ${why}` })
    if (route === undefined) {
      await sleep(clock, timeoutMs)
      return fail('timeout', 'no way to the peer')
    }
    const { tls } = listeners.get(`${route.to.name}:${port === '' ? 443 : port}`) ?? {}
    await sleep(clock, network.delayMs(route.quality))
    return tls === undefined
      ? fail('connect', 'nobody speaks TLS there')
      : ok(describeFake(tls.certPem).spkiSha256)
  }

  async function serve(
    handler: FetchHandler,
    { url, method, headers, body }: HttpRequest,
    peer: HttpPeer,
  ): Promise<Response | 'broken'> {
    try {
      const init = {
        method,
        ...(await sentOf(headers, body)),
      }
      return await handler(new Request(url, init), peer)
    } catch {
      return 'broken'
    }
  }

  async function within<T>(timeoutMs: number, work: () => Promise<T>): Promise<T | undefined> {
    return new Promise((resolve) => {
      const timer = clock.after(timeoutMs, () => resolve(undefined))
      void work().then((value) => {
        timer.cancel()
        resolve(value)
      })
    })
  }

  async function* bodyOf(
    from: NetworkHost,
    request: HttpRequest,
    response: Response,
    fault: WebFault | undefined,
  ): AsyncGenerator<Uint8Array> {
    if (response.body === null || request.method === 'HEAD') return
    const address = addressOf(new URL(request.url).hostname)
    const timeoutMs = request.bodyTimeoutMs ?? BODY_TIMEOUT_MS
    const reader = response.body.getReader()
    let at = 0
    try {
      for (;;) {
        const next = await within(timeoutMs, () => reader.read())
        if (next === undefined) throw new Error('the body stopped coming')
        if (next.done) return
        const route = network.route(from, address)
        if (route === undefined) {
          await sleep(clock, timeoutMs)
          throw new Error('the body stopped coming: no way to the peer')
        }
        const speed = fault?.kind === 'slow' ? fault.bytesPerSecond : route.quality.bytesPerSecond
        await sleep(clock, Seconds(next.value.length / speed))
        yield* faulted(next.value, at, fault)
        at += next.value.length
      }
    } finally {
      reader.cancel().catch(() => undefined)
    }
  }

  return {
    listen(host, port, handler, tls) {
      const key = `${host.name}:${port}`
      if (listeners.has(key)) throw new Error(`cannot listen on ${key}: EADDRINUSE`)
      const listener = { handler, tls }
      listeners.set(key, listener)
      return {
        close: () => {
          if (listeners.get(key) === listener) listeners.delete(key)
        },
      }
    },
    client: (host) => ({
      request: (request) => exchange(host, request),
      serverKey: (origin, timeoutMs) => serverKey(host, origin, timeoutMs),
    }),
    nameHost: (name, address) => void names.set(name, address),
    addressOf,
    fault(urlPart, fault, times = Number.POSITIVE_INFINITY) {
      const held = { urlPart, fault, left: times }
      faults.add(held)
      return { lift: () => void faults.delete(held) }
    },
  }
}

/** A body of known length arrives whole, with its length in the head as on the wire. */
async function sentOf(headers: HttpRequest['headers'], body: HttpRequest['body']) {
  if (typeof body !== 'object' || body instanceof Uint8Array) {
    return { headers: headers ?? {}, body: body === undefined ? null : Buffer.from(body) }
  }
  const pieces: Uint8Array[] = []
  for await (const piece of body.open()) pieces.push(piece)
  return {
    headers: { ...headers, 'content-length': String(body.bytes) },
    body: Buffer.concat(pieces),
  }
}

function* faulted(
  piece: Uint8Array,
  at: number,
  fault: WebFault | undefined,
): Generator<Uint8Array> {
  if (fault?.kind === 'reset' && fault.atByte < at + piece.length) {
    if (fault.atByte > at) yield piece.slice(0, fault.atByte - at)
    throw new Error('connection reset by peer (ECONNRESET)')
  }
  if (fault?.kind === 'corrupt' && fault.atByte >= at && fault.atByte < at + piece.length) {
    const changed = piece.slice()
    changed[fault.atByte - at] = (changed[fault.atByte - at] ?? 0) ^ 0xff
    yield changed
    return
  }
  yield piece
}

/** Both sides' proofs, as TLS would check them; gives who the client proved to be. */
export function handshake(
  tls: VirtualTls | undefined,
  trust: TlsTrust,
  nowMs: number,
): Result<Omit<HttpPeer, 'address' | 'port'>> {
  if (tls === undefined) return ok({})
  const server = describeFake(tls.certPem)
  if (trust.pinOnly === true) {
    if (trust.spkiSha256 !== server.spkiSha256) return err('the key is not the pinned one')
  } else if (trust.unverified !== true) {
    const authority = trust.caPem === undefined ? undefined : describeFake(trust.caPem).spkiSha256
    if (server.issuer !== authority) return err('unable to verify the server certificate')
    if (trust.spkiSha256 !== undefined && trust.spkiSha256 !== server.spkiSha256) {
      return err('the key is not the pinned one')
    }
  }
  const { certPem, keyPem } = trust
  const asked = tls.clientAuthorityPem
  if (asked === undefined || certPem === undefined || keyPem === undefined) return ok({})
  const { spkiSha256, commonName, notAfterMs } = describeFake(certPem)
  if (provesItself(certPem, keyPem, asked, nowMs)) return ok({ spkiSha256, commonName })
  // As the hub's listener does: past its time it names nobody, and still tells whose it was.
  const wasGood = nowMs >= notAfterMs && provesItself(certPem, keyPem, asked, notAfterMs - 1)
  return ok(wasGood ? { expired: { spkiSha256, commonName, notAfterMs } } : {})
}
