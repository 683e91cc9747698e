import { createHash, type Hash } from 'node:crypto'
import type { AppendFile, Files } from '@brickyard/runtime/files'
import type { HttpClient, TlsTrust } from '@brickyard/runtime/http'
import { err, ok, type Result } from '@brickyard/std/result'

/** Why a blob is not here. `final`: asking again gives the same. */
export interface FetchFault {
  readonly final: boolean
  readonly message: string
  /** All bytes came, and they are not those that were asked for. */
  readonly wrongHash?: true
}

/** Where blobs come from and who we are to be given them. */
export interface BlobSource {
  readonly url: string
  readonly tls: TlsTrust
}

export interface FetchParts {
  readonly http: HttpClient
  readonly files: Files
  /** The unfinished file; what it holds already is not asked for again. */
  readonly path: string
  readonly sha256: string
  readonly bytes: number
  readonly onProgress: (bytes: number) => void
}

/**
 * Fetches a blob by HTTP range into `path`, going on where an earlier try broke off, and checks its
 * SHA-256 over every byte. A file whose hash is wrong is removed: nothing of it is ever served.
 */
export async function fetchBlob(
  parts: FetchParts,
  source: BlobSource,
): Promise<Result<void, FetchFault>> {
  const { files, path, sha256, bytes } = parts
  const what = `image ${sha256.slice(0, 12)}`
  try {
    const held = await heldBytes(parts)
    const hash = createHash('sha256')
    if (held > 0) for await (const piece of files.stream(path, 0, held)) hash.update(piece)
    if (held < bytes) {
      const got = await download(parts, source, held, hash)
      if (!got.ok) return got
    }
    const digest = hash.digest('hex')
    if (digest === sha256) return ok(undefined)
    await files.remove(path)
    return err({ final: false, message: `${what} arrived with hash ${digest}`, wrongHash: true })
  } catch (error) {
    return err({ final: false, message: `${what}: ${(error as Error).message}` })
  }
}

/** What an earlier try left; more than the whole is of no use. */
async function heldBytes({ files, path, bytes }: FetchParts): Promise<number> {
  const held = (await files.size(path)) ?? 0
  if (held <= bytes) return held
  await files.remove(path)
  return 0
}

async function download(
  parts: FetchParts,
  source: BlobSource,
  from: number,
  hash: Hash,
): Promise<Result<void, FetchFault>> {
  const { http, files, path, bytes } = parts
  const reply = await http.request({
    method: 'GET',
    url: source.url,
    tls: source.tls,
    ...(from > 0 ? { headers: { range: `bytes=${from}-` } } : {}),
  })
  if (!reply.ok) return err({ final: false, message: reply.error.message })
  const { status, body } = reply.value
  if (status === 404) return err({ final: false, message: 'the hub does not hold this image' })
  if (status !== 206 && !(status === 200 && from === 0)) {
    if (status === 200) await files.remove(path)
    return err({ final: false, message: `the hub answered ${status} for bytes from ${from}` })
  }
  const file = await files.append(path)
  try {
    const end = await append(parts, file, body, from, hash)
    if (end === bytes) return ok(undefined)
    return err({ final: false, message: `the transfer broke off at byte ${end} of ${bytes}` })
  } finally {
    await file.close()
  }
}

async function append(
  { bytes, onProgress }: FetchParts,
  file: AppendFile,
  body: AsyncIterable<Uint8Array>,
  from: number,
  hash: Hash,
): Promise<number> {
  let at = from
  for await (const piece of body) {
    const wanted = piece.subarray(0, bytes - at)
    await file.write(wanted)
    hash.update(wanted)
    at += wanted.length
    onProgress(at)
    if (at >= bytes) break
  }
  await file.sync()
  return at
}
