import type { ApiEvent, Deployment, Operation } from '@brickyard/api/schemas'
import { Minutes } from '@brickyard/std/units'
import { until } from './checks.ts'
import { type Phases, phasesOfOperation } from './phases.ts'
import type { Rig } from './rig.ts'
import { answered, type RigSite, SITE } from './site.ts'

/** Longest waits; under emulation on a busy machine each takes a fraction of it. */
const INSPECT_LIMIT_MS = Minutes(10)
const DEPLOY_LIMIT_MS = Minutes(12)
const RELEASE_LIMIT_MS = Minutes(8)
const EVENTS_PER_PAGE = 500

export interface Installation {
  readonly deployment: Deployment
  /** By the sled's name, from the call of the API on. */
  readonly phases: ReadonlyMap<string, Phases>
}

/** Waits until every sled of the rig is `ready`: inspected by itself, or released. */
export async function untilReady(rig: Rig, { client }: RigSite, limitMs: number): Promise<void> {
  let standing = ''
  const look = async (): Promise<true | undefined> => {
    const { items } = await answered(client.sleds.list({ site: SITE }))
    standing = items
      .map(({ name, state, stateReason }) => `${name} is ${state}: ${stateReason}`)
      .join('; ')
    if (items.some(({ state }) => state === 'failed' || state === 'held')) throw new Error(standing)
    const ready = items.filter(({ state }) => state === 'ready')
    return ready.length === rig.sleds.length ? true : undefined
  }
  await until(limitMs, 'all sleds are ready', look, () => standing)
}

export const untilInspected = (rig: Rig, site: RigSite): Promise<void> =>
  untilReady(rig, site, INSPECT_LIMIT_MS)

/** One call of the API, then nothing but looking until both sleds are in use. */
export async function deploy(rig: Rig, { client }: RigSite): Promise<Installation> {
  const [newest] = (await answered(client.events.list({ site: SITE, limit: 1 }))).items
  const startMs = Date.now()
  const asked = { count: rig.sleds.length, image: rig.files.facts.sha256, hostname: 'rig-{n}' }
  const { id } = await answered(client.deployments.create(asked))
  let standing = ''
  const deployment = await until(
    DEPLOY_LIMIT_MS,
    'the deployment is in use',
    async () => {
      const seen = await answered(client.deployments.get(id))
      standing = describe(seen)
      if (seen.state === 'failed' || seen.state === 'refused') throw new Error(standing)
      return seen.state === 'in-use' ? seen : undefined
    },
    () => standing,
  )
  const after = { site: SITE, after: newest?.id ?? 0, limit: EVENTS_PER_PAGE }
  const events = (await answered(client.events.list(after))).items
  const phases = new Map<string, Phases>()
  for (const { sled, id: assignment } of deployment.assignments) {
    const { items } = await answered(client.operations.list({ site: SITE, sled, assignment }))
    const operation = items.find(({ kind }) => kind === 'provision')
    if (operation === undefined) throw new Error(`the hub knows no provision of ${sled}`)
    phases.set(sled, phasesOfOperation(startMs, operation, marksOf(rig, operation, events)))
  }
  return { deployment, phases }
}

/** Gives the sleds back; comes back when both are wiped and ready. */
export async function release(rig: Rig, site: RigSite, { id }: Deployment): Promise<void> {
  const { client } = site
  await answered(client.deployments.release(id))
  await until(RELEASE_LIMIT_MS, 'the deployment is released', async () => {
    const seen = await answered(client.deployments.get(id))
    if (seen.state === 'failed') throw new Error(describe(seen))
    return seen.state === 'released' ? true : undefined
  })
  await untilReady(rig, site, RELEASE_LIMIT_MS)
}

/** What netboot served to a sled since an event, in the journal's words. */
export async function servedSince(site: RigSite, after: number, sled: string): Promise<string[]> {
  const page = await answered(
    site.client.events.list({ site: SITE, after, limit: EVENTS_PER_PAGE }),
  )
  return page.items.flatMap((event) =>
    event.kind === 'netboot.served' && event.sled === sled ? [whatOf(event)] : [],
  )
}

export async function newestEvent({ client }: RigSite): Promise<number> {
  return (await answered(client.events.list({ site: SITE, limit: 1 }))).items[0]?.id ?? 0
}

function marksOf(
  rig: Rig,
  { sled, startedAtMs }: Operation,
  events: readonly ApiEvent[],
): Record<string, number | undefined> {
  const own = events.filter((event) => event.sled === sled && event.atMs >= startedAtMs)
  const script = own.find(
    (event) => event.kind === 'netboot.served' && whatOf(event) === 'installer',
  )
  const claim = own.find(({ kind }) => kind === 'intent.claimed')
  return {
    startedMs: rig.sleds.find(({ hardware }) => hardware.name === sled)?.netbootedAtMs,
    scriptMs: script?.atMs,
    claimMs: claim?.atMs,
  }
}

const whatOf = ({ body }: ApiEvent): string =>
  typeof body === 'object' && body !== null && 'what' in body ? String(body.what) : ''

const describe = ({ state, reason, assignments }: Deployment): string =>
  `it is ${state}: ${reason ?? ''}; ${assignments.map((a) => `${a.sled} is ${a.state}: ${a.reason ?? ''}`).join('; ')}`
