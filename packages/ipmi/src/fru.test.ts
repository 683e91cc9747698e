import { fromHex } from '@brickyard/std/hex'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeFru, encodeFru, FRU_BYTES_MAX, fruExtent } from './fru.ts'

const SLED = {
  chassis: { type: 0x17, partNumber: 'CP-1', serial: 'C123' },
  board: { manufacturer: 'Acme', product: 'Board', serial: 'B42', partNumber: 'BP' },
  product: {
    manufacturer: 'Acme',
    product: 'O19 half',
    partNumber: 'PN',
    version: '1',
    serial: 'S777',
    assetTag: '',
  },
}

// Made by hand from "Platform Management FRU Information Storage Definition" 1.0.
const HAND_MADE = [
  '01 00 00 00 01 00 00 fe', // header: format 1, product area at 8, checksum
  '01 05 19', // product area: format 1, 40 bytes, English
  'c4 41 63 6d 65', // manufacturer: 8-bit text
  '83 29 dc a6', // product: 6-bit ASCII, the specification's own example (§13.2)
  '43 12 34 5b', // part number: BCD plus
  '02 de ad', // version: binary
  'c0 c0 c0 c1', // serial, asset tag and file id empty; end of fields
  '00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00', // padding
  '07', // checksum
].join(' ')

const bytes = (hex: string): Uint8Array => {
  const parsed = fromHex(hex)
  if (!parsed.ok) throw new Error(parsed.error)
  return parsed.value
}

describe('FRU inventory', () => {
  it('reads every way of writing text', () => {
    expect(decodeFru(bytes(HAND_MADE))).toEqual({
      ok: true,
      value: {
        chassis: undefined,
        board: undefined,
        product: {
          manufacturer: 'Acme',
          product: 'IPMI',
          partNumber: '12345-',
          version: 'dead',
          serial: '',
          assetTag: '',
        },
        damaged: [],
      },
    })
  })

  it('gives back what was written', () => {
    expect(decodeFru(encodeFru(SLED))).toEqual({ ok: true, value: { ...SLED, damaged: [] } })
    const board = { chassis: undefined, board: SLED.board, product: undefined }
    expect(decodeFru(encodeFru(board))).toEqual({ ok: true, value: { ...board, damaged: [] } })
  })

  it('keeps the good areas when one is damaged, and says which is not', () => {
    const fru = encodeFru(SLED)
    const boardAt = (fru[3] as number) * 8
    fru[boardAt + 7] = (fru[boardAt + 7] as number) ^ 0xff
    const read = decodeFru(fru)
    expect(read).toMatchObject({
      value: { board: undefined, product: SLED.product, chassis: SLED.chassis },
    })
    expect(read.ok ? read.value.damaged : []).toEqual(['board area: checksum is wrong'])
  })

  it('keeps a text of one character apart from the end mark', () => {
    const fru = { ...SLED, product: { ...SLED.product, product: 'A', serial: 'behind it' } }
    expect(decodeFru(encodeFru(fru))).toMatchObject({ value: { product: fru.product } })
  })

  it('tells a reader how far to read, and never beyond reason', () => {
    const fru = encodeFru(SLED)
    expect(fruExtent(fru.subarray(0, 0))).toBe(8)
    expect(fruExtent(fru.subarray(0, 8))).toBeGreaterThan(8)
    expect(fruExtent(fru)).toBe(fru.length)
    expect(fruExtent(new Uint8Array(300).fill(0xff))).toBe(8)
  })

  it('takes any bytes without throwing', () => {
    const mangled = fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 }))
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 256 }), (noise) => {
        decodeFru(noise)
        expect(fruExtent(noise)).toBeLessThanOrEqual(FRU_BYTES_MAX)
      }),
    )
    fc.assert(
      fc.property(fc.array(mangled, { maxLength: 6 }), (changes) => {
        const fru = encodeFru(SLED)
        for (const [at, value] of changes) fru[at % fru.length] = value
        const read = decodeFru(fru)
        expect(typeof read.ok).toBe('boolean')
      }),
    )
  })
})
