import { assert } from '@brickyard/std/assert'

const CAPACITY_FIRST_BYTES = 4096

/** A stretch of a stream: `at` is the offset of its first byte. */
export interface RingPiece {
  readonly at: number
  readonly bytes: Uint8Array
}

/**
 * The newest bytes of a stream that never ends, by their offset from its beginning. It grows with
 * what it holds, up to `bytesMax`; then the oldest bytes go.
 */
export class ByteRing {
  readonly bytesMax: number
  #bytes = new Uint8Array(0)
  #first: number
  #end: number

  /** `at`: the offset that the first byte will have. */
  constructor(bytesMax: number, at = 0) {
    assert(bytesMax >= 1, 'a ring holds at least one byte')
    this.bytesMax = bytesMax
    this.#first = at
    this.#end = at
  }

  /** Offset of the oldest byte that is still here. */
  get first(): number {
    return this.#first
  }

  /** Offset behind the newest byte. */
  get end(): number {
    return this.#end
  }

  append(bytes: Uint8Array): void {
    const kept = bytes.subarray(Math.max(0, bytes.length - this.bytesMax))
    const end = this.#end + bytes.length
    const first = Math.max(this.#first, end - this.bytesMax)
    this.#grow(end - first)
    this.#first = first
    this.#end = end
    this.#put(end - kept.length, kept)
  }

  /** Up to `bytesMax` bytes from `offset` on; where those are gone already, from the oldest on. */
  read(offset: number, bytesMax: number): RingPiece {
    const at = Math.min(Math.max(offset, this.#first), this.#end)
    const count = Math.min(bytesMax, this.#end - at)
    const bytes = new Uint8Array(count)
    const start = this.#slot(at)
    const head = Math.min(count, this.#bytes.length - start)
    bytes.set(this.#bytes.subarray(start, start + head))
    bytes.set(this.#bytes.subarray(0, count - head), head)
    return { at, bytes }
  }

  #slot(offset: number): number {
    return this.#bytes.length === 0 ? 0 : offset % this.#bytes.length
  }

  #grow(wanted: number): void {
    if (wanted <= this.#bytes.length) return
    const held = this.read(this.#first, this.#end - this.#first)
    let capacity = Math.max(CAPACITY_FIRST_BYTES, this.#bytes.length)
    while (capacity < wanted) capacity *= 2
    this.#bytes = new Uint8Array(Math.min(capacity, this.bytesMax))
    this.#put(held.at, held.bytes)
  }

  #put(offset: number, bytes: Uint8Array): void {
    const start = this.#slot(offset)
    const head = Math.min(bytes.length, this.#bytes.length - start)
    this.#bytes.set(bytes.subarray(0, head), start)
    this.#bytes.set(bytes.subarray(head), 0)
  }
}
