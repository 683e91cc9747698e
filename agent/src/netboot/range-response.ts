import type { Asset } from './asset.ts'

/** Bytes `start` up to (not including) `end` of a file on the disk. */
export interface FilePart {
  readonly path: string
  readonly start: number
  readonly end: number
}

/**
 * A response whose body is a part of a file. Its stream is opened when it is first read: a listener
 * that can send from the disk by itself never reads it.
 */
export class FileResponse extends Response {
  readonly file: FilePart
  /** Who sends the file itself says how many bytes left, in place of the stream. */
  readonly ended: Ended
  constructor(
    file: FilePart,
    body: ReadableStream<Uint8Array>,
    init: ResponseInit & { readonly ended: Ended },
  ) {
    super(body, init)
    this.file = file
    this.ended = init.ended
  }
}

/** Called once when a body is through or given up, with the bytes of it that were sent. */
export type Ended = (bytesSent: number) => void

/**
 * Serves an asset by GET or HEAD with single ranges and validators (RFC 9110 §13, §14). Several
 * ranges at once are answered with the whole, which §14.2 allows.
 */
export function rangeResponse(
  request: Request,
  asset: Asset,
  ended: Ended = () => undefined,
): Response {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    return new Response(null, { status: 405, headers: { allow: 'GET, HEAD' } })
  }
  const etag = `"${asset.sha256}"`
  const headers = new Headers({
    etag,
    'accept-ranges': 'bytes',
    'content-type': 'application/octet-stream',
  })
  if (matches(request.headers.get('if-none-match'), etag)) {
    return new Response(null, { status: 304, headers })
  }
  const ifRange = request.headers.get('if-range')
  const asked = request.method === 'GET' ? request.headers.get('range') : null
  const range =
    asked === null || (ifRange !== null && ifRange !== etag) ? 'whole' : rangeOf(asked, asset.bytes)
  if (range === 'unsatisfiable') {
    headers.set('content-range', `bytes */${asset.bytes}`)
    return new Response(null, { status: 416, headers })
  }
  const [start, end] = range === 'whole' ? [0, asset.bytes] : range
  headers.set('content-length', String(end - start))
  if (range !== 'whole') headers.set('content-range', `bytes ${start}-${end - 1}/${asset.bytes}`)
  const status = range === 'whole' ? 200 : 206
  if (request.method === 'HEAD' || start === end) return new Response(null, { status, headers })
  const body = ReadableStream.from(counted(asset.stream(start, end), ended))
  const { path } = asset
  if (path === undefined) return new Response(body, { status, headers })
  return new FileResponse({ path, start, end }, body, { status, headers, ended })
}

async function* counted(
  pieces: AsyncIterable<Uint8Array>,
  ended: Ended,
): AsyncGenerator<Uint8Array> {
  let bytes = 0
  try {
    for await (const piece of pieces) {
      yield piece
      bytes += piece.length
    }
  } finally {
    ended(bytes)
  }
}

const matches = (header: string | null, etag: string): boolean =>
  header !== null && header.split(',').some((tag) => tag.trim() === etag || tag.trim() === '*')

/** `[start, end)` of a Range header; `whole` for what is to be ignored (RFC 9110 §14.1.2). */
function rangeOf(header: string, bytes: number): [number, number] | 'whole' | 'unsatisfiable' {
  const found = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header)
  if (found === null) return 'whole'
  const [, first = '', last = ''] = found
  if (first === '') {
    if (last === '') return 'whole'
    const count = Math.min(Number(last), bytes)
    return count === 0 ? 'unsatisfiable' : [bytes - count, bytes]
  }
  const start = Number(first)
  const end = last === '' ? bytes : Math.min(Number(last) + 1, bytes)
  if (last !== '' && Number(last) < start) return 'whole'
  return start >= bytes ? 'unsatisfiable' : [start, end]
}
