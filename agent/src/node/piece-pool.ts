import { KiB } from '@brickyard/std/units'

/** What every reader may hold, however slow it is: 512 connections make 32 MiB of it. */
export const SMALL_PIECE_BYTES = KiB(64)
/**
 * What readers that keep up share: fewer turns between disk and socket for the same bytes. One of a
 * megabyte no longer lies in a core's own cache until the last reader has taken it, and costs more.
 */
export const LARGE_PIECE_BYTES = KiB(512)
/**
 * Large pieces out at once (24 MiB): two for each of 24 readers that read alone. What readers of one
 * file do not hold themselves is kept for those who are that much behind.
 */
const LARGE_PIECES_MAX = 48
/** Small pieces kept for the next reader; the others go back to the system. */
const SMALL_PIECES_KEPT = 64

/** Buffers for sending files, lent out and taken back: memory does not grow with readers or files. */
export interface PiecePool {
  takeSmall(): Buffer
  /** Undefined where all are out. */
  takeLarge(): Buffer | undefined
  /** Only once nobody reads from it any more. */
  giveBack(piece: Buffer): void
  /** Bytes that are out. */
  lentBytes(): number
}

export function createPiecePool(): PiecePool {
  const small: Buffer[] = []
  const large: Buffer[] = []
  let smallLent = 0
  let largeLent = 0
  return {
    takeSmall() {
      smallLent += 1
      return small.pop() ?? Buffer.allocUnsafeSlow(SMALL_PIECE_BYTES)
    },
    takeLarge() {
      if (largeLent === LARGE_PIECES_MAX) return undefined
      largeLent += 1
      return large.pop() ?? Buffer.allocUnsafeSlow(LARGE_PIECE_BYTES)
    },
    giveBack(piece) {
      if (piece.length === LARGE_PIECE_BYTES) {
        largeLent -= 1
        large.push(piece)
      } else {
        smallLent -= 1
        if (small.length < SMALL_PIECES_KEPT) small.push(piece)
        else release(piece)
      }
      // Between deployments, which is nearly always, nothing is kept.
      if (smallLent + largeLent > 0) return
      for (const kept of [...small.splice(0), ...large.splice(0)]) release(kept)
    },
    lentBytes: () => smallLent * SMALL_PIECE_BYTES + largeLent * LARGE_PIECE_BYTES,
  }
}

/** Back to the system at once: an agent that has little to do collects no garbage for hours. */
function release(piece: Buffer): void {
  const { buffer } = piece
  if (buffer instanceof ArrayBuffer) buffer.transfer(0)
}
