import { describe, expect, it } from 'vitest'
import { FrameStream, framed } from './frame-stream.ts'

const A = Uint8Array.of(1, 2, 3)
const B = new Uint8Array(300).fill(9)

describe('frames in a stream', () => {
  it('come out as they went in, however they are cut', () => {
    const bytes = Uint8Array.of(...framed(A), ...framed(B), ...framed(A))
    expect(framed(A)).toEqual(Uint8Array.of(0, 0, 0, 3, 1, 2, 3))
    for (let size = 1; size <= bytes.length; size++) {
      const stream = new FrameStream()
      const frames: Uint8Array[] = []
      for (let at = 0; at < bytes.length; at += size) {
        frames.push(...(stream.take(bytes.subarray(at, at + size)) ?? []))
      }
      expect(frames).toEqual([A, B, A])
    }
  })

  it('that are longer than any frame are none', () => {
    expect(new FrameStream().take(Uint8Array.of(0, 1, 0, 1))).toBeUndefined()
  })
})
