import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ExpiryHeap } from './expiry-heap.ts'

interface Entry {
  readonly expiresAtMs: number
}

describe('what ends next', () => {
  it('comes out in order of its time, whatever the order it went in', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(1000)), fc.nat(1000), (times, nowMs) => {
        const heap = new ExpiryHeap<Entry>(() => true)
        for (const expiresAtMs of times) heap.push({ expiresAtMs }, times.length)
        const over = heap.takeOver(nowMs).map(({ expiresAtMs }) => expiresAtMs)
        const expected = times.filter((at) => at <= nowMs).sort((a, b) => a - b)
        expect(over).toEqual(expected)
        expect(heap.size).toBe(times.length - expected.length)
      }),
    )
  })

  it('is not what was replaced, and that does not pile up', () => {
    let live: Entry | undefined
    const heap = new ExpiryHeap<Entry>((entry) => entry === live)
    for (let n = 0; n < 100_000; n++) {
      live = { expiresAtMs: 1e9 - n }
      heap.push(live, 1)
      expect(heap.size).toBeLessThan(2000)
    }
    expect(heap.takeOver(1e9)).toEqual([live])
  })
})
