import { SiteName, SledName } from '@brickyard/model/names'
import { recordingLog } from '@brickyard/sim/recording-log'
import { seededRandom } from '@brickyard/sim/seeded-random'
import { virtualClock } from '@brickyard/sim/virtual-clock'
import { Days, KiB, MiB, Seconds } from '@brickyard/std/units'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { sqliteDialect } from '../node/sqlite.ts'
import { listRecords, pruneRecords, readParts, RECORD_BYTES_MAX } from '../store/console-records.ts'
import { openHubStore, type HubStore } from '../store/hub-store.ts'
import { createConsoleRecord } from './console-record.ts'

const named = <T>(parsed: { ok: true; value: T } | { ok: false; error: string }): T => {
  if (!parsed.ok) throw new Error(parsed.error)
  return parsed.value
}
const SITE = named(SiteName.parse('tower'))
const SLED = named(SledName.parse('sled-01'))
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

describe('the record of a console', () => {
  const clock = virtualClock()
  const random = seededRandom('record')
  let store: HubStore

  beforeEach(async () => {
    store = await openHubStore(sqliteDialect(':memory:'))
  })
  afterEach(() => store.close())

  const begin = () =>
    createConsoleRecord({ site: SITE, sled: SLED, store, clock, random, log: recordingLog() })
  const records = () => store.read((tx) => listRecords(tx, SITE, SLED))
  const newest = async (): Promise<string[]> => {
    const [record] = await records()
    const parts = await store.read((tx) => readParts(tx, record?.id ?? '', 0))
    return parts.map(({ what, by_whom, first_byte, data }) =>
      [what, by_whom, first_byte, Buffer.from(data, 'base64').toString()].join(' '),
    )
  }
  /** The store is real: what was handed to it is written in its own time. */
  const written = async (): Promise<void> => {
    await clock.advance(Seconds(3))
    await new Promise((resolve) => setTimeout(resolve, 50))
  }

  it('joins what follows, and keeps apart who did what', async () => {
    const record = begin()
    record.note('ann', 'joined')
    record.printed('ring', 100, bytes('log'))
    record.printed('ring', 103, bytes('in: '))
    for (const key of 'root\r') record.typed('ann', bytes(key))
    record.typed('bob', bytes('x'))
    record.printed('ring', 107, bytes('root'))
    await written()
    expect(await newest()).toEqual([
      'note ann  joined',
      'printed  100 login: ',
      'typed ann  root\r',
      'typed bob  x',
      'printed  107 root',
    ])
  })

  it('writes no byte of a ring twice, in this record or the next', async () => {
    const first = begin()
    first.printed('ring', 0, bytes('one two '))
    first.end()
    await written()
    await clock.advance(Seconds(1))
    const second = begin()
    second.printed('ring', 4, bytes('two three'))
    second.printed('other', 0, bytes('anew'))
    second.end()
    await written()
    expect(await newest()).toEqual(['printed  8 three', 'printed  0 anew'])
    expect(await second.upTo()).toEqual({ ring: 'other', offset: 4 })
  })

  it('is cut at its bound, and still says who was there', async () => {
    const record = begin()
    let at = 0
    for (; at < RECORD_BYTES_MAX + MiB(1); at += KiB(500)) {
      record.printed('ring', at, new Uint8Array(KiB(500)))
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
    record.printed('ring', at, bytes('small enough'))
    record.note('ann', 'left')
    record.end()
    await written()
    const [held] = await records()
    expect(held?.cut).toBe(1)
    expect(Number(held?.bytes)).toBeLessThanOrEqual(RECORD_BYTES_MAX + KiB(1))
    const parts = await store.read((tx) => readParts(tx, held?.id ?? '', 30))
    expect(parts.at(-1)?.what).toBe('note')
    expect(parts.at(-2)?.bytes).toBe(KiB(500))
  })

  it('goes after ninety days', async () => {
    const record = begin()
    record.note('ann', 'joined')
    record.end()
    await written()
    await store.write((tx) => pruneRecords(tx, clock.wallMs() + Days(89)))
    expect(await records()).toHaveLength(1)
    await store.write((tx) => pruneRecords(tx, clock.wallMs() + Days(91)))
    expect(await records()).toEqual([])
  })
})
