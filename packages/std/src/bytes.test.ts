import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ByteReader, ByteWriter } from './bytes.ts'

describe('ByteReader', () => {
  it('reads big- and little-endian integers', () => {
    const reader = new ByteReader(
      Uint8Array.of(0x01, 0x02, 0x03, 0xff, 0xfe, 0xfd, 0xfc, 0x34, 0x12),
    )
    expect(reader.u8()).toBe(1)
    expect(reader.u16()).toBe(0x0203)
    expect(reader.u32()).toBe(0xfffefdfc)
    expect(reader.u16le()).toBe(0x1234)
    expect(reader.short).toBe(false)
  })

  it('gives zeroes and says so when bytes are missing', () => {
    const reader = new ByteReader(Uint8Array.of(1))
    expect(reader.u32()).toBe(0)
    expect(reader.short).toBe(true)
    expect(reader.take(1)).toHaveLength(0)
  })

  it('reads back what ByteWriter wrote', () => {
    fc.assert(
      fc.property(
        fc.nat(0xff),
        fc.nat(0xffff),
        fc.nat(0xffffffff),
        fc.uint8Array(),
        (a, b, c, d) => {
          const bytes = new ByteWriter(1).u8(a).u16(b).u16le(b).u32(c).u32le(c).put(d).done()
          const reader = new ByteReader(bytes)
          expect([reader.u8(), reader.u16(), reader.u16le(), reader.u32(), reader.u32le()]).toEqual(
            [a, b, b, c, c],
          )
          expect(reader.rest()).toEqual(d)
          expect(reader.short).toBe(false)
        },
      ),
    )
  })
})

describe('ByteWriter', () => {
  it('refuses a value that does not fit', () => {
    expect(() => new ByteWriter().u8(256)).toThrow('u8 out of range')
    expect(() => new ByteWriter().u16(-1)).toThrow('u16 out of range')
  })
})
