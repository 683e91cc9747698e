import type { Ipv4 } from '@brickyard/model/ipv4'
import type { SiteName } from '@brickyard/model/names'
import type { RackDocument } from '@brickyard/model/rack'
import { openNodeStore } from '@brickyard/runtime/node/store'
import { seededRandom } from '@brickyard/sim/seeded-random'
import { virtualClock } from '@brickyard/sim/virtual-clock'
import { describe, expect, it } from 'vitest'
import type { StandAloneDocument } from '../stand-alone/stand-alone-document.ts'
import { latestEvents } from '../store/journal.ts'
import { openSiteStore } from '../store/site-store.ts'
import { createWantedStore } from './wanted-store.ts'

const rackOf = (subnet: string): RackDocument => ({
  site: 'edge-1' as SiteName,
  networks: [
    {
      name: 'prov',
      role: 'provisioning',
      mode: 'authoritative',
      subnet: `${subnet}.0/24`,
      agentAddress: `${subnet}.1` as Ipv4,
      interface: 'eth1',
      pool: { first: `${subnet}.100` as Ipv4, last: `${subnet}.200` as Ipv4 },
      leaseSeconds: 600,
      dns: [],
    },
  ],
  cages: [],
  sleds: [],
})
const LOCAL: StandAloneDocument = { rack: rackOf('10.1.0'), images: [], assignments: [] }

function openSite() {
  const store = openNodeStore({ path: ':memory:', durable: false })
  return openSiteStore({ store, clock: virtualClock(), random: seededRandom('wanted') })
}
const subnetOf = (wanted: ReturnType<typeof createWantedStore>): string | undefined =>
  wanted.rack()?.networks[0]?.subnet
const whole = (generation: number, put: Record<string, unknown>) => ({
  generation,
  base: null,
  put,
  remove: [],
})

describe('whose rack it is', () => {
  it('is the local document’s until the hub sends one, and the hub’s ever after', () => {
    const site = openSite()
    const wanted = createWantedStore(site, LOCAL)
    expect(subnetOf(wanted)).toBe('10.1.0.0/24')
    wanted.take(whole(1, { policy: {} }))
    expect(subnetOf(wanted)).toBe('10.1.0.0/24')
    wanted.take(whole(2, { rack: rackOf('10.2.0') }))
    expect(subnetOf(wanted)).toBe('10.2.0.0/24')
    expect(subnetOf(createWantedStore(site, LOCAL))).toBe('10.2.0.0/24')
  })

  it('stays what it was when the hub sends one that cannot be read, also over a restart', () => {
    const site = openSite()
    const wanted = createWantedStore(site, undefined)
    wanted.take(whole(1, { rack: rackOf('10.2.0') }))
    wanted.take(whole(2, { rack: { ...rackOf('10.3.0'), networks: [] } }))
    expect([subnetOf(wanted), wanted.held()]).toEqual(['10.2.0.0/24', 2])
    expect(subnetOf(createWantedStore(site, undefined))).toBe('10.2.0.0/24')
    const [event] = site.read((sql) => latestEvents(sql, 1))
    expect(JSON.stringify(event?.body)).toContain('rack: networks')
  })

  it('is nothing on a site that knows neither', () => {
    expect(createWantedStore(openSite(), undefined).rack()).toBeUndefined()
  })
})
