import { connectBmc } from '@brickyard/bmc/connect'
import { LIMITS_DEFAULT } from '@brickyard/agent/agent-config'
import { parseStandAlone } from '@brickyard/agent/stand-alone-document'
import type { SiteName } from '@brickyard/model/names'
import { planRack, sledName } from '@brickyard/sim/rack-plan'
import { simulatedRack } from '@brickyard/sim/rack'
import { Minutes, Seconds } from '@brickyard/std/units'
import { describe, expect, it } from 'vitest'
import { simulatedSite } from './simulated-site.ts'
import { simulatedWorld, whileTimePasses } from './simulated-world.ts'

const SLED = sledName(1)
const INLET = 'Inlet Temp'

async function watchedSite(seed: string) {
  const world = simulatedWorld(seed)
  const { random, clock, network, http } = world
  const plan = planRack({ site: 'edge-1' as SiteName, siteNumber: 0, sledCount: 2, random })
  const rack = await simulatedRack({
    plan,
    siteNumber: 0,
    clock,
    random,
    network,
    httpOf: (host) => http.client(host),
  })
  const networks = plan.document.networks.map((one) => ({ ...one, mode: 'listen-only' }))
  const document = JSON.parse(JSON.stringify({ ...plan.document, networks })) as unknown
  const standAlone = parseStandAlone({ rack: document, images: [], assignments: [] })
  if (!standAlone.ok) throw new Error(JSON.stringify(standAlone.error))
  const site = await simulatedSite(world, {
    rack,
    standAlone: standAlone.value,
    limits: { logPollMs: LIMITS_DEFAULT.logPollMs },
  })
  const told = () =>
    site
      .journal()
      .events.filter(({ kind }) => kind === 'sled.log')
      .map(({ body }) => JSON.parse(body) as { sled: string; what: string; text: string })
      .filter(({ sled }) => sled === SLED)
  /** A console of somebody else on the management network. */
  const stranger = network.host('stranger')
  stranger.attach({ interface: 'eth0', segment: rack.segments.management, address: '10.110.0.9' })
  const bmc = plan.document.sleds[0]?.bmc
  if (bmc?.protocol !== 'ipmi') throw new Error('the rack has no IPMI BMC')
  const ports = { udp: stranger.udp, clock, random: random.fork('stranger') }
  const theirs = connectBmc(bmc, rack.bmcPassword(SLED), ports)
  async function clearLog(): Promise<void> {
    const read = await whileTimePasses(world, theirs.log!.read(), Minutes(2))
    if (!read.ok) throw new Error(read.error.message)
    const cleared = await whileTimePasses(world, theirs.log!.clear(read.value), Minutes(2))
    if (!cleared.ok) throw new Error(cleared.error.message)
  }
  return { world, rack, site, told, clearLog }
}

describe('the event log of a BMC', () => {
  it('is told entry by entry, each once over crashes, and tells when it was cleared', async () => {
    const { world, rack, site, told, clearLog } = await watchedSite('event-log')
    const { clock } = world
    const bmc = rack.slot(SLED)?.bmc
    rack.slot(SLED)?.sled.host.apply('on')
    await whileTimePasses(world, site.start(), Minutes(1))
    await clock.advance(Minutes(6))
    const atFirst = told().length
    bmc?.setSensor(INLET, 60)
    await clock.advance(Minutes(6))
    const hot = told().slice(atFirst)
    expect(hot.length).toBeGreaterThan(0)
    expect(hot.every(({ what, text }) => what === 'entry' && text.includes(INLET))).toBe(true)
    expect(site.agent?.state()?.site.sleds.get(SLED)?.state).toBe('adopted')

    // Killed with any of the next commits, it neither repeats nor forgets an entry.
    for (let k = 1; k <= 4; k++) {
      const before = told().length
      bmc?.setSensor(INLET, k % 2 === 1 ? 23 : 60)
      site.crashAfterCommit(k, Seconds(5))
      await clock.advance(Minutes(12))
      if (!site.running) await whileTimePasses(world, site.start(), Minutes(1))
      await clock.advance(Minutes(6))
      const fresh = told().slice(before)
      expect(fresh.length).toBeGreaterThan(0)
      expect(new Set(fresh.map((one) => JSON.stringify(one))).size).toBe(fresh.length)
    }

    await clearLog()
    await clock.advance(Minutes(6))
    expect(told().filter(({ what }) => what === 'cleared')).toHaveLength(1)
    const known = told().length
    await clock.advance(Minutes(30))
    expect(told()).toHaveLength(known)
    await whileTimePasses(world, site.stop(), Minutes(1))
  })
})
