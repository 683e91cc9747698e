import { createHash } from 'node:crypto'
import type { Files } from '@brickyard/runtime/files'
import { err, ok, type Result } from '@brickyard/std/result'

/** Bytes that are served, named by their hash. */
export interface Asset {
  readonly bytes: number
  /** 64 lower-case hex digits. */
  readonly sha256: string
  /** The file that holds exactly these bytes; undefined when they are in memory. */
  readonly path?: string
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
  const sha256 = knownSha256 ?? (await files.sha256(path))
  if (sha256 === undefined) return err(`there is no file ${path}`)
  const stream: Asset['stream'] = (start, end) => files.stream(path, start, end)
  return ok({ bytes, sha256, path, stream })
}

/** Bytes in memory as an asset. */
export const assetOf = (content: Uint8Array): Asset => ({
  bytes: content.length,
  sha256: createHash('sha256').update(content).digest('hex'),
  async *stream(start, end) {
    yield content.subarray(start, end)
  },
})
