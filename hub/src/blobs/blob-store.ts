import { createHash } from 'node:crypto'
import type { Files } from '@brickyard/runtime/files'
import { assert } from '@brickyard/std/assert'
import { err, ok, type Result } from '@brickyard/std/result'

export type BlobFault =
  | { readonly kind: 'busy' }
  | { readonly kind: 'wrong-start'; readonly received: number }
  | { readonly kind: 'too-long' }
  | { readonly kind: 'broken-off'; readonly received: number }
  | { readonly kind: 'wrong-hash'; readonly found: string }
  | { readonly kind: 'no-room' }

/** A blob on its way in; parts of different tenants never mix. */
export interface Incoming {
  readonly tenant: string
  readonly sha256: string
  readonly bytes: number
}

/**
 * Blobs by the SHA-256 of their bytes. What arrives is a part until its hash was right; only then it
 * gets its name, so a name never stands for wrong bytes.
 */
export interface BlobStore {
  /** Bytes of an unfinished upload that are kept. */
  receivedBytes(blob: Incoming): Promise<number>
  /** Takes bytes from `first` on; settles when all are on the disk and the hash was right. */
  receive(
    blob: Incoming,
    first: number,
    body: AsyncIterable<Uint8Array>,
  ): Promise<Result<void, BlobFault>>
  /** Length of a finished blob. */
  size(sha256: string): Promise<number | undefined>
  stream(sha256: string, start: number, end: number): AsyncIterable<Uint8Array>
  remove(sha256: string): Promise<void>
}

export function createBlobStore(files: Files, folder: string): BlobStore {
  const blobPath = (sha256: string): string => {
    assert(/^[0-9a-f]{64}$/.test(sha256), `a blob’s name: ${sha256}`)
    return `${folder}/${sha256}`
  }
  const partPath = ({ tenant, sha256 }: Incoming): string => `${blobPath(sha256)}.${tenant}.part`
  const incoming = new Set<string>()

  async function take(
    blob: Incoming,
    first: number,
    body: AsyncIterable<Uint8Array>,
  ): Promise<Result<void, BlobFault>> {
    const part = partPath(blob)
    if (first === 0) await files.remove(part)
    let received = (await files.size(part)) ?? 0
    if (received !== first) return err({ kind: 'wrong-start', received })
    const hash = createHash('sha256')
    for await (const piece of received === 0 ? [] : files.stream(part, 0, received)) {
      hash.update(piece)
    }
    const file = await files.append(part)
    try {
      for await (const piece of readable(body)) {
        if (piece === 'broken-off') {
          await file.sync()
          return err({ kind: 'broken-off', received })
        }
        received += piece.length
        if (received > blob.bytes) return err({ kind: 'too-long' })
        hash.update(piece)
        await file.write(piece)
      }
      await file.sync()
    } finally {
      await file.close()
    }
    if (received < blob.bytes) return err({ kind: 'broken-off', received })
    const found = hash.digest('hex')
    if (found !== blob.sha256) return err({ kind: 'wrong-hash', found })
    await files.rename(part, blobPath(blob.sha256))
    return ok(undefined)
  }

  return {
    receivedBytes: async (blob) => (await files.size(partPath(blob))) ?? 0,
    async receive(blob, first, body) {
      const part = partPath(blob)
      if (incoming.has(part)) return err({ kind: 'busy' })
      incoming.add(part)
      try {
        const taken = await take(blob, first, body)
        const keep =
          taken.ok || taken.error.kind === 'broken-off' || taken.error.kind === 'wrong-start'
        if (!keep) await files.remove(part)
        return taken
      } catch (error) {
        // What was kept would only fill the disk further.
        await files.remove(part)
        if (isDiskFull(error)) return err({ kind: 'no-room' })
        throw error
      } finally {
        incoming.delete(part)
      }
    },
    size: (sha256) => files.size(blobPath(sha256)),
    stream: (sha256, start, end) => files.stream(blobPath(sha256), start, end),
    remove: (sha256) => files.remove(blobPath(sha256)),
  }
}

/** The pieces of a body; one that breaks off ends with that word in place of an exception. */
async function* readable(
  body: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array | 'broken-off'> {
  const pieces = body[Symbol.asyncIterator]()
  try {
    for (;;) {
      let next: IteratorResult<Uint8Array>
      try {
        next = await pieces.next()
      } catch {
        yield 'broken-off'
        return
      }
      if (next.done === true) return
      yield next.value
    }
  } finally {
    await pieces.return?.()?.catch(() => undefined)
  }
}

const isDiskFull = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && (error.code === 'ENOSPC' || error.code === 'EDQUOT')
