import type { Deployment } from '@brickyard/api/schemas'
import type { SiteName } from '@brickyard/model/names'
import type { Clock } from '@brickyard/runtime/clock'
import { compareJournals, type JournalComparison } from '@brickyard/sim/journal-comparison'
import type { SledTiming } from '@brickyard/sim/hardware'
import { planRack, type RackPlan } from '@brickyard/sim/rack-plan'
import { simulatedRack, type RackOptions, type SimulatedRack } from '@brickyard/sim/rack'
import { syntheticImage, type SyntheticImage } from '@brickyard/sim/synthetic-image'
import { Hours, KiB, MiB, Minutes, Seconds } from '@brickyard/std/units'
import { HUB_URL, type SimulatedHub, simulatedHub } from './simulated-hub.ts'
import {
  type SimulatedSite,
  simulatedSite,
  type SiteOptions,
  type SitePdus,
} from './simulated-site.ts'
import { type SimulatedWorld, simulatedWorld, whileTimePasses } from './simulated-world.ts'

export interface FleetOptions {
  readonly seed: string
  readonly sites?: number
  readonly sledsPerSite?: number
  readonly limits?: SiteOptions['limits']
  /** Changes the rack before its agent sees it: faults of BMCs, other hardware. */
  readonly prepare?: (rack: SimulatedRack) => void | Promise<void>
  /** Changes what is declared at the hub. */
  readonly declare?: (plan: RackPlan) => unknown
  /** PDUs whose outlets feed the rack's sleds. */
  readonly pdus?: (clock: Clock, rack: SimulatedRack) => SitePdus
  readonly timing?: SledTiming
  /** Sees every command that a BMC is given in a session. */
  readonly onBmcCommand?: RackOptions['onBmcCommand']
}

/** The real hub, real agents at simulated racks, and one image: what most runs begin with. */
export interface SimulatedFleet {
  readonly world: SimulatedWorld
  readonly hub: SimulatedHub
  readonly sites: readonly SimulatedSite[]
  readonly site: SimulatedSite
  readonly image: SyntheticImage
  siteName(n?: number): SiteName
  /** Lets time pass until `look` holds; throws with the story when it never does. */
  until(what: string, look: () => Promise<boolean> | boolean, limitMs?: number): Promise<void>
  sledState(sled: string, site?: SiteName): Promise<{ state: string; reason: string | null }>
  deploy(
    name: string,
    count: number,
    more?: Partial<Parameters<SimulatedHub['client']['deployments']['create']>[0]>,
  ): Promise<Deployment>
  deployment(id: string): Promise<Deployment>
  cutUplink(cut: boolean, n?: number): void
  /** Starts the agent of a site that was crashed. */
  start(n?: number): Promise<void>
  /** Waits until the hub has everything, then compares both stores. */
  settledJournal(n?: number): Promise<JournalComparison>
}

/** A short self test: the runs are about order, not about waiting. */
export const QUICK_TIMING: SledTiming = {
  postMs: Seconds(20),
  installerBootMs: Seconds(5),
  osBootMs: Seconds(15),
  cycleMs: Seconds(2),
  softOffMs: Seconds(5),
  diskBytesPerSecond: MiB(1),
}
const LOOK_MS = Seconds(5)
const SMALL_IMAGE = { noiseBytes: KiB(512), rawBytes: MiB(8) }

export async function simulatedFleet(options: FleetOptions): Promise<SimulatedFleet> {
  const { sites: siteCount = 1, sledsPerSite = 2 } = options
  const world = simulatedWorld(options.seed)
  const hub = await simulatedHub(world)
  const image = syntheticImage('debian-12', SMALL_IMAGE)
  await uploadImage(hub, image)
  const sites: SimulatedSite[] = []
  for (let n = 0; n < siteCount; n++)
    sites.push(await bringUp(world, hub, options, n, sledsPerSite))

  const fleet: SimulatedFleet = {
    world,
    hub,
    image,
    sites,
    get site() {
      return sites[0] as SimulatedSite
    },
    siteName: (n = 0) => (sites[n] as SimulatedSite).rack.plan.document.site,
    async until(what, look, limitMs = Hours(4)) {
      const startMs = world.clock.monotonicMs()
      while (!(await look())) {
        if (world.clock.monotonicMs() - startMs > limitMs) {
          throw new Error(`seed ${options.seed}: never came: ${what}\n${await story(fleet)}`)
        }
        await world.clock.advance(LOOK_MS)
      }
    },
    async sledState(sled, site = fleet.siteName()) {
      const found = await hub.ask(hub.client.sleds.get(site, sled))
      return { state: found.state, reason: found.stateReason }
    },
    deploy: (name, count, more = {}) =>
      hub.ask(hub.client.deployments.create({ name, count, image: image.image.sha256, ...more })),
    deployment: (id) => hub.ask(hub.client.deployments.get(id)),
    cutUplink: (cut, n = 0) => world.network.setSegment(`${fleet.siteName(n)}/wan`, { cut }),
    start: (n = 0) => whileTimePasses(world, (sites[n] as SimulatedSite).start(), Minutes(2)),
    async settledJournal(n = 0) {
      const site = sites[n] as SimulatedSite
      const compare = () => compareJournals(site.journal(), hub.journal(fleet.siteName(n)))
      await fleet.until('the hub has every event', () => compare().missing === 0, Minutes(30))
      return compare()
    },
  }
  return fleet
}

async function uploadImage(hub: SimulatedHub, { image, served }: SyntheticImage): Promise<void> {
  await hub.ask(hub.client.images.create({ ...image, firmware: [...image.firmware] }))
  await hub.ask(hub.client.images.putContent(image.sha256, Uint8Array.from(served)))
}

async function bringUp(
  world: SimulatedWorld,
  hub: SimulatedHub,
  options: FleetOptions,
  n: number,
  sledCount: number,
): Promise<SimulatedSite> {
  const { clock, random, network, http } = world
  const site = `edge-${n + 1}` as SiteName
  const plan = planRack({ site, siteNumber: n, sledCount, random })
  const rack = await simulatedRack({
    plan,
    siteNumber: n,
    clock,
    random,
    network,
    httpOf: (host) => http.client(host),
    timing: options.timing ?? QUICK_TIMING,
    ...(options.onBmcCommand === undefined ? {} : { onBmcCommand: options.onBmcCommand }),
  })
  await options.prepare?.(rack)
  hub.connect(site)
  network.setSegment(`${site}/wan`, { latencyMs: 20, jitterMs: 10, bytesPerSecond: 2e6 })
  rack.agentHost.attach({
    interface: 'wan0',
    segment: `${site}/wan`,
    address: `198.51.100.${n + 1}`,
  })
  await hub.ask(hub.client.sites.create({ name: site }))
  await hub.ask(hub.client.sites.putRack(site, options.declare?.(plan) ?? plan.document))
  const { token } = await hub.ask(hub.client.sites.enrolmentToken(site))
  const made = await simulatedSite(world, {
    rack,
    hub: { url: HUB_URL, enrolmentToken: token },
    pdus: options.pdus?.(world.clock, rack),
    ...(options.limits === undefined ? {} : { limits: options.limits }),
  })
  await whileTimePasses(world, made.start(), Minutes(2))
  return made
}

/** What there is to know when a run went wrong. */
async function story(fleet: SimulatedFleet): Promise<string> {
  const { hub, sites } = fleet
  const lines: string[] = []
  if (hub.running) {
    const sleds = await hub.ask(hub.client.sleds.list())
    for (const sled of sleds.items) {
      lines.push(`${sled.site}/${sled.name} ${sled.state} ${sled.power}: ${sled.stateReason}`)
    }
    const operations = await hub.ask(hub.client.operations.list())
    for (const operation of operations.items) {
      const last = operation.steps.at(-1)
      lines.push(
        `${operation.sled} ${operation.kind} ${operation.state} ${operation.reason} | ${last?.name} ${last?.state} ${last?.detail}`,
      )
    }
  }
  for (const { rack, log } of sites) {
    for (const [name, { sled }] of rack.slots()) {
      lines.push(`${name}: ${sled.stage}; ${sled.screen.slice(-4).join(' | ')}`)
      lines.push(
        `  ${sled.deeds.map(({ atMs, what }) => `${Math.round(atMs / 1000)}s ${what}`).join(', ')}`,
      )
    }
    lines.push(...log.lines.slice(-15).map((line) => JSON.stringify(line)))
  }
  return lines.join('\n')
}
