import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { open } from 'node:fs/promises'

const PIECE_BYTES = 4 * 1024 * 1024
/** Protective MBR, GPT header and 128 entries: the seed's partition and a longer disk change them. */
const TABLE_BYTES = 34 * 512
const CANARY = 'BRICKYARD-CANARY'

/** Reads a file piece by piece; `look` answers false to stop. */
function forEachPiece(
  path: string,
  lengthMax: number,
  look: (piece: Uint8Array, at: number) => boolean,
): void {
  const fd = openSync(path, 'r')
  try {
    const length = Math.min(fstatSync(fd).size, lengthMax)
    const buffer = new Uint8Array(PIECE_BYTES)
    for (let at = 0; at < length;) {
      const count = readSync(fd, buffer, 0, Math.min(PIECE_BYTES, length - at), at)
      if (count === 0 || !look(buffer.subarray(0, count), at)) return
      at += count
    }
  } finally {
    closeSync(fd)
  }
}

/**
 * Compares a sled's disk with the raw image, byte by byte, but for the partition table (which the
 * seed's partition changes). Gives the offset of the first difference, or undefined.
 */
export function firstDifference(diskPath: string, rawPath: string): number | undefined {
  const raw = openSync(rawPath, 'r')
  try {
    const wanted = new Uint8Array(PIECE_BYTES)
    let difference: number | undefined
    forEachPiece(diskPath, fstatSync(raw).size, (piece, at) => {
      readSync(raw, wanted, 0, piece.length, at)
      const from = at === 0 ? TABLE_BYTES : 0
      const same = Buffer.compare(piece.subarray(from), wanted.subarray(from, piece.length)) === 0
      if (same) return true
      const index = piece.findIndex((byte, n) => n >= from && byte !== wanted[n])
      difference = at + index
      return false
    })
    return difference
  } finally {
    closeSync(raw)
  }
}

/** Sows a pattern over every byte of a disk that is off. */
export async function sowCanary(diskPath: string): Promise<void> {
  const piece = Buffer.alloc(PIECE_BYTES, CANARY)
  const disk = await open(diskPath, 'r+')
  try {
    const { size } = await disk.stat()
    for (let at = 0; at < size; at += PIECE_BYTES) {
      await disk.write(piece, 0, Math.min(PIECE_BYTES, size - at), at)
    }
  } finally {
    await disk.close()
  }
}

/** Offset of the first byte that is not zero; undefined when the whole disk is zero. */
export function firstByteLeft(diskPath: string): number | undefined {
  let left: number | undefined
  const zeroes = Buffer.alloc(PIECE_BYTES)
  forEachPiece(diskPath, Number.MAX_SAFE_INTEGER, (piece, at) => {
    if (Buffer.compare(piece, zeroes.subarray(0, piece.length)) === 0) return true
    left = at + piece.findIndex((byte) => byte !== 0)
    return false
  })
  return left
}
