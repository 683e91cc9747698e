import { createHash, randomUUID } from 'node:crypto'
import { open, mkdir, readFile, readdir, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { KiB } from '@brickyard/std/units'
import type { Files } from '../files.ts'

const STREAM_PIECE_BYTES = KiB(256)
const PRIVATE_MODE = 0o600

const isMissing = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ENOENT'

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

export const nodeFiles: Files = {
  async read(path) {
    try {
      return new Uint8Array(await readFile(path))
    } catch (error) {
      if (isMissing(error)) return undefined
      throw error
    }
  },

  async *stream(path, start, end) {
    const handle = await open(path, 'r')
    try {
      for (let at = start; at < end;) {
        const piece = new Uint8Array(Math.min(STREAM_PIECE_BYTES, end - at))
        const { bytesRead } = await handle.read(piece, 0, piece.length, at)
        if (bytesRead === 0) throw new Error(`${path} ends at ${at}, before ${end}`)
        yield piece.subarray(0, bytesRead)
        at += bytesRead
      }
    } finally {
      await handle.close()
    }
  },

  async sha256(path) {
    const hash = createHash('sha256')
    // One buffer for the whole file: pieces of their own are garbage that is late to be collected.
    const piece = new Uint8Array(STREAM_PIECE_BYTES)
    try {
      const handle = await open(path, 'r')
      try {
        for (;;) {
          const { bytesRead } = await handle.read(piece, 0, piece.length)
          if (bytesRead === 0) return hash.digest('hex')
          hash.update(piece.subarray(0, bytesRead))
        }
      } finally {
        await handle.close()
      }
    } catch (error) {
      if (isMissing(error)) return undefined
      throw error
    }
  },

  async size(path) {
    try {
      return (await stat(path)).size
    } catch (error) {
      if (isMissing(error)) return undefined
      throw error
    }
  },

  async writeAtomic(path, bytes, mode = PRIVATE_MODE) {
    const folder = dirname(path)
    await mkdir(folder, { recursive: true })
    const temporary = join(folder, `.${randomUUID()}.tmp`)
    try {
      const handle = await open(temporary, 'w', mode)
      try {
        await handle.writeFile(bytes)
        await handle.sync()
      } finally {
        await handle.close()
      }
      await rename(temporary, path)
    } catch (error) {
      await rm(temporary, { force: true })
      throw error
    }
    await syncFolder(folder)
  },

  async append(path) {
    await mkdir(dirname(path), { recursive: true })
    const handle = await open(path, 'a', PRIVATE_MODE)
    return {
      write: async (bytes) => {
        await handle.appendFile(bytes)
      },
      sync: () => handle.sync(),
      close: () => handle.close(),
    }
  },

  async rename(from, to) {
    await mkdir(dirname(to), { recursive: true })
    await rename(from, to)
    await syncFolder(dirname(to))
  },

  remove: (path) => rm(path, { force: true }),

  async list(folder) {
    try {
      return (await readdir(folder)).sort()
    } catch (error) {
      if (isMissing(error)) return []
      throw error
    }
  },
}
