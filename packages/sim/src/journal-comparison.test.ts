import { describe, expect, it } from 'vitest'
import { compareJournals, type HeldEvent } from './journal-comparison.ts'

const event = (seq: number, body = `{"n":${seq}}`): HeldEvent => ({
  epoch: 'e',
  seq,
  kind: 'k',
  body,
})
const site = { epoch: 'e', lastSeq: 4, events: [1, 2, 3, 4].map((seq) => event(seq)) }

describe('comparing the journals of both ends', () => {
  it('finds nothing wrong when all is there, whatever the spaces in the JSON', () => {
    const hub = { ackedSeq: 4, events: [event(1, '{ "n": 1 }'), event(2), event(3), event(4)] }
    expect(compareJournals(site, hub)).toEqual({ sent: 4, missing: 0, lost: 0, twice: 0, wrong: 0 })
  })

  it('tells what is on its way from what is lost', () => {
    const hub = { ackedSeq: 2, events: [event(1)] }
    expect(compareJournals(site, hub)).toMatchObject({ missing: 3, lost: 1 })
  })

  it('sees a repeat, a changed event and one that was never written', () => {
    const events = [event(1), event(1), event(2, '{"n":7}'), event(3), event(4), event(9)]
    expect(compareJournals(site, { ackedSeq: 4, events })).toMatchObject({ twice: 1, wrong: 2 })
  })

  it('leaves another epoch out', () => {
    const hub = { ackedSeq: 0, events: [{ ...event(1), epoch: 'older' }] }
    expect(compareJournals(site, hub)).toMatchObject({ missing: 4, twice: 0, wrong: 0 })
  })
})
