import type { BlobStore } from './blob-store.ts'

/** Serves a blob, whole or by one range (RFC 9110 §14); its name is its ETag. */
export async function serveBlob(
  blobs: BlobStore,
  sha256: string,
  request: Request,
): Promise<Response> {
  const size = await blobs.size(sha256)
  if (size === undefined) return new Response('no such blob\n', { status: 404 })
  const headers = {
    'accept-ranges': 'bytes',
    etag: `"${sha256}"`,
    'content-type': 'application/octet-stream',
  }
  const range = parseRange(request.headers.get('range'), size)
  if (range === 'unsatisfiable') {
    return new Response(null, { status: 416, headers: { 'content-range': `bytes */${size}` } })
  }
  const { start, end } = range ?? { start: 0, end: size }
  const body = request.method === 'HEAD' ? null : streamOf(blobs.stream(sha256, start, end))
  return new Response(body, {
    status: range === undefined ? 200 : 206,
    headers: {
      ...headers,
      'content-length': String(end - start),
      ...(range === undefined ? {} : { 'content-range': `bytes ${start}-${end - 1}/${size}` }),
    },
  })
}

interface Range {
  readonly start: number
  /** The first byte that is not wanted. */
  readonly end: number
}

/** One range of bytes; several, or another unit, are ignored as the RFC allows. */
export function parseRange(
  header: string | null,
  size: number,
): Range | undefined | 'unsatisfiable' {
  const match = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header ?? '')
  if (match === null) return undefined
  const [first, last] = [match[1] ?? '', match[2] ?? '']
  if (first === '' && last === '') return undefined
  if (first === '') {
    const length = Math.min(Number(last), size)
    return length === 0 ? 'unsatisfiable' : { start: size - length, end: size }
  }
  const start = Number(first)
  const end = last === '' ? size : Math.min(Number(last) + 1, size)
  if (last !== '' && Number(last) < start) return undefined
  return start >= size ? 'unsatisfiable' : { start, end }
}

/** A body that is read only as fast as it is sent. */
export function streamOf(pieces: AsyncIterable<Uint8Array>): ReadableStream<Uint8Array> {
  const iterator = pieces[Symbol.asyncIterator]()
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const next = await iterator.next()
      if (next.done === true) controller.close()
      else controller.enqueue(next.value)
    },
    async cancel() {
      await iterator.return?.()
    },
  })
}
