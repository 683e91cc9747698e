import { installedSystem } from '@brickyard/sim/synthetic-image'
import { compareJournals } from '@brickyard/sim/journal-comparison'
import type { SimulatedFleet } from './simulated-fleet.ts'
import type { SimulatedSite } from './simulated-site.ts'

/**
 * What must hold at every moment of every run (facts on fleets, §5.1), looked at from outside: the
 * machines as they are against what site and hub say of them. Throws with the seed on a breach.
 */
export async function checkInvariants(fleet: SimulatedFleet): Promise<void> {
  for (const [n, site] of fleet.sites.entries()) {
    const broken = [...journalBreaches(fleet, n), ...sledBreaches(site), ...generation(fleet, n)]
    if (broken.length > 0) throw new Error(`seed ${fleet.world.seed}: ${broken.join('; ')}`)
  }
  const doubled = await doubleAssignments(fleet)
  if (doubled.length > 0) throw new Error(`seed ${fleet.world.seed}: ${doubled.join('; ')}`)
}

/** No acknowledged fact lost, none held twice, none changed on its way. */
function journalBreaches(fleet: SimulatedFleet, n: number): string[] {
  const site = fleet.sites[n] as SimulatedSite
  if (!site.running) return []
  const journal = site.journal()
  const found = compareJournals(journal, fleet.hub.journal(fleet.siteName(n)))
  const holes = journal.events.filter((event, i, all) => {
    const next = all[i + 1]
    return next !== undefined && next.seq !== event.seq + 1
  })
  return [
    ...(found.lost > 0 ? [`${found.lost} acknowledged events are not at the hub`] : []),
    ...(found.twice > 0 ? [`${found.twice} events are at the hub twice`] : []),
    ...(found.wrong > 0 ? [`${found.wrong} events differ between site and hub`] : []),
    ...(holes.length > 0 ? [`the site's journal has a hole after ${holes[0]?.seq}`] : []),
  ]
}

const MAKES_DISK: ReadonlySet<string> = new Set(['wipe', 'write', 'seed'])

/** What the site says of a sled against the machine itself. */
function sledBreaches(site: SimulatedSite): string[] {
  const state = site.agent?.state()
  if (state === undefined) return []
  return [...site.rack.slots()].flatMap(([name, { sled }]) => {
    const record = state.site.sleds.get(name)
    if (record === undefined) return []
    const system = sled.hardware.disks.map(installedSystem).find((found) => found !== undefined)
    const wrong: string[] = []
    if (record.state === 'in-use' && system === undefined) {
      wrong.push(`${name} is in use and has no system on its disk`)
    }
    if (
      record.state === 'ready' &&
      sled.hardware.disks.some((disk) => disk.firstNonZero() !== undefined)
    ) {
      wrong.push(`${name} is ready and its disk is not empty`)
    }
    const made = sled.deeds.filter(({ what }) => MAKES_DISK.has(what)).at(-1)
    if (system !== undefined && made?.what !== 'seed') {
      wrong.push(`${name} would boot ${system} from a disk that is only half made`)
    }
    return wrong
  })
}

const highest = new WeakMap<SimulatedSite, number>()

/** The generation a site holds never goes back, whatever crashed. */
function generation(fleet: SimulatedFleet, n: number): string[] {
  const site = fleet.sites[n] as SimulatedSite
  const held = site.agent?.state()?.wantedGeneration
  if (held === undefined) return []
  const before = highest.get(site) ?? 0
  highest.set(site, Math.max(before, held))
  return held < before ? [`the wanted state went from generation ${before} to ${held}`] : []
}

/** A sled is never held by two deployments. */
async function doubleAssignments(fleet: SimulatedFleet): Promise<string[]> {
  if (!fleet.hub.running) return []
  const { items } = await fleet.hub.ask(fleet.hub.client.deployments.list())
  const live = items
    .flatMap(({ assignments }) => assignments)
    .filter(({ state }) => state !== 'released' && state !== 'failed')
    .map(({ site, sled }) => `${site}/${sled}`)
  const doubled = live.filter((sled, i) => live.indexOf(sled) !== i)
  return doubled.map((sled) => `${sled} is held by two deployments`)
}
