import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ByteRing } from './byte-ring.ts'

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)
const bytes = (words: string): Uint8Array => new TextEncoder().encode(words)

describe('a ring of bytes', () => {
  it('gives bytes by their offset, and says where they begin when older ones are gone', () => {
    const ring = new ByteRing(8)
    ring.append(bytes('abcde'))
    expect(text(ring.read(2, 100).bytes)).toBe('cde')
    ring.append(bytes('fghij'))
    const piece = ring.read(0, 100)
    expect([piece.at, text(piece.bytes)]).toEqual([2, 'cdefghij'])
    expect(ring.read(99, 100)).toEqual({ at: 10, bytes: new Uint8Array(0) })
  })

  it('begins where it is told to', () => {
    const ring = new ByteRing(8, 1000)
    ring.append(bytes('xy'))
    expect([ring.first, ring.end, text(ring.read(1001, 1).bytes)]).toEqual([1000, 1002, 'y'])
  })

  it('holds the same as a plain text cut to its end, whatever is appended and read', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 9000 }),
        fc.integer({ min: 0, max: 1e9 }),
        fc.array(fc.uint8Array({ maxLength: 6000 }), { maxLength: 12 }),
        fc.nat(20_000),
        fc.nat(20_000),
        (bytesMax, at, pieces, from, count) => {
          const ring = new ByteRing(bytesMax, at)
          const all: number[] = []
          for (const piece of pieces) {
            ring.append(piece)
            all.push(...piece)
          }
          const first = Math.max(0, all.length - bytesMax)
          expect([ring.first, ring.end]).toEqual([at + first, at + all.length])
          const start = Math.min(Math.max(from, first), all.length)
          const read = ring.read(at + from, count)
          expect(read.at).toBe(at + start)
          expect([...read.bytes]).toEqual(all.slice(start, start + count))
        },
      ),
      { numRuns: 200 },
    )
  })
})
