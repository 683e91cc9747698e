import { describe, expect, it } from 'vitest'
import { sledName } from '@brickyard/sim/rack-plan'
import { seededRandom } from '@brickyard/sim/seeded-random'
import { installedSystem } from '@brickyard/sim/synthetic-image'
import { Seconds } from '@brickyard/std/units'
import { checkInvariants } from './invariants.ts'
import { simulatedFleet, type SimulatedFleet } from './simulated-fleet.ts'
import { seeds } from './seeds.ts'

/** More commits than a provision or a release has; a trap beyond the last one does not spring. */
const COMMITS_MAX = 60
/** How many of the commits a short run tries; a long one (BRICKYARD_SIM_SEEDS) tries all. */
const SAMPLE = 7

const SLED = sledName(1)

/** One deployment and its release, the agent killed after the k-th commit of each. */
async function cycle(fleet: SimulatedFleet, k: number): Promise<{ sprung: number }> {
  const { site } = fleet
  const sled = site.rack.slot(SLED)?.sled
  if (sled === undefined) throw new Error('no sled')
  const before = sled.deeds.length
  const deeds = (what: string): number =>
    sled.deeds.slice(before).filter((deed) => deed.what === what).length
  let sprung = 0

  const made = await fleet.deploy(`run-${k}`, 1)
  const provisionTrap = site.crashAfterCommit(k, Seconds(5))
  await fleet.until(`in use, killed after commit ${k}`, async () => {
    await checkInvariants(fleet)
    return (await fleet.deployment(made.id)).state === 'in-use'
  })
  if (provisionTrap()) sprung++
  expect([k, deeds('write'), deeds('call-home')]).toEqual([k, 1, 1])
  expect(sled.hardware.disks.map(installedSystem)).toEqual(['debian-12'])

  await fleet.hub.ask(fleet.hub.client.deployments.release(made.id))
  const releaseTrap = site.crashAfterCommit(k, Seconds(5))
  await fleet.until(`released, killed after commit ${k}`, async () => {
    await checkInvariants(fleet)
    return (await fleet.sledState(SLED)).state === 'ready'
  })
  if (releaseTrap()) sprung++
  expect(sled.hardware.disks[0]?.firstNonZero()).toBeUndefined()
  expect(sled.on).toBe(false)
  return { sprung }
}

describe('an agent that is killed between any two commits', () => {
  for (const seed of seeds()) {
    it(
      `ends the provision and the release right, once (seed ${seed})`,
      { timeout: 600_000 },
      async () => {
        const fleet = await simulatedFleet({ seed, sledsPerSite: 1 })
        await fleet.until('ready', async () => (await fleet.sledState(SLED)).state === 'ready')
        const all = Array.from({ length: COMMITS_MAX }, (_, i) => i + 1)
        const random = seededRandom(`${seed}/commits`)
        const chosen =
          seeds().length > 1
            ? all
            : [1, ...Array.from({ length: SAMPLE }, () => 1 + random.below(40))]
        let sprung = 0
        for (const k of chosen) sprung += (await cycle(fleet, k)).sprung
        expect(sprung).toBeGreaterThan(SAMPLE)
        const journal = await fleet.settledJournal()
        expect(journal).toMatchObject({ missing: 0, lost: 0, twice: 0, wrong: 0 })
      },
    )
  }
})
