import { compareJournals, type HeldEvent } from '@brickyard/sim/journal-comparison'
import { sledName } from '@brickyard/sim/rack-plan'
import { installedSystem } from '@brickyard/sim/synthetic-image'
import { Hours, Minutes } from '@brickyard/std/units'
import { describe, expect, it } from 'vitest'
import { simulatedFleet, type SimulatedFleet } from './simulated-fleet.ts'

const SLED = sledName(1)

async function readyFleet(seed: string): Promise<SimulatedFleet> {
  const fleet = await simulatedFleet({ seed, sledsPerSite: 1 })
  await fleet.until('ready', async () => (await fleet.sledState(SLED)).state === 'ready')
  await fleet.settledJournal()
  return fleet
}

/** Writes `count` events or more at the site: each start of the agent is one. */
async function restart(fleet: SimulatedFleet, count: number): Promise<void> {
  for (let n = 0; n < count; n++) {
    fleet.site.crash()
    await fleet.start()
    await fleet.world.clock.advance(Minutes(1))
  }
}

const named = ({ kind, body }: HeldEvent): string => `${kind} ${body}`

/** Copies the store, lets the site live on, puts the copy back, and lives on without the hub. */
async function setBack(fleet: SimulatedFleet, before: number, after: number) {
  const { site } = fleet
  const copy = site.disk.copy()
  const { lastSeq: copied, epoch } = site.journal()
  await restart(fleet, before)
  await fleet.settledJournal()
  const lost = site.journal()
  fleet.cutUplink(true)
  site.crash()
  site.disk.putBack(copy)
  await fleet.start()
  await restart(fleet, after)
  const alone = site.journal().events.filter(({ seq }) => seq > copied)
  return { copied, epoch, lost, alone }
}

describe('a site whose store was set back behind the hub', () => {
  it.each([
    ['fewer events than the hub has', 12, 0],
    ['more events than the hub has', 1, 12],
    ['nothing that the hub had of the time after the copy', 0, 3],
  ])('with %s of its own loses none and sends none twice', async (name, before, after) => {
    const fleet = await readyFleet(`set-back ${name}`)
    const { copied, epoch, lost, alone } = await setBack(fleet, before, after)
    expect(alone.length).toBeGreaterThan(0)
    if (before > 0) expect(alone.length < lost.lastSeq - copied).toBe(before > after)
    fleet.cutUplink(false)
    await fleet.world.clock.advance(Minutes(5))
    const compared = await fleet.settledJournal()
    expect(compared).toMatchObject({ missing: 0, lost: 0, twice: 0, wrong: 0 })

    const hub = fleet.hub.journal(fleet.siteName())
    // Everything of the line that is gone is still at the hub, as it was.
    expect(compareJournals(lost, { ...hub, ackedSeq: lost.lastSeq })).toMatchObject(
      before > 0 ? { missing: 0, twice: 0, wrong: 0 } : { lost: 0 },
    )
    // And every event of the time alone arrived, once.
    const all = hub.events.map(named)
    for (const event of alone) {
      expect(all.filter((each) => each === named(event))).toEqual([named(event)])
    }
    expect(await fleet.sledState(SLED)).toMatchObject(
      before === 0
        ? { state: 'ready' }
        : { state: 'held', reason: expect.stringContaining('was set back') },
    )
    const told = hub.events.filter(({ kind }) => kind === 'journal.set-back')
    const site = fleet.site.journal()
    if (before === 0) {
      expect([told, site.epoch]).toEqual([[], epoch])
      return
    }
    expect(told.map(({ body }) => JSON.parse(body) as unknown)).toEqual([
      {
        previousEpoch: epoch,
        commonSeq: copied,
        hubSeq: lost.lastSeq,
        carried: expect.any(Number),
      },
    ])
    const { items } = await fleet.hub.ask(fleet.hub.client.attention())
    expect(items).toContainEqual(
      expect.objectContaining({
        severity: 'critical',
        site: fleet.siteName(),
        what: expect.stringContaining(`set back to event ${copied} of ${lost.lastSeq}`),
      }),
    )
    // It goes on with the new journal, and does not begin another.
    await restart(fleet, 2)
    await fleet.world.clock.advance(Hours(1))
    expect(await fleet.settledJournal()).toMatchObject({ lost: 0, twice: 0, wrong: 0 })
    expect(fleet.site.journal().epoch).toBe(site.epoch)
  })

  it.each([
    ['before a deployment', 0],
    ['in the middle of the write', 1],
  ])('%s leaves alone what is in use since', async (name, wipesBefore) => {
    const fleet = await readyFleet(`set-back ${name}`)
    const { site } = fleet
    const sled = site.rack.slot(SLED)?.sled
    let copy = site.disk.copy()
    const made = await fleet.deploy('web', 1)
    if (wipesBefore > 0) {
      await fleet.until('the moment of the copy', () => deeds(fleet, 'wipe') === wipesBefore)
      copy = site.disk.copy()
    }
    await fleet.until('in use', async () => (await fleet.deployment(made.id)).state === 'in-use')
    await fleet.settledJournal()
    const before = [sled?.boots, deeds(fleet, 'wipe'), deeds(fleet, 'write')]
    site.crash()
    site.disk.putBack(copy)
    await fleet.start()
    await fleet.world.clock.advance(Hours(3))
    expect([sled?.boots, deeds(fleet, 'wipe'), deeds(fleet, 'write')]).toEqual(before)
    expect(sled?.on).toBe(true)
    expect(sled?.hardware.disks.map(installedSystem)).toEqual(['debian-12'])
    expect((await fleet.sledState(SLED)).state).toBe('held')
    expect(await fleet.settledJournal()).toMatchObject({ lost: 0, twice: 0, wrong: 0 })
    const told = fleet.hub.journal(fleet.siteName()).events
    expect(told.filter(({ kind }) => kind === 'journal.set-back')).toHaveLength(1)
  })
})

const deeds = ({ site }: SimulatedFleet, what: string): number =>
  site.rack.slot(SLED)?.sled.deeds.filter((deed) => deed.what === what).length ?? 0
