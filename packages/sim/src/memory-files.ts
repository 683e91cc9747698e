import { createHash } from 'node:crypto'
import type { Files } from '@brickyard/runtime/files'
import { KiB } from '@brickyard/std/units'

/** A file system in memory that forgets what was not synced when it crashes, and can be full. */
export interface MemoryFiles extends Files {
  /** Power was lost: appended bytes that were never synced are gone. */
  crash(): void
  /** Room for all files together; `undefined` for no limit. Writing past it rejects with ENOSPC. */
  setCapacity(bytes: number | undefined): void
  usedBytes(): number
}

interface MemoryFile {
  pieces: Uint8Array[]
  bytes: number
  /** Of `pieces`, how many a crash leaves. */
  syncedPieces: number
}

const STREAM_PIECE_BYTES = KiB(256)

export class DiskFull extends Error {
  override readonly name = 'DiskFull'
  readonly code = 'ENOSPC'
}

export function memoryFiles(): MemoryFiles {
  const files = new Map<string, MemoryFile>()
  let capacity: number | undefined

  const usedBytes = (): number => {
    let total = 0
    for (const file of files.values()) total += file.bytes
    return total
  }
  const reserve = (path: string, more: number): void => {
    if (capacity !== undefined && usedBytes() + more > capacity) {
      throw new DiskFull(`ENOSPC: no space left on device, write '${path}'`)
    }
  }
  const whole = (file: MemoryFile): Uint8Array => {
    if (file.pieces.length !== 1) {
      const joined = new Uint8Array(file.bytes)
      let at = 0
      for (const piece of file.pieces) {
        joined.set(piece, at)
        at += piece.length
      }
      // Joined once, so that reading twice does not copy twice; what was synced stays so.
      const allSynced = file.syncedPieces === file.pieces.length
      if (!allSynced) return joined
      file.pieces = [joined]
      file.syncedPieces = 1
    }
    return file.pieces[0] as Uint8Array
  }

  return {
    usedBytes,
    crash() {
      for (const file of files.values()) {
        file.pieces.length = file.syncedPieces
        file.bytes = file.pieces.reduce((sum, piece) => sum + piece.length, 0)
      }
    },
    setCapacity(bytes) {
      capacity = bytes
    },
    read: async (path) => {
      const file = files.get(path)
      return file && whole(file).slice()
    },
    async *stream(path, start, end) {
      const file = files.get(path)
      if (file === undefined) throw new Error(`ENOENT: no such file, open '${path}'`)
      const bytes = whole(file)
      if (bytes.length < end) throw new Error(`${path} ends at ${bytes.length}, before ${end}`)
      for (let at = start; at < end; at += STREAM_PIECE_BYTES) {
        yield bytes.slice(at, Math.min(at + STREAM_PIECE_BYTES, end))
      }
    },
    sha256: async (path) => {
      const file = files.get(path)
      return file && createHash('sha256').update(whole(file)).digest('hex')
    },
    size: async (path) => files.get(path)?.bytes,
    writeAtomic: async (path, bytes) => {
      reserve(path, bytes.length)
      files.set(path, { pieces: [bytes.slice()], bytes: bytes.length, syncedPieces: 1 })
    },
    append: async (path) => {
      const held = files.get(path)
      const file = held ?? { pieces: [], bytes: 0, syncedPieces: 0 }
      files.set(path, file)
      return {
        write: async (bytes) => {
          reserve(path, bytes.length)
          file.pieces.push(bytes.slice())
          file.bytes += bytes.length
        },
        sync: async () => {
          file.syncedPieces = file.pieces.length
        },
        close: async () => undefined,
      }
    },
    rename: async (from, to) => {
      const file = files.get(from)
      if (file === undefined) throw new Error(`ENOENT: no such file, rename '${from}'`)
      files.delete(from)
      files.set(to, file)
    },
    remove: async (path) => void files.delete(path),
    list: async (folder) => {
      const stem = folder.endsWith('/') ? folder : `${folder}/`
      const names = [...files.keys()].filter((path) => path.startsWith(stem))
      return [
        ...new Set(names.map((path) => path.slice(stem.length).split('/')[0] as string)),
      ].sort()
    },
  }
}
