import { describe, expect, it } from 'vitest'
import { parseStandAlone } from '@brickyard/agent/stand-alone-document'
import type { SiteName } from '@brickyard/model/names'
import { planRack, sledName } from '@brickyard/sim/rack-plan'
import { simulatedRack } from '@brickyard/sim/rack'
import { installedSystem, syntheticImage } from '@brickyard/sim/synthetic-image'
import { Hours, Minutes } from '@brickyard/std/units'
import { simulatedSite } from './simulated-site.ts'
import { simulatedWorld, whileTimePasses } from './simulated-world.ts'

const IMAGE = syntheticImage('debian-12')
const IMAGE_PATH = '/srv/images/debian.zst'

describe('a site alone, without any hub', () => {
  it('inspects its sleds, installs the one that is assigned, and leaves the others off', async () => {
    const world = simulatedWorld('stand-alone')
    const { random, clock, network, http } = world
    const plan = planRack({ site: 'edge-1' as SiteName, siteNumber: 0, sledCount: 4, random })
    const rack = await simulatedRack({
      plan,
      siteNumber: 0,
      clock,
      random,
      network,
      httpOf: (host) => http.client(host),
    })
    const standAlone = parseStandAlone({
      rack: JSON.parse(JSON.stringify(plan.document)),
      images: [{ ...IMAGE.image, path: IMAGE_PATH }],
      assignments: [{ sled: 'sled-02', image: 'debian-12', hostname: 'web-1' }],
    })
    if (!standAlone.ok) throw new Error(JSON.stringify(standAlone.error))
    const site = await simulatedSite(world, {
      rack,
      standAlone: standAlone.value,
      files: { [IMAGE_PATH]: IMAGE.served },
    })
    await whileTimePasses(world, site.start(), Minutes(1))
    const sled = rack.slot(sledName(2))?.sled
    const calledHome = () => sled?.deeds.some(({ what }) => what === 'call-home') === true
    const installed = await clock.runUntil(calledHome, Hours(2))
    expect(installed ? '' : site.log.lines.slice(-20)).toBe('')
    await clock.advance(Minutes(5))
    expect(sled?.deeds.map(({ what }) => what).filter((what) => what !== 'boot')).toEqual([
      'claim',
      'claim',
      'wipe',
      'write',
      'seed',
      'system',
      'call-home',
    ])
    expect(sled?.hardware.disks.map(installedSystem)).toEqual(['debian-12'])
    for (const n of [1, 3, 4]) {
      const other = rack.slot(sledName(n))?.sled
      expect([other?.on, other?.deeds.map(({ what }) => what)]).toEqual([false, ['boot', 'claim']])
    }
    await whileTimePasses(world, site.stop(), Minutes(1))
  })
})
