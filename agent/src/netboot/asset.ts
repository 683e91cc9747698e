import { createHash } from 'node:crypto'
import type { Files } from '@brickyard/runtime/files'
import { err, ok, type Result } from '@brickyard/std/result'

/** Bytes that are served, named by their hash. */
export interface Asset {
  readonly bytes: number
  /** 64 lower-case hex digits. */
  readonly sha256: string
  /** Bytes `start` up to (not including) `end`. */
  stream(start: number, end: number): AsyncIterable<Uint8Array>
}

/** A file on disk as an asset. Its hash is computed unless it is known from where it came. */
export async function openAsset(
  files: Files,
  path: string,
  knownSha256?: string,
): Promise<Result<Asset>> {
  const bytes = await files.size(path)
  if (bytes === undefined) return err(`there is no file ${path}`)
  return ok({
    bytes,
    sha256: knownSha256 ?? (await hashOf(files.stream(path, 0, bytes))),
    stream: (start, end) => files.stream(path, start, end),
  })
}

/** Bytes in memory as an asset. */
export const assetOf = (content: Uint8Array): Asset => ({
  bytes: content.length,
  sha256: createHash('sha256').update(content).digest('hex'),
  async *stream(start, end) {
    yield content.subarray(start, end)
  },
})

async function hashOf(pieces: AsyncIterable<Uint8Array>): Promise<string> {
  const hash = createHash('sha256')
  for await (const piece of pieces) hash.update(piece)
  return hash.digest('hex')
}
