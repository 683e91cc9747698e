import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { eventPrint, nextProbe, noteProbe, type ForkSearch } from './journal-fork.ts'

describe('the print of an event', () => {
  const event = { seq: 7, atMs: 1, kind: 'site.trouble', body: { what: 'x', reason: 'y' } }

  it('is the same on both sides of the wire, whatever the body', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const body: unknown = JSON.parse(JSON.stringify(value))
        const held: unknown = JSON.parse(JSON.stringify(body))
        expect(eventPrint({ ...event, body })).toBe(eventPrint({ ...event, body: held }))
      }),
    )
  })

  it.each([
    ['number', { seq: 8 }],
    ['time', { atMs: 2 }],
    ['kind', { kind: 'site.started' }],
    ['body', { body: { what: 'x', reason: 'z' } }],
  ])('differs with its %s', (_, change) => {
    expect(eventPrint({ ...event, ...change })).not.toBe(eventPrint(event))
  })
})

describe('the search for the fork', () => {
  it('finds the last event that both hold, in the logarithm of the journal', () => {
    fc.assert(
      fc.property(fc.nat(200_000), fc.nat(200_000), fc.nat(200_000), (pruned, common, beyond) => {
        const fork = pruned + common
        let search: ForkSearch = { alike: pruned, differs: fork + beyond + 1 }
        let probes = 0
        for (let seq = nextProbe(search); seq !== undefined; seq = nextProbe(search)) {
          search = noteProbe(search, seq, seq <= fork)
          probes++
        }
        expect(search.alike).toBe(fork)
        expect(probes).toBeLessThanOrEqual(20)
      }),
    )
  })
})
