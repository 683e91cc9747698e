import { runFloor } from './floor.ts'
import { deploy, release, untilInspected } from './installations.ts'
import { type Phases, totalMs } from './phases.ts'
import type { Rig } from './rig.ts'
import { openSite, type RigSite } from './site.ts'

/** A median of fewer is a matter of luck. */
const ROUNDS = 3

/** One installation's time, as a line of JSON for `npm run bench -- provision`. */
export interface Measured {
  readonly by: 'ours' | 'floor' | 'untuned floor'
  readonly sled: string
  readonly totalMs: number
}

/**
 * Ours and the tuned floor in turns, so that a machine that slows down slows both; the untuned floor
 * once. The agent is stopped while the floor serves, for both need the same ports.
 */
export async function measure(rig: Rig, tell: (measured: Measured) => void): Promise<void> {
  const report = (by: Measured['by'], phases: ReadonlyMap<string, Phases>): void => {
    for (const [sled, run] of phases) tell({ by, sled, totalMs: totalMs(run) ?? Number.NaN })
  }
  const site = await openSite({ ...rig, sleds: rig.rackSleds })
  try {
    for (let round = 0; round < ROUNDS; round++) {
      report('ours', await runOurs(rig, site))
      report('floor', await runFloor({ ...rig, tuned: true }))
    }
    report('untuned floor', await runFloor({ ...rig, tuned: false }))
  } catch (error) {
    console.error(`${site.lastWords()}\n${rig.consoles()}`)
    throw error
  } finally {
    await site.close()
  }
}

/** Deploys from ready sleds and gives them back; the floor's use of the disks left nothing to us. */
async function runOurs(rig: Rig, site: RigSite): Promise<ReadonlyMap<string, Phases>> {
  try {
    for (const sled of rig.sleds) sled.emptyDisk()
    await site.startAgent()
    await untilInspected(rig, site)
    const { deployment, phases } = await deploy(rig, site)
    await release(rig, site, deployment)
    return phases
  } finally {
    await site.stopAgent()
  }
}
