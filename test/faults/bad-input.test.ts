import type { Answer } from '@brickyard/api/client'
import { makeHardware, sledName } from '@brickyard/sim/rack-plan'
import { Minutes } from '@brickyard/std/units'
import { describe, expect, it } from 'vitest'
import { checkInvariants } from '../sim/invariants.ts'
import { simulatedFleet, type SimulatedFleet } from '../sim/simulated-fleet.ts'
import { whileTimePasses } from '../sim/simulated-world.ts'

const SLED = sledName(1)

/** One site with one ready sled. */
async function readyFleet(seed: string): Promise<SimulatedFleet> {
  const fleet = await simulatedFleet({ seed, sledsPerSite: 1 })
  await fleet.until('ready', async () => (await fleet.sledState(SLED)).state === 'ready')
  return fleet
}

async function refusalOf<T>(fleet: SimulatedFleet, answer: Answer<T>) {
  const result = await whileTimePasses(fleet.world, answer, Minutes(5))
  if (result.ok || result.error.kind !== 'problem') throw new Error(JSON.stringify(result))
  return result.error.problem
}

const eventsOf = async ({ hub }: SimulatedFleet, kind: string) =>
  (await hub.ask(hub.client.events.list({ kind }))).items

describe('bad input', () => {
  it('an unknown MAC asks for an address: nothing is booted, a person is told who asked', async () => {
    const fleet = await readyFleet('unknown-mac')
    const { rack } = fleet.site
    const stranger = rack.addStranger(
      makeHardware(fleet.world.random, {
        siteNumber: 0,
        n: 90,
        firmwareMode: 'uefi',
        diskBytes: 1e9,
      }),
    )
    stranger.host.apply('on')
    const [mac] = stranger.hardware.macs
    await fleet.until('the hub knows of the stranger', async () => {
      const { items } = await fleet.hub.ask(fleet.hub.client.attention())
      return items.some(({ what }) => what.includes(String(mac)))
    })
    await fleet.world.clock.advance(Minutes(5))
    expect(stranger.stage).toBe('no-boot')
    expect(stranger.deeds.map(({ what }) => what)).toEqual(['boot'])
    const [event] = await eventsOf(fleet, 'dhcp.unknown-client')
    expect(event?.text).toContain(String(mac))
    expect(stranger.screen.join('\n')).toContain('not declared')
  })

  it('an intent that is claimed a second time is refused and told of; the provision goes on', async () => {
    const fleet = await readyFleet('claimed-twice')
    const { world, site } = fleet
    const made = await fleet.deploy('web', 1)
    const sled = site.rack.slot(SLED)?.sled
    const claims = () => sled?.deeds.filter(({ what }) => what === 'claim') ?? []
    await fleet.until('claimed', () => claims().length === 2)
    const token = claims().at(-1)?.detail
    const again = await whileTimePasses(
      world,
      world.http.client(site.rack.agentHost).request({
        method: 'POST',
        url: `http://${site.rack.plan.document.networks[0]?.agentAddress}/installer/claim`,
        body: `token=${token}\nmac=${sled?.hardware.macs[0]}\nuuid=\nserial=\n`,
      }),
      Minutes(1),
    )
    expect(again).toMatchObject({ ok: true, value: { status: 409 } })
    await fleet.until('in use', async () => (await fleet.deployment(made.id)).state === 'in-use')
    const [event] = await eventsOf(fleet, 'intent.refused')
    expect(event?.sled).toBe(SLED)
    expect(event?.text).not.toContain(String(token))
    await checkInvariants(fleet)
  })

  it('an image whose bytes are not what its hash says never becomes ready', async () => {
    const fleet = await readyFleet('wrong-hash')
    const { client } = fleet.hub
    const bytes = fleet.image.served.slice()
    bytes[100] = (bytes[100] ?? 0) ^ 1
    const named = { ...fleet.image.image, firmware: [...fleet.image.image.firmware] }
    const sha256 = `${named.sha256.slice(0, -1)}${named.sha256.endsWith('0') ? '1' : '0'}`
    await fleet.hub.ask(client.images.create({ ...named, name: 'broken', sha256 }))
    const problem = await refusalOf(fleet, client.images.putContent(sha256, bytes))
    expect(problem.status).toBeLessThan(500)
    expect(problem.detail).toContain(sha256)
    expect((await fleet.hub.ask(client.images.get(sha256))).state).toBe('awaiting-content')
    const made = await whileTimePasses(
      fleet.world,
      client.deployments.create({ name: 'none', count: 1, image: sha256 }),
      Minutes(1),
    )
    expect(made.ok && made.value.state !== 'refused').toBe(false)
  })

  it('an image that is bigger than every disk is refused when it is placed, with the reason', async () => {
    const fleet = await readyFleet('too-big')
    const { client } = fleet.hub
    const image = { ...fleet.image.image, firmware: [...fleet.image.image.firmware] }
    await fleet.hub.ask(
      client.images.create({ ...image, name: 'huge', sha256: 'a'.repeat(64), minDiskBytes: 1e15 }),
    )
    const outcome = await whileTimePasses(
      fleet.world,
      client.deployments.create({ name: 'huge', count: 1, image: 'a'.repeat(64) }),
      Minutes(1),
    )
    const said = outcome.ok
      ? `${outcome.value.state} ${outcome.value.reason}`
      : JSON.stringify(outcome.error)
    expect(said).toMatch(/disk|content/i)
    if (outcome.ok) expect(outcome.value.state).toBe('refused')
    expect((await fleet.sledState(SLED)).state).toBe('ready')
  })
})
