import { fromHex } from '@brickyard/std/hex'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeFru, encodeFru } from './fru.ts'
import {
  decodeFruRecords,
  fruRecordsAt,
  fruRecordsExtent,
  withFruRecords,
  type FruRecord,
} from './fru-records.ts'

const PRODUCT = {
  chassis: undefined,
  board: undefined,
  product: {
    manufacturer: 'Acme',
    product: 'O19 half',
    partNumber: 'PN',
    version: '1',
    serial: 'S777',
    assetTag: '',
  },
}
const RECORDS: readonly FruRecord[] = [
  {
    kind: 'power-supply',
    capacityWatts: 800,
    peakVoltAmperes: 900,
    inputMillivoltsMin: 180_000,
    inputMillivoltsMax: 264_000,
    hotSwap: true,
    predictsFailure: false,
  },
  {
    kind: 'dc-output',
    output: 1,
    nominalMillivolts: 12_000,
    millivoltsMin: 11_400,
    millivoltsMax: 12_600,
    milliamperesMin: 0,
    milliamperesMax: 60_000,
  },
  {
    kind: 'dc-load',
    output: 2,
    nominalMillivolts: -12_000,
    millivoltsMin: -12_600,
    millivoltsMax: -11_400,
    milliamperesMin: 10,
    milliamperesMax: 500,
  },
  { kind: 'management-access', what: 1, text: 'https://sled.example/' },
  { kind: 'other', type: 4, data: Uint8Array.of(1, 2, 3) },
  { kind: 'oem', type: 0xc2, manufacturerId: 0x0a1234, data: Uint8Array.of(9, 8) },
]
const WHOLE = withFruRecords(encodeFru(PRODUCT), RECORDS)

// Made by hand from FRU 1.0 §16 and §18.2: common header, then one DC load and the end.
const HAND_MADE = [
  '01 00 00 00 00 01 00 fe', // multi-record area at 8
  '02 82 0d ee 81', // DC load, last record, format 2, 13 bytes, record and header checksum
  '01 b0 04 74 04 ec 04 00 00 0a 00 e8 03', // output 1: 12 V, 11.4 to 12.6 V, 10 mA to 1 A
].join('')

describe('the multi-record area', () => {
  it('gives back what was written, beside the other areas', () => {
    expect(decodeFruRecords(WHOLE)).toEqual({ records: RECORDS, damaged: [] })
    expect(decodeFru(WHOLE)).toMatchObject({ ok: true, value: { ...PRODUCT, damaged: [] } })
    expect(decodeFruRecords(encodeFru(PRODUCT))).toEqual({ records: [], damaged: [] })
  })

  it('reads a record made by hand', () => {
    const bytes = fromHex(HAND_MADE)
    expect(bytes.ok && decodeFruRecords(bytes.value)).toEqual({
      records: [
        {
          kind: 'dc-load',
          output: 1,
          nominalMillivolts: 12_000,
          millivoltsMin: 11_400,
          millivoltsMax: 12_600,
          milliamperesMin: 10,
          milliamperesMax: 1000,
        },
      ],
      damaged: [],
    })
  })

  it('keeps the good records when one is damaged, and stops at a damaged header', () => {
    const at = fruRecordsAt(WHOLE) ?? 0
    const content = WHOLE.slice()
    content[at + 6] = (content[at + 6] ?? 0) ^ 1
    expect(decodeFruRecords(content)).toEqual({
      records: RECORDS.slice(1),
      damaged: ['multi-record 0: checksum is wrong'],
    })
    const header = WHOLE.slice()
    header[at + 5 + 24] = 0x77
    expect(decodeFruRecords(header)).toEqual({
      records: RECORDS.slice(0, 1),
      damaged: ['multi-record 1: its header is damaged'],
    })
  })

  it('tells a reader how far to read', () => {
    const at = fruRecordsAt(WHOLE) ?? 0
    expect(fruRecordsExtent(WHOLE.subarray(0, 8))).toBe(at + 5)
    expect(fruRecordsExtent(WHOLE.subarray(0, at + 5))).toBe(at + 5 + 24 + 5)
    expect(fruRecordsExtent(WHOLE)).toBe(WHOLE.length)
    expect(fruRecordsExtent(encodeFru(PRODUCT))).toBe(0)
  })

  it('takes any bytes without throwing', () => {
    const changes = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { maxLength: 6 })
    fc.assert(
      fc.property(changes, fc.nat({ max: WHOLE.length }), (changed, cut) => {
        const bytes = WHOLE.slice(0, cut)
        if (cut > 0) for (const [at, value] of changed) bytes[at % cut] = value
        expect(decodeFruRecords(bytes).records.length).toBeLessThanOrEqual(64)
        expect(fruRecordsExtent(bytes)).toBeLessThan(64 * 260 + 2048)
      }),
      { numRuns: 500 },
    )
  })
})
