import type { SledName } from '@brickyard/model/names'
import { type SeededRandom, seededRandom } from '@brickyard/sim/seeded-random'
import { Hours, Minutes, Seconds } from '@brickyard/std/units'
import { describe, expect, it } from 'vitest'
import { checkInvariants } from './invariants.ts'
import { simulatedFleet, type SimulatedFleet } from './simulated-fleet.ts'
import { seeds } from './seeds.ts'
import type { SimulatedSite } from './simulated-site.ts'
import { whileTimePasses } from './simulated-world.ts'

const SITES = 2
const SLEDS_PER_SITE = 2
/** Accidents and wishes of one run; a long run (BRICKYARD_SIM_SEEDS) has more of them. */
const TURNS_SHORT = 20
const TURNS_LONG = 60

type Turn = (fleet: SimulatedFleet, random: SeededRandom, n: number) => Promise<void> | void

const siteOf = (fleet: SimulatedFleet, n: number) => fleet.sites[n] as SimulatedSite

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

/** What may happen in a turn; `weight` is how often. Accidents end by themselves after a while. */
const TURNS: readonly { readonly name: string; readonly weight: number; readonly turn: Turn }[] = [
  { name: 'deploy', weight: 8, turn: deploySomewhere },
  { name: 'release', weight: 5, turn: releaseOne },
  {
    name: 'an uplink is cut',
    weight: 2,
    turn(fleet, random) {
      const n = random.below(SITES)
      fleet.cutUplink(true, n)
      fleet.world.clock.after(Minutes(1 + random.below(20)), () => fleet.cutUplink(false, n))
    },
  },
  {
    name: 'an agent is killed',
    weight: 2,
    turn(fleet, random) {
      const n = random.below(SITES)
      const site = siteOf(fleet, n)
      if (!site.running) return
      site.crash()
      startLater(fleet, site, Seconds(1 + random.below(300)))
    },
  },
  {
    name: 'an agent is killed after some commit',
    weight: 4,
    turn(fleet, random) {
      const site = siteOf(fleet, random.below(SITES))
      if (site.running) site.crashAfterCommit(1 + random.below(40), Seconds(1 + random.below(120)))
    },
  },
  {
    name: 'the hub is killed',
    weight: 1,
    turn(fleet, random) {
      if (!fleet.hub.running) return
      fleet.hub.crash()
      fleet.world.clock.after(Seconds(1 + random.below(900)), () => {
        if (!fleet.hub.running) void fleet.hub.start()
      })
    },
  },
  {
    name: 'a bad cable',
    weight: 1,
    turn(fleet, random) {
      const { provisioning } = siteOf(fleet, random.below(SITES)).rack.segments
      fleet.world.network.setSegment(provisioning, { loss: 0.1, duplication: 0.05 })
      fleet.world.clock.after(Minutes(random.below(15)), () => goodCables(fleet))
    },
  },
  {
    name: 'a moment without mains',
    weight: 1,
    async turn(fleet, random) {
      const { rack } = siteOf(fleet, random.below(SITES))
      rack.mains(false)
      await fleet.world.clock.advance(Seconds(5 + random.below(60)))
      rack.mains(true)
    },
  },
  {
    name: 'a BMC hangs for a while',
    weight: 1,
    async turn(fleet, random) {
      const { rack } = siteOf(fleet, random.below(SITES))
      const content = [...rack.slots().values()][random.below(SLEDS_PER_SITE)]
      if (content === undefined) return
      content.bmc.faults.silent = true
      await fleet.world.clock.advance(Seconds(random.below(90)))
      content.bmc.faults.silent = false
    },
  },
]

const WEIGHT_SUM = TURNS.reduce((sum, { weight }) => sum + weight, 0)

function pickTurn(random: SeededRandom): (typeof TURNS)[number] {
  let left = random.below(WEIGHT_SUM)
  for (const turn of TURNS) {
    left -= turn.weight
    if (left < 0) return turn
  }
  throw new Error('weights do not add up')
}

function startLater(fleet: SimulatedFleet, site: SimulatedSite, delayMs: number): void {
  fleet.world.clock.after(delayMs, () => {
    if (!site.running) void site.start()
  })
}

function goodCables(fleet: SimulatedFleet): void {
  for (const { rack } of fleet.sites) {
    fleet.world.network.setSegment(rack.segments.provisioning, { loss: 0, duplication: 0 })
  }
}

/** Everything is made whole again; from here on the fleet must find its way by itself. */
async function heal(fleet: SimulatedFleet): Promise<void> {
  goodCables(fleet)
  if (!fleet.hub.running) await whileTimePasses(fleet.world, fleet.hub.start(), Minutes(5))
  for (let n = 0; n < SITES; n++) {
    fleet.cutUplink(false, n)
    if (!siteOf(fleet, n).running) await fleet.start(n)
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

const writesOf = ({ sites }: SimulatedFleet): number =>
  sites
    .flatMap(({ rack }) => [...rack.slots().values()])
    .flatMap(({ sled }) => sled.deeds)
    .filter(({ what }) => what === 'write').length

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
        const told: string[] = []
        const turns = seeds().length > 1 ? TURNS_LONG : TURNS_SHORT
        try {
          for (let n = 0; n < turns; n++) {
            const { name, turn } = pickTurn(random)
            told.push(`${Math.round(fleet.world.clock.monotonicMs() / 1000)} s: ${name}`)
            await turn(fleet, random, n)
            for (let look = random.below(8); look >= 0; look--) {
              await fleet.world.clock.advance(Seconds(1 + random.below(60)))
              await checkInvariants(fleet)
            }
          }
          await heal(fleet)
          await bringHome(fleet)
          expect(writesOf(fleet)).toBeGreaterThan(0)
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
