import { eventPrint } from '@brickyard/protocol/journal-fork'
import { openNodeStore } from '@brickyard/runtime/node/store'
import { seededRandom } from '@brickyard/sim/seeded-random'
import { virtualClock } from '@brickyard/sim/virtual-clock'
import { describe, expect, it } from 'vitest'
import { eventsAfter, noteAcknowledged } from '../store/journal.ts'
import { openSiteStore, type SiteStore } from '../store/site-store.ts'
import { checkJournal } from './journal-check.ts'

/** A journal of `count` events, the first `acked` of them known to be at the hub. */
function journalOf(count: number, acked = 0): SiteStore {
  const store = openNodeStore({ path: ':memory:', durable: false })
  const site = openSiteStore({ store, clock: virtualClock(), random: seededRandom('journal') })
  for (let n = 0; n < count; n++) {
    site.commit((change) => change.event('site.trouble', { what: 'x', reason: `${n}` }))
  }
  site.commit(({ sql }) => noteAcknowledged(sql, acked, 0))
  return site
}

const printOf = (site: SiteStore, seq: number): string | null => {
  const [event] = site.read((sql) => eventsAfter(sql, seq - 1, 1))
  return event === undefined ? null : eventPrint(event)
}
const ANOTHER = 'f'.repeat(64)
const welcome = (ackedSeq: number, ackedPrint?: string | null) =>
  ({ v: 1, kind: 'welcome', ackedSeq, ackedPrint, hubMs: 0 }) as const

/** Where the check ends when the hub holds our own first `common` events. */
function forkOf(site: SiteStore, hubSeq: number, common: number): number | undefined {
  const print = hubSeq <= common ? printOf(site, hubSeq) : ANOTHER
  const check = checkJournal(site, welcome(hubSeq, print))
  for (let round = 0; round < 20; round++) {
    const next = check?.next()
    if (next?.kind !== 'ask') return next?.seq
    check?.held(next.seq, next.seq <= common ? printOf(site, next.seq) : ANOTHER)
  }
  throw new Error('it never ends')
}

describe('a welcome', () => {
  it('that ends with our own event, or with none, is of our journal', () => {
    const site = journalOf(3)
    expect(checkJournal(site, welcome(2, printOf(site, 2)))).toBeUndefined()
    expect(checkJournal(site, welcome(0, null))).toBeUndefined()
    expect(checkJournal(site, welcome(0))).toBeUndefined()
  })

  it.each([
    [6, 4, 2],
    [4, 6, 2],
    [4, 4, 0],
    [1, 9, 1],
    [5, 9, 5],
  ])('at a journal of %i that ends at %i, alike up to %i, is seen through', (own, hub, common) => {
    expect(forkOf(journalOf(own), hub, common)).toBe(common)
  })

  it('of a hub that cannot tell what it holds is believed as far as we know it', () => {
    expect(checkJournal(journalOf(5, 3), welcome(4))).toBeUndefined()
    expect(checkJournal(journalOf(5, 3), welcome(9))?.next()).toEqual({ kind: 'done', seq: 3 })
  })

  it('whose events the hub lost itself is not believed: rather twice than never', () => {
    const site = journalOf(4)
    const check = checkJournal(site, welcome(9, ANOTHER))
    for (let n = 0; n < 5; n++) {
      const next = check?.next()
      if (next?.kind === 'ask') check?.held(next.seq, null)
    }
    expect(check?.next()).toEqual({ kind: 'done', seq: 0 })
  })
})
