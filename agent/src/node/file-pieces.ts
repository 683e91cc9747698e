import { type FileHandle, open } from 'node:fs/promises'
import { createPiecePool, LARGE_PIECE_BYTES } from './piece-pool.ts'

/**
 * Files in pieces. A rack that is installed together reads one image: a large piece is read from the
 * disk once and serves every reader that comes by while it is kept. In memory are, however many
 * read, the pieces of `piece-pool.ts` and no more.
 */
export interface FilePieces {
  /** Rejects when the file cannot be opened. */
  open(path: string): Promise<PieceReader>
  /** Bytes in memory, those kept for readers that are behind included. */
  heldBytes(): number
}

/** One reader of one file. */
export interface PieceReader {
  /**
   * The bytes from `at` up to, at most, `end`: where `large` ones are wanted and free, to the end of
   * the large piece that `at` lies in, else a small piece of its own. Rejects when there are none.
   */
  take(at: number, end: number, wanted: 'small' | 'large'): Promise<Piece>
  /** After the last piece was given back. */
  close(): Promise<void>
}

export interface Piece {
  readonly bytes: Uint8Array
  /** Once, when nobody reads from `bytes` any more. */
  giveBack(): void
}

interface SharedPiece {
  readonly memory: Buffer
  /** Bytes that the file had for it. */
  readonly filled: Promise<number>
  users: number
}

export function createFilePieces(): FilePieces {
  const pool = createPiecePool()
  /** By file and place, the one first read first. */
  const shared = new Map<string, SharedPiece>()
  let readers = 0

  const release = (key: string, piece: SharedPiece): void => {
    shared.delete(key)
    pool.giveBack(piece.memory)
  }
  /** Of those that nobody holds, the oldest makes room. */
  const largeMemory = (): Buffer | undefined => {
    const free = pool.takeLarge()
    if (free !== undefined) return free
    for (const [key, piece] of shared) {
      if (piece.users > 0) continue
      release(key, piece)
      return pool.takeLarge()
    }
    return undefined
  }
  const sharedPiece = (key: string, handle: FileHandle, at: number): SharedPiece | undefined => {
    const held = shared.get(key)
    if (held !== undefined) return held
    const memory = largeMemory()
    if (memory === undefined) return undefined
    const piece = { memory, filled: fill(memory, handle, at), users: 0 }
    shared.set(key, piece)
    return piece
  }

  async function takeShared(key: string, piece: SharedPiece, part: Part): Promise<Piece> {
    piece.users += 1
    const giveBack = (): void => {
      piece.users -= 1
    }
    try {
      const filled = await piece.filled
      if (filled <= part.start) throw new Error(`the file ends before ${part.start} of a piece`)
      return { bytes: piece.memory.subarray(part.start, Math.min(part.end, filled)), giveBack }
    } catch (error) {
      giveBack()
      // Whoever comes next reads anew.
      if (piece.users === 0 && shared.get(key) === piece) release(key, piece)
      throw error
    }
  }

  async function takeOwn(handle: FileHandle, at: number, end: number): Promise<Piece> {
    const memory = pool.takeSmall()
    const giveBack = (): void => pool.giveBack(memory)
    try {
      const { bytesRead } = await handle.read(memory, 0, Math.min(memory.length, end - at), at)
      if (bytesRead === 0) throw new Error(`the file ends before ${at}`)
      return { bytes: memory.subarray(0, bytesRead), giveBack }
    } catch (error) {
      giveBack()
      throw error
    }
  }

  return {
    async open(path) {
      const handle = await open(path, 'r')
      const file = await handle.stat().catch(async (error: unknown) => {
        await handle.close()
        throw error
      })
      // What is written over, or put in its place, is another file.
      const identity = `${file.dev}:${file.ino}:${file.mtimeMs}:${file.size}`
      readers += 1
      return {
        async take(at, end, wanted) {
          const start = at - (at % LARGE_PIECE_BYTES)
          const key = `${identity}:${start}`
          const piece = wanted === 'large' ? sharedPiece(key, handle, start) : undefined
          if (piece === undefined) return await takeOwn(handle, at, end)
          return await takeShared(key, piece, { start: at - start, end: end - start })
        },
        async close() {
          readers -= 1
          if (readers === 0) for (const [key, piece] of shared) release(key, piece)
          await handle.close()
        },
      }
    },
    heldBytes: () => pool.lentBytes(),
  }
}

/** Of a large piece. */
interface Part {
  readonly start: number
  readonly end: number
}

/** Reads until the memory is full or the file is at its end. */
async function fill(memory: Buffer, handle: FileHandle, at: number): Promise<number> {
  let filled = 0
  while (filled < memory.length) {
    const { bytesRead } = await handle.read(memory, filled, memory.length - filled, at + filled)
    if (bytesRead === 0) break
    filled += bytesRead
  }
  return filled
}
