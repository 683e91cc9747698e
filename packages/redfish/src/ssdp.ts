import { err, ok, type Result } from '@brickyard/std/result'
import { pathOf } from './loose-json.ts'

/** Finding Redfish services by SSDP (DSP0266 §14.2): search and answer as datagrams. */
export const SSDP_ADDRESS = '239.255.255.250'
export const SSDP_PORT = 1900
/** What every Redfish service of protocol version 1 answers to. */
export const REDFISH_TARGET = 'urn:dmtf-org:service:redfish-rest:1'

/** Longest datagram looked at; answers are some hundred bytes. */
const DATAGRAM_BYTES_MAX = 2048
const HEADERS_MAX = 32
const WAIT_SECONDS_MAX = 5

/** An M-SEARCH; services answer within `waitSeconds` (1..5), each after a time of its choice. */
export function encodeSearch(waitSeconds: number): Uint8Array {
  const wait = Math.min(WAIT_SECONDS_MAX, Math.max(1, Math.round(waitSeconds)))
  const lines = [
    'M-SEARCH * HTTP/1.1',
    `HOST: ${SSDP_ADDRESS}:${SSDP_PORT}`,
    'MAN: "ssdp:discover"',
    `MX: ${wait}`,
    `ST: ${REDFISH_TARGET}`,
  ]
  return new TextEncoder().encode(`${lines.join('\r\n')}\r\n\r\n`)
}

export interface RedfishSighting {
  readonly uuid: string
  /** The service root's URL as announced. Nobody vouches for its host: compare it with the sender. */
  readonly rootUrl: string
  readonly rootPath: string
  /** How long it may be believed. */
  readonly maxAgeSeconds: number | undefined
  readonly leaving: boolean
}

const UUID = /uuid:([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})/i

/** An answer to a search, or a notice a service sends by itself. */
export function decodeSighting(datagram: Uint8Array): Result<RedfishSighting> {
  if (datagram.length > DATAGRAM_BYTES_MAX) return err(`SSDP datagram of ${datagram.length} bytes`)
  const [start = '', ...lines] = new TextDecoder().decode(datagram).split(/\r?\n/)
  const answer = /^HTTP\/1\.1 200\b/i.test(start)
  if (!answer && !/^NOTIFY \* HTTP\/1\.1/i.test(start)) {
    return err(`SSDP start line is '${start.slice(0, 60)}'; expected an answer or a notice`)
  }
  const headers = headersOf(lines)
  const target = headers.get(answer ? 'st' : 'nt') ?? ''
  if (!target.toLowerCase().startsWith('urn:dmtf-org:service:redfish-rest:')) {
    return err(`SSDP target is '${target.slice(0, 60)}'; expected ${REDFISH_TARGET}`)
  }
  const uuid = UUID.exec(headers.get('usn') ?? '')?.[1]
  if (uuid === undefined) return err('SSDP answer without a UUID in its USN')
  const rootUrl = headers.get('al') ?? headers.get('location') ?? ''
  const rootPath = /^https?:\/\//i.test(rootUrl) ? pathOf(rootUrl) : undefined
  const leaving = headers.get('nts') === 'ssdp:byebye'
  if (rootPath === undefined && !leaving) {
    return err(`SSDP answer with '${rootUrl.slice(0, 60)}' for its service root`)
  }
  const age = /max-age\s*=\s*(\d{1,9})/i.exec(headers.get('cache-control') ?? '')?.[1]
  return ok({
    uuid: uuid.toLowerCase(),
    rootUrl,
    rootPath: rootPath ?? '',
    maxAgeSeconds: age === undefined ? undefined : Number(age),
    leaving,
  })
}

const headersOf = (lines: readonly string[]): ReadonlyMap<string, string> =>
  new Map(
    lines.slice(0, HEADERS_MAX).flatMap((line) => {
      const colon = line.indexOf(':')
      if (colon <= 0) return []
      return [[line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()] as const]
    }),
  )

/** What a service answers to a search, for the simulator. */
export function encodeSighting(uuid: string, rootUrl: string, maxAgeSeconds: number): Uint8Array {
  const lines = [
    'HTTP/1.1 200 OK',
    `CACHE-CONTROL: max-age=${maxAgeSeconds}`,
    `ST: ${REDFISH_TARGET}`,
    `USN: uuid:${uuid}::${REDFISH_TARGET}`,
    `AL: ${rootUrl}`,
    'EXT:',
  ]
  return new TextEncoder().encode(`${lines.join('\r\n')}\r\n\r\n`)
}
