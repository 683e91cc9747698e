import type { Image } from '@brickyard/model/image'
import type { Clock } from '@brickyard/runtime/clock'
import type { Files } from '@brickyard/runtime/files'
import type { HttpClient } from '@brickyard/runtime/http'
import type { Log } from '@brickyard/runtime/log'
import { err, ok, type Result } from '@brickyard/std/result'
import { openAsset, type Asset } from '../netboot/asset.ts'
import type { SiteStore } from '../store/site-store.ts'
import { fetchBlob, type BlobSource, type FetchFault } from './fetch-blob.ts'

/** A blob that arrives wrong so often is wrong at its source. */
const WRONG_HASHES_MAX = 2

export interface BlobStoreParts {
  readonly site: SiteStore
  readonly files: Files
  readonly http: HttpClient
  readonly clock: Clock
  readonly log: Log
  readonly folder: string
  readonly bytesMax: number
  /** Where the hub gives a blob; undefined without a hub or before enrolment. */
  readonly source: (sha256: string) => BlobSource | undefined
  /** Files of a stand-alone document, by hash: served from where they are. */
  readonly local: ReadonlyMap<string, string>
  /** Blobs that an assignment or a running operation needs: never evicted. */
  readonly inUse: () => ReadonlySet<string>
  readonly onProgress: (sha256: string, bytes: number) => void
}

/** Images at the site, named by the SHA-256 of their bytes; capped, the longest unused go first. */
export interface BlobStore {
  /** Checks what the disk holds; to be awaited before use. */
  start(): Promise<void>
  has(sha256: string): boolean
  /** The bytes, to be served by range. */
  open(sha256: string): Promise<Result<Asset>>
  /** Makes an image be here. Several callers share one transfer. */
  fetch(image: Image): Promise<Result<void, FetchFault>>
  bytesHeld(): number
}

interface Blob {
  readonly bytes: number
  readonly usedAtMs: number
}

export function createBlobStore(parts: BlobStoreParts): BlobStore {
  const { site, files, clock, log, folder } = parts
  const blobs = new Map<string, Blob>()
  const flights = new Map<string, Promise<Result<void, FetchFault>>>()
  const wrong = new Map<string, number>()
  /** Local files whose hash was checked in this run. */
  const checked = new Set<string>()
  const pathOf = (sha256: string): string => `${folder}/${sha256}`
  const bytesHeld = (): number => [...blobs.values()].reduce((sum, { bytes }) => sum + bytes, 0)

  function touch(sha256: string, bytes: number): void {
    const usedAtMs = clock.wallMs()
    site.commit(({ sql }) =>
      sql.run(
        `INSERT INTO blob (sha256, bytes, used_at_ms) VALUES (?, ?, ?)
         ON CONFLICT (sha256) DO UPDATE SET used_at_ms = excluded.used_at_ms`,
        sha256,
        bytes,
        usedAtMs,
      ),
    )
    blobs.set(sha256, { bytes, usedAtMs })
  }

  /** Removes the longest unused until `bytes` more fit; false when those in use leave no room. */
  async function makeRoom(bytes: number): Promise<boolean> {
    const inUse = parts.inUse()
    const idle = [...blobs]
      .filter(([sha256]) => !inUse.has(sha256))
      .sort(([, a], [, b]) => a.usedAtMs - b.usedAtMs)
    for (const [sha256] of idle) {
      if (bytesHeld() + bytes <= parts.bytesMax) return true
      site.commit(({ sql }) => sql.run('DELETE FROM blob WHERE sha256 = ?', sha256))
      blobs.delete(sha256)
      await files.remove(pathOf(sha256))
      log.info('image removed to make room', { sha256 })
    }
    return bytesHeld() + bytes <= parts.bytesMax
  }

  async function fetchOnce({ sha256, bytes, name }: Image): Promise<Result<void, FetchFault>> {
    const local = parts.local.get(sha256)
    if (local !== undefined) return checkLocal(local, sha256, name)
    const source = parts.source(sha256)
    if (source === undefined) {
      return err({ final: false, message: `there is no hub to fetch image ${name} from` })
    }
    if (!(await makeRoom(bytes))) {
      const message = `image ${name} needs ${bytes} bytes; ${parts.bytesMax} are allowed here and images in use fill them`
      return err({ final: false, message })
    }
    const path = `${pathOf(sha256)}.part`
    const onProgress = (at: number): void => parts.onProgress(sha256, at)
    const fetched = await fetchBlob(
      { http: parts.http, files, path, sha256, bytes, onProgress },
      source,
    )
    if (!fetched.ok) return refused(sha256, fetched.error)
    await files.rename(path, pathOf(sha256))
    touch(sha256, bytes)
    site.commit((change) => change.event('image.fetched', { sha256, bytes }))
    return ok(undefined)
  }

  /** A wrong hash may be the way; twice it is the source, and asking on would be for ever. */
  function refused(sha256: string, fault: FetchFault): Result<void, FetchFault> {
    if (fault.wrongHash !== true) return err(fault)
    const count = (wrong.get(sha256) ?? 0) + 1
    wrong.set(sha256, count)
    site.commit((change) => change.event('image.refused', { sha256, reason: fault.message }))
    return err({ ...fault, final: count >= WRONG_HASHES_MAX })
  }

  async function checkLocal(
    path: string,
    sha256: string,
    name: string,
  ): Promise<Result<void, FetchFault>> {
    const asset = await openAsset(files, path)
    if (!asset.ok) return err({ final: true, message: `image ${name}: ${asset.error}` })
    if (asset.value.sha256 !== sha256) {
      const reason = `${path} has hash ${asset.value.sha256}, the document says ${sha256}`
      site.commit((change) => change.event('image.refused', { sha256, reason }))
      return err({ final: true, message: `image ${name}: ${reason}` })
    }
    checked.add(sha256)
    return ok(undefined)
  }

  return {
    async start() {
      const rows = site.read((sql) =>
        sql.all<{ sha256: string; bytes: number; used_at_ms: number }>(
          'SELECT sha256, bytes, used_at_ms FROM blob',
        ),
      )
      for (const { sha256, bytes, used_at_ms: usedAtMs } of rows) {
        if ((await files.size(pathOf(sha256))) === bytes) blobs.set(sha256, { bytes, usedAtMs })
        else site.commit(({ sql }) => sql.run('DELETE FROM blob WHERE sha256 = ?', sha256))
      }
      await removeStrays(files, folder, blobs)
    },
    has: (sha256) => blobs.has(sha256) || checked.has(sha256),
    async open(sha256) {
      const local = parts.local.get(sha256)
      if (local !== undefined && checked.has(sha256)) return openAsset(files, local, sha256)
      const blob = blobs.get(sha256)
      if (blob === undefined) return err(`image ${sha256} is not at this site`)
      return openAsset(files, pathOf(sha256), sha256)
    },
    async fetch(image) {
      const { sha256 } = image
      if (checked.has(sha256)) return ok(undefined)
      if (blobs.has(sha256)) {
        touch(sha256, image.bytes)
        return ok(undefined)
      }
      const flight = flights.get(sha256)
      if (flight !== undefined) return flight
      const started = fetchOnce(image).catch((error: unknown) =>
        err({ final: false, message: `image ${image.name}: ${String(error)}` }),
      )
      flights.set(sha256, started)
      try {
        return await started
      } finally {
        flights.delete(sha256)
      }
    },
    bytesHeld,
  }
}

/** Whole files that no row speaks of came from a crash between rename and commit: they are fetched anew. */
async function removeStrays(
  files: Files,
  folder: string,
  blobs: ReadonlyMap<string, Blob>,
): Promise<void> {
  for (const name of await files.list(folder)) {
    if (/^[0-9a-f]{64}$/.test(name) && !blobs.has(name)) await files.remove(`${folder}/${name}`)
  }
}
