import type { SledName } from '@brickyard/model/names'
import { type SeededRandom, seededRandom } from '@brickyard/sim/seeded-random'
import { Hours, Minutes, Seconds } from '@brickyard/std/units'
import { describe, expect, it } from 'vitest'
import { checkInvariants } from './invariants.ts'
import { simulatedFleet, type SimulatedFleet } from './simulated-fleet.ts'
import { seeds } from './seeds.ts'

const SITES = 2
const SLEDS_PER_SITE = 2
/** Accidents and wishes of one run; a long run (BRICKYARD_SIM_SEEDS) has more of them. */
const TURNS_SHORT = 12
const TURNS_LONG = 60

type Turn = (fleet: SimulatedFleet, random: SeededRandom, n: number) => Promise<void> | void

const siteOf = (fleet: SimulatedFleet, n: number) => fleet.sites[n] as SimulatedFleet['site']

async function deploySomewhere(
  fleet: SimulatedFleet,
  random: SeededRandom,
  n: number,
): Promise<void> {
  if (!fleet.hub.running) return
  const sites = [fleet.siteName(random.below(SITES))]
  await fleet.deploy(`turn-${n}`, 1, { constraints: { sites } })
}

async function releaseOne(fleet: SimulatedFleet, random: SeededRandom): Promise<void> {
  if (!fleet.hub.running) return
  const { client } = fleet.hub
  const { items } = await fleet.hub.ask(client.deployments.list())
  const live = items.filter(({ state }) => state === 'in-use')
  const chosen = live[random.below(Math.max(1, live.length))]
  if (chosen !== undefined) await fleet.hub.ask(client.deployments.release(chosen.id))
}

const TURNS: Readonly<Record<string, Turn>> = {
  deploy: deploySomewhere,
  'deploy again': deploySomewhere,
  release: releaseOne,
  'cut an uplink': (fleet, random) => fleet.cutUplink(true, random.below(SITES)),
  'join the uplinks': (fleet) => [0, 1].forEach((n) => fleet.cutUplink(false, n)),
  'kill an agent': (fleet, random) => siteOf(fleet, random.below(SITES)).crash(),
  'kill an agent after some commit': (fleet, random) => {
    const site = siteOf(fleet, random.below(SITES))
    if (site.running) site.crashAfterCommit(1 + random.below(40), Seconds(1 + random.below(120)))
  },
  'start the agents': async (fleet) => {
    for (let n = 0; n < SITES; n++) if (!siteOf(fleet, n).running) await fleet.start(n)
  },
  'kill the hub': (fleet) => {
    if (fleet.hub.running) fleet.hub.crash()
  },
  'start the hub': async (fleet) => {
    if (!fleet.hub.running) await fleet.hub.start()
  },
  'start the hub again': async (fleet) => {
    if (!fleet.hub.running) await fleet.hub.start()
  },
  'a bad cable': (fleet, random) => {
    const { provisioning } = siteOf(fleet, random.below(SITES)).rack.segments
    fleet.world.network.setSegment(provisioning, { loss: 0.1, duplication: 0.05 })
  },
  'a good cable': (fleet) => {
    for (const { rack } of fleet.sites) {
      fleet.world.network.setSegment(rack.segments.provisioning, { loss: 0, duplication: 0 })
    }
  },
  'a moment without mains': async (fleet, random) => {
    const { rack } = siteOf(fleet, random.below(SITES))
    rack.mains(false)
    await fleet.world.clock.advance(Seconds(5 + random.below(60)))
    rack.mains(true)
  },
  'a BMC that hangs for a while': async (fleet, random) => {
    const { rack } = siteOf(fleet, random.below(SITES))
    const content = [...rack.slots().values()][random.below(SLEDS_PER_SITE)]
    if (content === undefined) return
    content.bmc.faults.silent = true
    await fleet.world.clock.advance(Seconds(random.below(90)))
    content.bmc.faults.silent = false
  },
}

/** Everything is made whole again; from here on the fleet must find its way by itself. */
async function heal(fleet: SimulatedFleet): Promise<void> {
  for (const name of ['a good cable', 'join the uplinks', 'start the hub', 'start the agents']) {
    await TURNS[name]?.(fleet, seededRandom(''), 0)
  }
}

/** Releases what runs and recovers what failed until every sled is ready: liveness. */
async function bringHome(fleet: SimulatedFleet): Promise<void> {
  const { client } = fleet.hub
  const settled = new Set(['ready', 'failed', 'in-use', 'held'])
  const sleds = async () => (await fleet.hub.ask(client.sleds.list())).items
  for (let round = 0; round < 4; round++) {
    await fleet.until(
      'every sled settled',
      async () => {
        await checkInvariants(fleet)
        return (await sleds()).every(({ state }) => settled.has(state))
      },
      Hours(12),
    )
    const { items } = await fleet.hub.ask(client.deployments.list())
    for (const { id, state } of items) {
      if (state === 'in-use' || state === 'failed') {
        await fleet.hub.ask(client.deployments.release(id))
      }
    }
    await fleet.world.clock.advance(Minutes(30))
    for (const { site, name, state, stateReason } of await sleds()) {
      if (state !== 'failed' && state !== 'held') continue
      expect(stateReason, `${site}/${name} is ${state} without a reason`).not.toBe('')
      await fleet.hub.ask(client.sleds.recover(site, name as SledName))
    }
    await fleet.world.clock.advance(Minutes(30))
    if ((await sleds()).every(({ state }) => state === 'ready')) return
  }
  const left = (await sleds()).map(
    ({ name, state, stateReason }) => `${name} ${state} ${stateReason}`,
  )
  throw new Error(`seed ${fleet.world.seed}: not all sleds came home: ${left.join('; ')}`)
}

describe('long runs with every fault at random', () => {
  for (const seed of seeds()) {
    it(
      `lose nothing, do nothing twice, and come home (seed ${seed})`,
      { timeout: 900_000 },
      async () => {
        const fleet = await simulatedFleet({ seed, sites: SITES, sledsPerSite: SLEDS_PER_SITE })
        await fleet.until('ready', async () => {
          const { items } = await fleet.hub.ask(fleet.hub.client.sleds.list())
          return items.every(({ state }) => state === 'ready')
        })
        const random = seededRandom(`${seed}/turns`)
        const names = Object.keys(TURNS)
        const told: string[] = []
        const turns = seeds().length > 1 ? TURNS_LONG : TURNS_SHORT
        try {
          for (let n = 0; n < turns; n++) {
            const name = names[random.below(names.length)] as string
            told.push(`${Math.round(fleet.world.clock.monotonicMs() / 1000)} s: ${name}`)
            await TURNS[name]?.(fleet, random, n)
            for (let look = random.below(8); look >= 0; look--) {
              await fleet.world.clock.advance(Seconds(1 + random.below(60)))
              await checkInvariants(fleet)
            }
          }
          await heal(fleet)
          await bringHome(fleet)
          for (let n = 0; n < SITES; n++) {
            const journal = await fleet.settledJournal(n)
            expect(journal).toMatchObject({ missing: 0, lost: 0, twice: 0, wrong: 0 })
          }
        } catch (error) {
          throw new Error(`seed ${seed}\n${told.join('\n')}`, { cause: error })
        }
      },
    )
  }
})
