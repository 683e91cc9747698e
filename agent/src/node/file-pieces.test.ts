import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { seededRandom } from '@brickyard/sim/seeded-random'
import { MiB } from '@brickyard/std/units'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createFilePieces, type Piece } from './file-pieces.ts'
import { LARGE_PIECE_BYTES, SMALL_PIECE_BYTES } from './piece-pool.ts'

const LARGE = LARGE_PIECE_BYTES
const CONTENT = Buffer.from(Uint8Array.from({ length: 3 * LARGE + 5 }, (_, n) => (n * 31) >> 3))
/** Far more than is ever in memory. */
const SPARSE_BYTES = MiB(64)

let folder: string
let path: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'brickyard-pieces-'))
  path = join(folder, 'content')
  writeFileSync(path, CONTENT)
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

describe('pieces of a file', () => {
  it('are read once for all who want them while they are kept', async () => {
    const pieces = createFilePieces()
    const [one, other] = [await pieces.open(path), await pieces.open(path)]
    const [first, same] = await Promise.all([
      one.take(0, CONTENT.length, 'large'),
      other.take(0, CONTENT.length, 'large'),
    ])
    expect(first.bytes.buffer).toBe(same.bytes.buffer)
    expect(pieces.heldBytes()).toBe(LARGE)
    first.giveBack()
    same.giveBack()
    const later = await other.take(7, 20, 'large')
    expect(later.bytes.buffer).toBe(first.bytes.buffer)
    expect(CONTENT.subarray(7, 20).equals(later.bytes)).toBe(true)
    later.giveBack()
    await one.close()
    expect(pieces.heldBytes()).toBe(LARGE)
    await other.close()
    expect(pieces.heldBytes()).toBe(0)
    // The memory itself is gone, without a wait for the garbage collector.
    expect(first.bytes.buffer.byteLength).toBe(0)
  })

  it('are those of the file that was opened, whatever takes its place', async () => {
    const pieces = createFilePieces()
    const before = await pieces.open(path)
    const old = await before.take(0, LARGE, 'large')
    rmSync(path)
    writeFileSync(path, CONTENT.toReversed())
    const after = await pieces.open(path)
    const now = await after.take(0, LARGE, 'large')
    expect(CONTENT.subarray(0, LARGE).equals(old.bytes)).toBe(true)
    expect(Buffer.from(CONTENT.toReversed()).subarray(0, LARGE).equals(now.bytes)).toBe(true)
    for (const piece of [old, now]) piece.giveBack()
    for (const reader of [before, after]) await reader.close()
  })

  it('are small and not shared where all large ones are held, and bounded in all', async () => {
    truncateSync(path, SPARSE_BYTES)
    const pieces = createFilePieces()
    const reader = await pieces.open(path)
    const held: Piece[] = []
    for (let at = 0; at < SPARSE_BYTES; at += LARGE) {
      held.push(await reader.take(at, SPARSE_BYTES, 'large'))
    }
    const large = held.filter(({ bytes }) => bytes.length === LARGE).length
    expect(large).toBe(MiB(24) / LARGE)
    expect(pieces.heldBytes()).toBe(large * LARGE + (held.length - large) * SMALL_PIECE_BYTES)
    for (const piece of held.splice(0)) piece.giveBack()
    // What nobody holds makes room, the oldest first.
    const piece = await reader.take(SPARSE_BYTES - LARGE, SPARSE_BYTES, 'large')
    expect(piece.bytes.length).toBe(LARGE)
    expect(pieces.heldBytes()).toBe(MiB(24))
    piece.giveBack()
    await reader.close()
    expect(pieces.heldBytes()).toBe(0)
  })

  it('fail where the file has become shorter, for each who asks, and hold nothing', async () => {
    const pieces = createFilePieces()
    const readers = [await pieces.open(path), await pieces.open(path)]
    truncateSync(path, 10)
    const taken = await Promise.allSettled(
      readers.flatMap((reader) =>
        (['small', 'large'] as const).map((wanted) => reader.take(LARGE, CONTENT.length, wanted)),
      ),
    )
    expect(taken.map(({ status }) => status)).toEqual(taken.map(() => 'rejected'))
    const start = await readers[0]?.take(0, CONTENT.length, 'large')
    expect(start?.bytes.length).toBe(10)
    start?.giveBack()
    for (const reader of readers) await reader.close()
    expect(pieces.heldBytes()).toBe(0)
  })

  it('make up the file for readers at any place and pace', async () => {
    const seed = String(Date.now())
    const random = seededRandom(seed)
    const pieces = createFilePieces()
    const read = async (): Promise<void> => {
      const start = random.below(CONTENT.length)
      const end = start + 1 + random.below(CONTENT.length - start)
      const reader = await pieces.open(path)
      for (let at = start; at < end;) {
        const { bytes, giveBack } = await reader.take(at, end, random.below(4) ? 'large' : 'small')
        for (let pause = random.below(3); pause > 0; pause--) await new Promise(setImmediate)
        expect(CONTENT.subarray(at, at + bytes.length).equals(bytes), `seed ${seed}`).toBe(true)
        at += bytes.length
        expect(at).toBeLessThanOrEqual(end)
        giveBack()
      }
      await reader.close()
    }
    await Promise.all(Array.from({ length: 40 }, read))
    expect(pieces.heldBytes()).toBe(0)
  })
})
