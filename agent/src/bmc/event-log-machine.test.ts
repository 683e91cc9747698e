import type { LogEntry } from '@brickyard/bmc/log'
import { Hours } from '@brickyard/std/units'
import { describe, expect, it } from 'vitest'
import { FRESH_MAX, takeLog, troubleOf, type LogMarker } from './event-log-machine.ts'

const NOW_MS = 1_795_132_800_000

const entry = (id: number, more: Partial<LogEntry> = {}): LogEntry => ({
  id: String(id),
  atMs: NOW_MS + id,
  health: 'ok',
  text: `event ${id}`,
  raw: `${id.toString(16).padStart(4, '0')} 02`,
  ...more,
})
const entries = (first: number, last: number): LogEntry[] =>
  Array.from({ length: last - first + 1 }, (_, at) => entry(first + at))
const take = (before: LogMarker | undefined, list: readonly LogEntry[], overflowed = false) =>
  takeLog(before, { entries: list, overflowed }, NOW_MS)
const ids = (list: readonly LogEntry[]) => list.map(({ id }) => Number(id))

describe('an event log', () => {
  it('is told once, entry by entry', () => {
    const first = take(undefined, entries(1, 3))
    expect(ids(first.fresh)).toEqual([1, 2, 3])
    expect(take(first.marker, entries(1, 3)).fresh).toEqual([])
    const second = take(first.marker, entries(1, 5))
    expect(ids(second.fresh)).toEqual([4, 5])
    expect(second.news).toEqual([])
  })

  it('that goes round tells what is new and nothing of being cleared', () => {
    const first = take(undefined, entries(1, 10))
    const second = take(first.marker, entries(4, 13))
    expect(ids(second.fresh)).toEqual([11, 12, 13])
    expect(second.news).toEqual([])
    const third = take(second.marker, entries(50, 59))
    expect(ids(third.fresh)).toEqual(ids(entries(50, 59)))
    expect(third.news.map(({ what }) => what)).toEqual(['lost'])
  })

  it('that was cleared says so, and its first entry under an old number is told', () => {
    const first = take(undefined, entries(1, 3))
    const again = entry(1, { atMs: NOW_MS + 99, raw: '0001 02 63' })
    const second = take(first.marker, [again])
    expect(second.news).toEqual([{ what: 'cleared', text: 'it was cleared: 3 entries are gone' }])
    expect(second.fresh).toEqual([again])
    expect(second.marker.clearings).toBe(1)
    expect(take(second.marker, [again]).news).toEqual([])
    expect(troubleOf(second.marker, NOW_MS)).toBe('it was cleared: 3 entries are gone')
    expect(troubleOf(second.marker, NOW_MS + Hours(24))).toBe(undefined)
    expect(take(first.marker, []).news.map(({ what }) => what)).toEqual(['cleared'])
    const deleted = take(first.marker, entries(1, 2))
    expect(deleted.news[0]?.text).toContain('an entry was deleted')
  })

  it('of a BMC without a clock is told apart by its bytes', () => {
    const at3s = entry(1, { atMs: undefined, raw: '0100 02 03000000' })
    const at9s = entry(1, { atMs: undefined, raw: '0100 02 09000000' })
    const first = take(undefined, [at3s])
    expect(take(first.marker, [at3s]).fresh).toEqual([])
    expect(take(first.marker, [at9s]).fresh).toEqual([at9s])
  })

  it('of a BMC whose clock jumped is in the order it was written', () => {
    const back = [entry(1), entry(2, { atMs: NOW_MS - Hours(1000) }), entry(3)]
    expect(ids(take(take(undefined, [entry(1)]).marker, back).fresh)).toEqual([2, 3])
  })

  it('over Redfish stays itself when its links change', () => {
    const first = take(undefined, [entry(1, { raw: '{"@odata.etag":"1"}' })])
    expect(take(first.marker, [entry(1, { raw: '{"@odata.etag":"2"}' })]).fresh).toEqual([])
  })

  it('with years in it is told by its newest, with how many were left out', () => {
    const first = take(undefined, entries(1, 500))
    expect(first.fresh).toHaveLength(FRESH_MAX)
    expect(first.fresh.at(-1)?.id).toBe('500')
    expect(first.news[0]?.text).toContain(`${500 - FRESH_MAX} older entries`)
    expect(take(first.marker, entries(1, 500))).toMatchObject({ fresh: [], news: [] })
  })

  it('that is full says so once, and is a trouble while it is', () => {
    const first = take(undefined, entries(1, 2), true)
    expect(first.news.map(({ what }) => what)).toEqual(['overflowed'])
    expect(take(first.marker, entries(1, 2), true).news).toEqual([])
    expect(troubleOf(first.marker, NOW_MS)).toContain('full')
    const emptied = take(first.marker, [], false).marker
    expect(troubleOf(emptied, NOW_MS)).toBe('it was cleared: 2 entries are gone')
    expect(troubleOf(emptied, NOW_MS + Hours(24))).toBe(undefined)
  })

  it('is a trouble for a day after a critical entry that is news', () => {
    const bad = entry(2, { health: 'critical', text: 'PSU 1: failure' })
    expect(troubleOf(take(undefined, [bad]).marker, NOW_MS)).toBe(undefined)
    const { marker } = take(take(undefined, [entry(1)]).marker, [entry(1), bad])
    expect(troubleOf(marker, NOW_MS + Hours(23))).toBe('it says critical: PSU 1: failure')
    expect(troubleOf(marker, NOW_MS + Hours(24))).toBe(undefined)
    expect(troubleOf(take(marker, [entry(1), bad, entry(3)]).marker, NOW_MS)).toContain('PSU 1')
  })
})
