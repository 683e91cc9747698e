import { Days, Minutes } from '@brickyard/std/units'
import { describe, expect, it } from 'vitest'
import { simulatedFleet, type SimulatedFleet } from './simulated-fleet.ts'

/** A site whose appliance stood in the dark for so many days, and is switched on again. */
async function darkFor(days: number): Promise<SimulatedFleet> {
  const fleet = await simulatedFleet({ seed: `dark for ${days} days`, sledsPerSite: 1 })
  const { world, site } = fleet
  await fleet.until('enrolled', () => site.agent?.state()?.link.kind === 'up')
  site.crash()
  world.clock.setWallMs(world.clock.wallMs() + Days(days))
  await world.clock.advance(Minutes(2))
  await fleet.start()
  await world.clock.advance(Minutes(3))
  return fleet
}

const renewals = ({ hub, siteName }: SimulatedFleet): number =>
  hub.journal(siteName()).events.filter(({ kind }) => kind === 'site.certificate-renewed').length

describe('a site that was dark', () => {
  it('for less than its certificate lasts comes back with it', async () => {
    const fleet = await darkFor(20)
    expect([fleet.site.agent?.state()?.link.kind, renewals(fleet)]).toEqual(['up', 0])
  })

  it('for longer than its certificate lasts renews it, once, and tells of it', async () => {
    const fleet = await darkFor(100)
    expect([fleet.site.agent?.state()?.link.kind, renewals(fleet)]).toEqual(['up', 1])
    fleet.site.crash()
    await fleet.start()
    await fleet.world.clock.advance(Minutes(3))
    expect([fleet.site.agent?.state()?.link.kind, renewals(fleet)]).toEqual(['up', 1])
    expect(await fleet.settledJournal()).toMatchObject({ lost: 0, twice: 0, wrong: 0 })
  })

  it('for longer than the grace stays out until somebody enrols it anew, and goes on alone', async () => {
    const fleet = await darkFor(30 + 181)
    expect(fleet.site.agent?.state()?.link).toMatchObject({
      kind: 'down',
      reason: expect.stringContaining('expired'),
    })
    expect(renewals(fleet)).toBe(0)
    expect(JSON.stringify(fleet.site.log.lines)).toContain('enrol this site anew')
  })
})
