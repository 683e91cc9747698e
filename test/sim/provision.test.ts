import { describe, expect, it } from 'vitest'
import { installedSystem } from '@brickyard/sim/synthetic-image'
import { sledName } from '@brickyard/sim/rack-plan'
import { simulatedFleet } from './simulated-fleet.ts'

describe('hub, agent and sleds under virtual time', () => {
  it('brings sleds to ready and a deployment of two to in-use', async () => {
    const fleet = await simulatedFleet({ seed: 'provision', sledsPerSite: 2 })
    await fleet.until('both sleds ready', async () => {
      const states = await Promise.all(['sled-01', 'sled-02'].map((sled) => fleet.sledState(sled)))
      return states.every(({ state }) => state === 'ready')
    })
    const made = await fleet.deploy('web', 2)
    await fleet.until('deployment in use', async () => {
      return (await fleet.deployment(made.id)).state === 'in-use'
    })
    for (const n of [1, 2]) {
      const sled = fleet.site.rack.slot(sledName(n))?.sled
      expect(sled?.hardware.disks.map(installedSystem)).toEqual(['debian-12'])
      expect(sled?.deeds.filter(({ what }) => what === 'write')).toHaveLength(1)
      expect(sled?.deeds.filter(({ what }) => what === 'call-home')).toHaveLength(1)
    }
    expect(await fleet.settledJournal()).toMatchObject({ missing: 0, lost: 0, twice: 0, wrong: 0 })
  })
})
