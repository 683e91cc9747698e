import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fromHex, toHex } from './hex.ts'

describe('hex', () => {
  it('round-trips any bytes with any separator', () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.constantFrom('', ':', ' ', '-'), (bytes, separator) => {
        expect(fromHex(toHex(bytes, separator))).toEqual({ ok: true, value: bytes })
      }),
    )
  })

  it('refuses odd lengths and other letters', () => {
    expect(fromHex('abc')).toMatchObject({ ok: false })
    expect(fromHex('zz')).toMatchObject({ ok: false })
  })
})
