import { assert } from './assert.ts'

/**
 * Reads big-endian (and, where named, little-endian) integers and byte runs from a datagram.
 * Never throws on short input: a read past the end gives zeroes and sets `short`, so a decoder
 * reads a whole header and asks once whether the bytes were there.
 */
export class ByteReader {
  readonly bytes: Uint8Array
  offset: number
  readonly end: number
  short = false

  constructor(bytes: Uint8Array, offset = 0, end = bytes.length) {
    assert(offset >= 0 && offset <= end && end <= bytes.length, 'reader bounds')
    this.bytes = bytes
    this.offset = offset
    this.end = end
  }

  get remaining(): number {
    return this.end - this.offset
  }

  #take(count: number): number {
    const at = this.offset
    if (count > this.end - at) {
      this.short = true
      this.offset = this.end
      return -1
    }
    this.offset = at + count
    return at
  }

  u8(): number {
    const at = this.#take(1)
    return at < 0 ? 0 : (this.bytes[at] as number)
  }

  u16(): number {
    const at = this.#take(2)
    return at < 0 ? 0 : ((this.bytes[at] as number) << 8) | (this.bytes[at + 1] as number)
  }

  u16le(): number {
    const at = this.#take(2)
    return at < 0 ? 0 : ((this.bytes[at + 1] as number) << 8) | (this.bytes[at] as number)
  }

  u24le(): number {
    return this.u16le() + this.u8() * 0x10000
  }

  u32(): number {
    return this.u16() * 0x10000 + this.u16()
  }

  u32le(): number {
    return this.u16le() + this.u16le() * 0x10000
  }

  /** A view (not a copy) of the next `count` bytes; empty and `short` when they are not there. */
  take(count: number): Uint8Array {
    const at = this.#take(count)
    return at < 0 ? this.bytes.subarray(0, 0) : this.bytes.subarray(at, at + count)
  }

  skip(count: number): void {
    this.#take(count)
  }

  /** A view of everything left. */
  rest(): Uint8Array {
    return this.take(this.remaining)
  }
}

/** Builds a packet; grows as needed. Values out of range are our own bug and assert. */
export class ByteWriter {
  #bytes: Uint8Array
  length = 0

  constructor(capacity = 256) {
    this.#bytes = new Uint8Array(capacity)
  }

  #room(count: number): number {
    const at = this.length
    if (at + count > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(this.#bytes.length * 2, at + count))
      grown.set(this.#bytes)
      this.#bytes = grown
    }
    this.length = at + count
    return at
  }

  u8(value: number): this {
    assert(Number.isInteger(value) && value >= 0 && value <= 0xff, `u8 out of range: ${value}`)
    const at = this.#room(1)
    this.#bytes[at] = value
    return this
  }

  u16(value: number): this {
    assert(Number.isInteger(value) && value >= 0 && value <= 0xffff, `u16 out of range: ${value}`)
    const at = this.#room(2)
    this.#bytes[at] = value >>> 8
    this.#bytes[at + 1] = value & 0xff
    return this
  }

  u16le(value: number): this {
    assert(Number.isInteger(value) && value >= 0 && value <= 0xffff, `u16 out of range: ${value}`)
    const at = this.#room(2)
    this.#bytes[at] = value & 0xff
    this.#bytes[at + 1] = value >>> 8
    return this
  }

  u32(value: number): this {
    assert(Number.isInteger(value) && value >= 0 && value <= 0xffffffff, `u32: ${value}`)
    return this.u16(Math.floor(value / 0x10000)).u16(value % 0x10000)
  }

  u32le(value: number): this {
    assert(Number.isInteger(value) && value >= 0 && value <= 0xffffffff, `u32: ${value}`)
    return this.u16le(value % 0x10000).u16le(Math.floor(value / 0x10000))
  }

  put(bytes: Uint8Array): this {
    const at = this.#room(bytes.length)
    this.#bytes.set(bytes, at)
    return this
  }

  zeroes(count: number): this {
    const at = this.#room(count)
    this.#bytes.fill(0, at, at + count)
    return this
  }

  /** Overwrites one byte already written, for lengths and checksums known only at the end. */
  patchU8(at: number, value: number): this {
    assert(at >= 0 && at < this.length, `patch outside what was written: ${at}`)
    this.#bytes[at] = value & 0xff
    return this
  }

  /** A copy of what was written. */
  done(): Uint8Array {
    return this.#bytes.slice(0, this.length)
  }
}
