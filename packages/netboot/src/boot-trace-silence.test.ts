import { describe, expect, it } from 'vitest'
import { silenceOf } from './boot-trace-silence.ts'

const AWAITED = { what: 'provision', poweredAtMs: 1000 }

describe('silenceOf', () => {
  it('says since when nothing was heard, and what that can mean', () => {
    expect(silenceOf(AWAITED, undefined, 61_000)).toMatch(
      /^It was powered to the network 1 min 0 s ago \(provision\), and nothing was heard of it since\./,
    )
    expect(silenceOf(AWAITED, 999, 61_000)).toContain('a port channel without LACP fallback')
  })

  it('points first at the bond that its deployment makes', () => {
    const lacp = { bond: 'bond0', nics: ['nic0', 'nic1'] }
    expect(silenceOf({ ...AWAITED, lacp }, undefined, 61_000)).toContain(
      'since its deployment makes bond0 of nic0, nic1 by LACP, its ports are in a port channel',
    )
  })

  it('asks after the disc where it was to boot from one', () => {
    const said = silenceOf({ ...AWAITED, fromDisc: true }, undefined, 61_000)
    expect(said).toMatch(/^It was powered to the disc that is said to be in it 1 min 0 s ago/)
    expect(said).not.toContain('port channel')
  })

  it('says nothing once something was heard', () => {
    expect(silenceOf(AWAITED, 1000, 61_000)).toBeUndefined()
  })
})
