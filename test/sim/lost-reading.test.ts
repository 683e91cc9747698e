import { parseStandAlone } from '@brickyard/agent/stand-alone-document'
import type { SiteName } from '@brickyard/model/names'
import { planRack, sledName } from '@brickyard/sim/rack-plan'
import { simulatedRack } from '@brickyard/sim/rack'
import { Minutes, Seconds } from '@brickyard/std/units'
import { describe, expect, it } from 'vitest'
import { simulatedSite } from './simulated-site.ts'
import { simulatedWorld, whileTimePasses } from './simulated-world.ts'

const SLED = sledName(1)

describe('the power of a sled whose BMC is silent', () => {
  it('stays as it was read for one reading that is lost, and is unknown from the second on', async () => {
    const world = simulatedWorld('lost-reading')
    const { random, clock, network, http } = world
    const plan = planRack({ site: 'edge-1' as SiteName, siteNumber: 0, sledCount: 1, random })
    const httpOf: Parameters<typeof simulatedRack>[0]['httpOf'] = (host) => http.client(host)
    const rack = await simulatedRack({ plan, siteNumber: 0, clock, random, network, httpOf })
    const networks = plan.document.networks.map((one) => ({ ...one, mode: 'listen-only' }))
    const document = JSON.parse(JSON.stringify({ ...plan.document, networks })) as unknown
    const standAlone = parseStandAlone({ rack: document, images: [], assignments: [] })
    if (!standAlone.ok) throw new Error(JSON.stringify(standAlone.error))
    const site = await simulatedSite(world, { rack, standAlone: standAlone.value })
    const told = () =>
      site
        .journal()
        .events.filter(({ kind }) => kind === 'sled.power')
        .map(({ body }) => (JSON.parse(body) as { power: string }).power)
    const faults = rack.slot(SLED)?.bmc.faults
    if (faults === undefined) throw new Error('no BMC')
    await whileTimePasses(world, site.start(), Minutes(1))
    await clock.advance(Minutes(3))
    expect(told()).toEqual(['off'])
    // Its attempts at one reading are all lost; the next begins after it.
    faults.silent = true
    await clock.advance(Seconds(13))
    faults.silent = false
    await clock.advance(Minutes(3))
    expect(told()).toEqual(['off'])
    faults.silent = true
    await clock.advance(Minutes(3))
    expect(told()).toEqual(['off', 'unknown'])
    faults.silent = false
    await clock.advance(Minutes(5))
    expect(told()).toEqual(['off', 'unknown', 'off'])
    await whileTimePasses(world, site.stop(), Minutes(1))
  })
})
