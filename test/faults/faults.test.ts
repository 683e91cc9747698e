import type { SledName } from '@brickyard/model/names'
import { type RackPlan, sledName } from '@brickyard/sim/rack-plan'
import { installedSystem } from '@brickyard/sim/synthetic-image'
import { Hours, KiB, Minutes, Seconds } from '@brickyard/std/units'
import { describe, expect, it } from 'vitest'
import { checkInvariants } from '../sim/invariants.ts'
import { type FleetOptions, simulatedFleet, type SimulatedFleet } from '../sim/simulated-fleet.ts'

const SLED = sledName(1)

async function readyFleet(seed: string, more: Partial<FleetOptions> = {}): Promise<SimulatedFleet> {
  const fleet = await simulatedFleet({ seed, sledsPerSite: 1, ...more })
  await fleet.until('ready', async () => (await fleet.sledState(SLED)).state === 'ready')
  return fleet
}
const machine = (fleet: SimulatedFleet, name: SledName = SLED) => {
  const content = fleet.site.rack.slot(name)
  if (content === undefined) throw new Error(`${name} is not there`)
  return content
}
const countOf = (fleet: SimulatedFleet, what: string): number =>
  machine(fleet).sled.deeds.filter((deed) => deed.what === what).length
const inUse = (fleet: SimulatedFleet, id: string): Promise<void> =>
  fleet.until('in use', async () => {
    await checkInvariants(fleet)
    return (await fleet.deployment(id)).state === 'in-use'
  })
const failed = async (fleet: SimulatedFleet, id: string): Promise<string> => {
  await fleet.until(
    'failed',
    async () => (await fleet.deployment(id)).assignments[0]?.state === 'failed',
    Hours(8),
  )
  const reason = (await fleet.deployment(id)).assignments[0]?.reason
  const state = await fleet.sledState(SLED)
  expect(state.state).toBe('failed')
  expect(state.reason).toContain(reason ?? 'a reason')
  return reason ?? ''
}

describe('faults', () => {
  it('a BMC that refuses: the sled ends as failed, and the reason names the BMC’s answer', async () => {
    const fleet = await simulatedFleet({
      seed: 'bmc-refuses',
      sledsPerSite: 1,
      prepare: (rack) => {
        const content = rack.slot(SLED)
        if (content !== undefined) content.bmc.faults.refusePower = true
      },
    })
    await fleet.until('failed', async () => (await fleet.sledState(SLED)).state === 'failed')
    const { reason } = await fleet.sledState(SLED)
    expect(reason).toMatch(/not supported in present state|refused/)
    const { items } = await fleet.hub.ask(fleet.hub.client.attention())
    expect(items.some(({ sled }) => sled === SLED)).toBe(true)
    expect(machine(fleet).sled.boots).toBe(0)
  })

  it('a sled that never calls back: started once more, then failed and switched off', async () => {
    const fleet = await readyFleet('never-calls-back')
    machine(fleet).sled.faults.neverCallsBack = true
    const made = await fleet.deploy('web', 1)
    expect(await failed(fleet, made.id)).toContain('did not call back')
    expect(countOf(fleet, 'system')).toBe(2)
    await fleet.world.clock.advance(Minutes(5))
    expect(machine(fleet).sled.on).toBe(false)
  })

  it('power is lost at 43 % of the write: the half-written disk never boots, the write begins anew', async () => {
    const fleet = await readyFleet('power-lost')
    machine(fleet).sled.faults.powerLostAtShare = 0.43
    const made = await fleet.deploy('web', 1)
    await fleet.until('power lost', () => !machine(fleet).sled.on && countOf(fleet, 'wipe') === 1)
    await fleet.world.clock.advance(Minutes(3))
    fleet.site.rack.feed(SLED, true)
    await inUse(fleet, made.id)
    expect([countOf(fleet, 'write'), countOf(fleet, 'call-home')]).toEqual([1, 1])
    expect(machine(fleet).sled.hardware.disks.map(installedSystem)).toEqual(['debian-12'])
  })

  it('a claim whose answer is lost on the wire is answered again: nothing stalls', async () => {
    const fleet = await readyFleet('claim-lost')
    fleet.world.http.fault('/installer/claim', { kind: 'reset', atByte: 3 }, 2)
    const claims = countOf(fleet, 'claim')
    const made = await fleet.deploy('web', 1)
    await inUse(fleet, made.id)
    // Inspected once, provisioned once: no power cycle in between, no claim that was refused.
    expect([countOf(fleet, 'claim') - claims, countOf(fleet, 'write')]).toEqual([1, 1])
    expect(machine(fleet).sled.boots).toBe(3)
    const refused = await fleet.hub.ask(fleet.hub.client.events.list({ kind: 'intent.refused' }))
    expect(refused.items).toEqual([])
  })

  it('an image that is spoilt on its way to the sled is not believed; the next try is', async () => {
    const fleet = await readyFleet('spoilt-once')
    fleet.world.http.fault('/installer/image/', { kind: 'corrupt', atByte: 5000 }, 1)
    const made = await fleet.deploy('web', 1)
    await inUse(fleet, made.id)
    expect(countOf(fleet, 'write')).toBe(1)
  })

  it('an image that is spoilt every time fails the provision with the hash in the reason', async () => {
    const fleet = await readyFleet('spoilt-always')
    fleet.world.http.fault('/installer/image/', { kind: 'corrupt', atByte: 5000 })
    const made = await fleet.deploy('web', 1)
    expect(await failed(fleet, made.id)).toMatch(/hash [0-9a-f]{64}, wanted/)
    expect(countOf(fleet, 'system')).toBe(0)
  })

  it('an image that breaks off on its way from the hub is resumed and arrives once', async () => {
    const fleet = await readyFleet('broken-blob')
    fleet.world.http.fault('/blobs/', { kind: 'reset', atByte: KiB(64) }, 3)
    const made = await fleet.deploy('web', 1)
    await inUse(fleet, made.id)
    const fetched = await fleet.hub.ask(fleet.hub.client.events.list({ kind: 'image.fetched' }))
    expect(fetched.items).toHaveLength(1)
  })

  it('a disk too full for the image: the provision fails with the reason, the sled was not touched', async () => {
    const fleet = await readyFleet('full-disk')
    fleet.site.files.setCapacity(fleet.site.files.usedBytes() + KiB(100))
    const made = await fleet.deploy('web', 1)
    await fleet.until(
      'an end',
      async () => (await fleet.deployment(made.id)).assignments[0]?.state === 'failed',
      Hours(8),
    )
    const reason = (await fleet.deployment(made.id)).assignments[0]?.reason
    expect(reason).toMatch(/ENOSPC|no space|full/)
    expect([countOf(fleet, 'wipe'), machine(fleet).sled.boots]).toEqual([0, 1])
  })

  it('a full journal disk in the middle of a provision: it waits, and goes on when there is room', async () => {
    const fleet = await readyFleet('full-store')
    const made = await fleet.deploy('web', 1)
    await fleet.until('being written', () => countOf(fleet, 'wipe') === 1)
    fleet.site.disk.setCapacity(1)
    await fleet.world.clock.advance(Minutes(2))
    fleet.site.disk.setCapacity(undefined)
    await inUse(fleet, made.id)
    expect(await fleet.settledJournal()).toMatchObject({ lost: 0, twice: 0, wrong: 0 })
  })

  it('a hub that is away for the whole provision: the site ends it alone and tells all afterwards', async () => {
    const fleet = await readyFleet('hub-away')
    const made = await fleet.deploy('web', 1)
    await fleet.until('the image is here', async () => {
      const { items } = await fleet.hub.ask(fleet.hub.client.events.list({ kind: 'image.fetched' }))
      return items.length === 1
    })
    fleet.hub.crash()
    await fleet.until('the sled is up', () => countOf(fleet, 'call-home') === 1)
    await fleet.world.clock.advance(Hours(1))
    await fleet.hub.start()
    await inUse(fleet, made.id)
    expect(countOf(fleet, 'write')).toBe(1)
    expect(await fleet.settledJournal()).toMatchObject({ lost: 0, twice: 0, wrong: 0 })
  })

  it('a sled that was pulled and another put in its place: held with both serials, never placed', async () => {
    const withSerials = (plan: RackPlan) => ({
      ...plan.document,
      sleds: plan.sleds.map(({ declaration, hardware }) => ({
        ...declaration,
        serial: hardware.serial,
      })),
    })
    const fleet = await readyFleet('swapped', { declare: withSerials })
    const { rack } = fleet.site
    const before = rack.pull(SLED)?.sled.hardware.serial
    await fleet.world.clock.advance(Minutes(10))
    const spare = await rack.insert(SLED, 'spare')
    // Its NICs have other addresses: the operator declares those, and thinks no further.
    const document = withSerials(rack.plan)
    const sleds = document.sleds.map((sled) => ({ ...sled, macs: spare.sled.hardware.macs }))
    const { client } = fleet.hub
    await fleet.hub.ask(client.sites.putRack(fleet.siteName(), { ...document, sleds }))
    await fleet.world.clock.advance(Minutes(1))
    const act = await fleet.hub.ask(client.sleds.inspect(fleet.siteName(), SLED))
    await fleet.until('held', async () => (await fleet.sledState(SLED)).state === 'held')
    const inspected = await fleet.hub.ask(client.acts.get(act.id))
    expect(inspected).toMatchObject({ state: 'done', operation: expect.stringMatching(/^op-/) })
    const { reason } = await fleet.sledState(SLED)
    expect(reason).toContain(spare.sled.hardware.serial)
    expect(reason).toContain(before)
    expect((await fleet.deploy('web', 1)).state).toBe('refused')
  })

  it('a sled swapped in without a word, no serial declared: a provision leaves its disk alone', async () => {
    const fleet = await readyFleet('swapped-unsaid')
    const { rack } = fleet.site
    const before = rack.pull(SLED)?.sled.hardware.serial
    await fleet.world.clock.advance(Minutes(10))
    const spare = await rack.insert(SLED, 'spare')
    const { document } = rack.plan
    const sleds = document.sleds.map((sled) => ({ ...sled, macs: spare.sled.hardware.macs }))
    const { client } = fleet.hub
    await fleet.hub.ask(client.sites.putRack(fleet.siteName(), { ...document, sleds }))
    await fleet.world.clock.advance(Minutes(1))
    await fleet.deploy('web', 1)
    await fleet.until('failed', async () => (await fleet.sledState(SLED)).state === 'failed')
    const { reason } = await fleet.sledState(SLED)
    expect(reason).toContain(spare.sled.hardware.serial)
    expect(reason).toContain(before)
    expect([countOf(fleet, 'wipe'), countOf(fleet, 'write')]).toEqual([0, 0])
  })

  it('a peer that vanished without a word is missed by both ends long before TCP misses it', async () => {
    const fleet = await readyFleet('half-open')
    const linkOf = async () =>
      (await fleet.hub.ask(fleet.hub.client.sites.get(fleet.siteName()))).link
    const { site } = fleet
    // Longer than any socket would take to notice, and nothing to tell but that both live.
    await fleet.world.clock.advance(Hours(1))
    expect([await linkOf(), site.agent?.state()?.link.kind]).toEqual(['connected', 'up'])
    fleet.cutUplink(true)
    await fleet.world.clock.advance(Seconds(130))
    expect([await linkOf(), site.agent?.state()?.link.kind]).toEqual(['away', 'down'])
    const { items } = await fleet.hub.ask(fleet.hub.client.attention())
    expect(items.map(({ id }) => id)).toContain(`site-away/${fleet.siteName()}`)
    fleet.cutUplink(false)
    await fleet.world.clock.advance(Seconds(80))
    expect([await linkOf(), site.agent?.state()?.link.kind]).toEqual(['connected', 'up'])
  })

  it('an uplink cut in mid-provision and a crash of the agent behind it lose nothing', async () => {
    const fleet = await readyFleet('cut-and-crash')
    const made = await fleet.deploy('web', 1)
    await fleet.until('being written', () => countOf(fleet, 'wipe') === 1)
    fleet.cutUplink(true)
    await fleet.world.clock.advance(Seconds(3))
    fleet.site.crash()
    await fleet.world.clock.advance(Minutes(1))
    await fleet.start()
    await fleet.until('the sled is up', () => countOf(fleet, 'call-home') === 1)
    fleet.cutUplink(false)
    await inUse(fleet, made.id)
    const journal = await fleet.settledJournal()
    expect(journal).toMatchObject({ missing: 0, lost: 0, twice: 0, wrong: 0 })
  })
})
