import { Mac } from '@brickyard/model/mac'
import { UNSIGNED } from '@brickyard/netboot/installer-boot'
import { refusalScript } from '@brickyard/netboot/ipxe-script'
import type { Clock } from '@brickyard/runtime/clock'
import type { FetchHandler, HttpPeer } from '@brickyard/runtime/http'
import type { Asset } from './asset.ts'
import type { BootScripts } from './boot-scripts.ts'
import { printable } from './report.ts'
import { type Ended, rangeResponse } from './range-response.ts'
import type { TellTrace } from './trace.ts'
import type { HttpAsked } from './trace-counts.ts'

export interface BootHttpParts {
  /** Files by name: loaders, vmlinuz, initrd.img. May change while the server runs. */
  readonly assets: ReadonlyMap<string, Asset>
  readonly scripts: BootScripts
  readonly trace?: HttpTrace | undefined
}

export interface HttpTrace {
  readonly tell: TellTrace
  readonly clock: Clock
  readonly network: string
}

/**
 * What a netbooting machine fetches: `GET /boot.ipxe?mac=…` and `GET|HEAD /assets/NAME`. Nothing
 * here is secret but the claim token in an installer's script (boot-scripts.ts).
 */
export function createBootHttp(parts: BootHttpParts): FetchHandler {
  const { trace } = parts
  return (request, peer) => {
    const response = answer(parts, request, peer)
    trace?.tell.answered(trace.network, whatIsAsked(request), response.status)
    return response
  }
}

function whatIsAsked({ url }: Request): HttpAsked {
  const { pathname } = new URL(url)
  if (pathname === '/boot.ipxe') return 'script'
  return pathname.startsWith('/assets/') ? 'file' : 'other'
}

function answer(
  { assets, scripts, trace }: BootHttpParts,
  request: Request,
  peer: HttpPeer,
): Response {
  const url = new URL(request.url)
  if (url.pathname === '/boot.ipxe') {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      return new Response(null, { status: 405, headers: { allow: 'GET, HEAD' } })
    }
    return textResponse(scriptFor(scripts, url, peer))
  }
  const name = /^\/assets\/([A-Za-z0-9._-]+)$/.exec(url.pathname)?.[1]
  const asset = name === undefined ? undefined : assets.get(name)
  if (name === undefined || asset === undefined) {
    if (name !== undefined && trace !== undefined) tellMissing(trace, name, peer.address)
    return new Response('no such file\n', { status: 404 })
  }
  return rangeResponse(request, asset, trace && endOf(trace, name, asset, peer.address))
}

/** A loader that asks for what is not here: the usual end of a boot that somebody half set up. */
function tellMissing({ tell, network }: HttpTrace, name: string, address: string): void {
  const file = { way: 'http', name: printable(name), result: 'refused', bytes: 0 } as const
  const reason = 'there is no such file'
  tell.file({ network, address, ...file, bytesTotal: 0, durationMs: 0, reason })
}

/** Tells of a file once its body has left. */
function endOf(
  { tell, clock, network }: HttpTrace,
  name: string,
  { bytes: bytesTotal }: Asset,
  address: string,
): Ended {
  const beganMs = clock.monotonicMs()
  return (bytes) => {
    const result = bytes === bytesTotal ? 'whole' : 'part'
    const durationMs = clock.monotonicMs() - beganMs
    const way = 'http'
    tell.file({ network, address, way, name, result, bytes, bytesTotal, durationMs, reason: null })
  }
}

function scriptFor(scripts: BootScripts, url: URL, peer: HttpPeer): string {
  const query = url.searchParams
  const mac = Mac.parse(query.get('mac') ?? '')
  if (!mac.ok) return refusalScript('the request names no MAC address')
  const uuid = query.get('uuid') ?? undefined
  const secure = url.protocol === 'https:'
  const unsigned = UNSIGNED.find((what) => what === query.get('unsigned'))
  return scripts({ loader: 'ipxe', mac: mac.value, uuid, from: peer.address, secure, unsigned })
}

const textResponse = (text: string): Response =>
  new Response(text, { headers: { 'content-type': 'text/plain', 'cache-control': 'no-store' } })
