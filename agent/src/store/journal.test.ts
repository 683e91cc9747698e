import { openNodeStore } from '@brickyard/runtime/node/store'
import { migrate, type Sql, type Store } from '@brickyard/runtime/store'
import { Days } from '@brickyard/std/units'
import { describe, expect, it } from 'vitest'
import {
  ackedSeq,
  appendEvent,
  beginJournal,
  eventsAfter,
  firstSeq,
  lastSeq,
  latestEvents,
  noteAcknowledged,
  pruneJournal,
} from './journal.ts'
import { SITE_MIGRATIONS } from './migrations.ts'

function openJournal(): Store {
  const store = openNodeStore({ path: ':memory:', durable: false })
  migrate(store, SITE_MIGRATIONS)
  return store
}

const append = (sql: Sql, count: number, atMs = 0): void => {
  for (let n = 0; n < count; n++) appendEvent(sql, { atMs, kind: 'site.trouble', body: { n } })
}
const numbers = (sql: Sql): number[] => eventsAfter(sql, 0, 1000).map(({ seq }) => seq)

describe('journal', () => {
  it('numbers events from 1, in order, and gives those after a number', () => {
    openJournal().tx((sql) => {
      append(sql, 3)
      expect(numbers(sql)).toEqual([1, 2, 3])
      expect(eventsAfter(sql, 1, 1)).toEqual([
        { seq: 2, atMs: 0, kind: 'site.trouble', body: { n: 1 } },
      ])
      expect(latestEvents(sql, 2).map(({ seq }) => seq)).toEqual([3, 2])
    })
  })

  it('never gives a number twice, even after everything was pruned', () => {
    openJournal().tx((sql) => {
      append(sql, 3)
      noteAcknowledged(sql, 3, 0)
      pruneJournal(sql, { keepMs: 0, eventsMax: 10 }, 1)
      expect(numbers(sql)).toEqual([])
      append(sql, 1)
      expect(numbers(sql)).toEqual([4])
    })
  })

  it('takes an acknowledgement forwards only', () => {
    openJournal().tx((sql) => {
      append(sql, 5)
      noteAcknowledged(sql, 4, 0)
      noteAcknowledged(sql, 2, 0)
      expect(ackedSeq(sql)).toBe(4)
    })
  })

  it('keeps acknowledged events for their time, and unacknowledged ones beyond it', () => {
    openJournal().tx((sql) => {
      append(sql, 4)
      noteAcknowledged(sql, 2, 1000)
      const bounds = { keepMs: Days(7), eventsMax: 100 }
      expect(pruneJournal(sql, bounds, 1000 + Days(7))).toBeUndefined()
      expect(numbers(sql)).toEqual([1, 2, 3, 4])
      expect(pruneJournal(sql, bounds, 1001 + Days(7))).toBeUndefined()
      expect(numbers(sql)).toEqual([3, 4])
    })
  })

  it('at its bound drops acknowledged events first, without a word', () => {
    openJournal().tx((sql) => {
      append(sql, 10)
      noteAcknowledged(sql, 4, 0)
      expect(pruneJournal(sql, { keepMs: Days(7), eventsMax: 7 }, 0)).toBeUndefined()
      expect(numbers(sql)).toEqual([4, 5, 6, 7, 8, 9, 10])
    })
  })

  it('says which unacknowledged events had to go', () => {
    openJournal().tx((sql) => {
      append(sql, 10)
      noteAcknowledged(sql, 2, 0)
      const lost = pruneJournal(sql, { keepMs: Days(7), eventsMax: 5 }, 0)
      expect(lost).toEqual({ count: 3, first: 3, last: 5 })
      expect(numbers(sql)).toEqual([6, 7, 8, 9, 10])
    })
  })

  it('says its oldest event, or the next one when it has none', () => {
    openJournal().tx((sql) => {
      expect(firstSeq(sql)).toBe(1)
      append(sql, 10)
      noteAcknowledged(sql, 4, 0)
      pruneJournal(sql, { keepMs: Days(7), eventsMax: 6 }, 0)
      expect(firstSeq(sql)).toBe(5)
      noteAcknowledged(sql, 10, 0)
      pruneJournal(sql, { keepMs: Days(7), eventsMax: 6 }, Days(8))
      expect(firstSeq(sql)).toBe(11)
    })
  })

  it('begins anew: what the hub does not have comes along, numbered from 1 and never sent', () => {
    openJournal().tx((sql) => {
      append(sql, 9)
      noteAcknowledged(sql, 8, 0)
      const bodies = eventsAfter(sql, 5, 9).map(({ body }) => body)
      expect(beginJournal(sql, 'another', 5)).toBe(4)
      expect([lastSeq(sql), ackedSeq(sql), numbers(sql)]).toEqual([4, 0, [1, 2, 3, 4]])
      expect(eventsAfter(sql, 0, 9).map(({ body }) => body)).toEqual(bodies)
      append(sql, 1)
      expect(numbers(sql)).toEqual([1, 2, 3, 4, 5])
    })
  })

  it('begins anew with nothing to carry, and with everything', () => {
    openJournal().tx((sql) => {
      append(sql, 3)
      expect([beginJournal(sql, 'b', 3), numbers(sql)]).toEqual([0, []])
      append(sql, 2)
      expect([beginJournal(sql, 'c', 0), numbers(sql)]).toEqual([2, [1, 2]])
    })
  })

  it('cuts a body that would not fit a frame', () => {
    openJournal().tx((sql) => {
      appendEvent(sql, { atMs: 0, kind: 'x', body: { text: 'a'.repeat(400_000) } })
      const [event] = eventsAfter(sql, 0, 1)
      expect(JSON.stringify(event?.body).length).toBeLessThan(300_000)
      expect(event?.body).toHaveProperty('cut')
    })
  })
})
