import type { Network } from '@brickyard/model/rack'
import { describe, expect, it } from 'vitest'
import { createNetbootLog } from './netboot-log.ts'
import { silentLog, standingClock } from './netboot/dhcp-rig.ts'
import { createWatches } from './netboot/trace-watches.ts'
import type { Change, SiteStore } from './store/site-store.ts'

/** A journal that counts its commits. */
function journal() {
  const commits: string[][] = []
  const site = {
    commit<T>(work: (change: Change) => T): T {
      const kinds: string[] = []
      commits.push(kinds)
      return work({ note: (kind: string) => kinds.push(kind) } as Partial<Change> as Change)
    },
  } as Partial<SiteStore> as SiteStore
  const { clock, move } = standingClock()
  const watches = createWatches(clock)
  const log = createNetbootLog({ site, clock, log: silentLog, watches })
  const seen = (sled: string): void => log.report({ kind: 'dhcp.client-seen', body: { sled } })
  return { commits, log, move, seen, watches }
}

describe('what netboot reports', () => {
  it('is written together with what comes at the same time', () => {
    const { commits, log, move, seen } = journal()
    for (let n = 0; n < 48; n++) seen(`sled-${n}`)
    expect(commits).toEqual([])
    expect(log.last('sled-7')).toBe('dhcp.client-seen')
    move(149)
    expect(commits).toEqual([])
    move(1)
    expect(commits.map(({ length }) => length)).toEqual([48])
    move(1000)
    expect(commits).toHaveLength(1)
  })

  it('says of a network which other servers are there, until they are gone', () => {
    const { log, watches } = journal()
    const where = { name: 'prov', role: 'provisioning', mode: 'authoritative', interface: 'br0' }
    watches.begin({ ...where } as Network)
    const body = { network: 'prov', server: '10.98.0.200' }
    log.report({ kind: 'dhcp.foreign-server', body })
    expect(watches.all()[0]?.foreignServers).toEqual([{ address: '10.98.0.200', atMs: 5000 }])
    const found = { gives: 'addresses', mac: '02:66:00:00:00:01', relay: null }
    const options = 'router 10.98.0.200'
    log.report({ kind: 'dhcp.foreign-server', body: { ...body, ...found, options } })
    expect(watches.all()[0]?.foreignServers).toMatchObject([
      { about: '02:66:00:00:00:01, gives addresses, router 10.98.0.200' },
    ])
    log.report({ kind: 'dhcp.foreign-server-gone', body })
    expect(watches.all()[0]?.foreignServers).toEqual([])
  })

  it('waits in a bounded group, and for nothing when told to flush', () => {
    const { commits, log, seen } = journal()
    for (let n = 0; n < 300; n++) seen('sled-1')
    expect(commits.map(({ length }) => length)).toEqual([256])
    log.flush()
    expect(commits.map(({ length }) => length)).toEqual([256, 44])
  })
})
