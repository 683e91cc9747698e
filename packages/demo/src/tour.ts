import type { HubClient, Answer } from '@brickyard/api/client'
import type { Deployment } from '@brickyard/api/schemas'
import { type Clock, sleep } from '@brickyard/runtime/clock'
import { Minutes, Seconds } from '@brickyard/std/units'
import { type LabSite, sledInWrite } from './lab-site.ts'

/** One act of the tour, as the lab panel shows it. */
export interface TourStep {
  readonly title: string
  state: 'waiting' | 'running' | 'done' | 'failed'
  detail: string
}

export interface TourParts {
  readonly client: HubClient
  readonly clock: Clock
  readonly sites: readonly LabSite[]
  readonly imageName: string
  /** Told of every change, for the terminal. */
  readonly say: (step: TourStep) => void
}

export interface Tour {
  readonly steps: readonly TourStep[]
  /** Runs the acts one after the other; an act that fails is shown and the next goes on. */
  run(): Promise<void>
}

const POLL_MS = Seconds(0.5)
const STEP_TIMEOUT_MS = Minutes(4)
/** Long enough to see that the sled goes on without its agent. */
const AGENT_AWAY_MS = Seconds(3)
/** Past the 90 s of silence after which the console calls a site away. */
const UPLINK_AWAY_MS = Seconds(100)

/** The first five minutes: what a newcomer should see happen by itself. */
export function createTour(parts: TourParts): Tour {
  const acts: readonly [string, (step: TourStep) => Promise<string>][] = [
    ['Three sites come up and inspect their sleds', () => sitesComeUp(parts)],
    ['A deployment of four sleds, live to in-use', (step) => deployFour(parts, step)],
    ['A deployment that cannot be placed is refused with its reason', () => refused(parts)],
    ['An agent is killed in mid-write, and the provision ends right', (s) => killed(parts, s)],
    ['An uplink is cut and rejoins: nothing lost, nothing twice', (s) => cutOff(parts, s)],
  ]
  const steps = acts.map(([title]): TourStep => ({ title, state: 'waiting', detail: '' }))
  return {
    steps,
    async run() {
      for (const [n, [, act]] of acts.entries()) {
        const step = steps[n] as TourStep
        step.state = 'running'
        parts.say(step)
        try {
          step.detail = await act(step)
          step.state = 'done'
        } catch (error) {
          step.detail = error instanceof Error ? error.message : String(error)
          step.state = 'failed'
        }
        parts.say(step)
      }
    },
  }
}

async function take<T>(answer: Answer<T>): Promise<T> {
  const result = await answer
  if (result.ok) return result.value
  const { error } = result
  throw new Error(error.kind === 'problem' ? error.problem.detail : error.message)
}

/** Looks again and again until `look` gives something. */
async function until<T>(
  { clock }: TourParts,
  what: string,
  look: () => T | undefined | Promise<T | undefined>,
): Promise<T> {
  const startMs = clock.monotonicMs()
  for (;;) {
    const found = await look()
    if (found !== undefined) return found
    if (clock.monotonicMs() - startMs > STEP_TIMEOUT_MS) throw new Error(`gave up waiting: ${what}`)
    await sleep(clock, POLL_MS)
  }
}

/** Sleds wanted ready before the first deployment: enough for it, without waiting for all. */
const READY_SLEDS_MIN = 6

async function sitesComeUp(parts: TourParts): Promise<string> {
  return until(parts, 'every site connected with ready sleds', async () => {
    const { items } = await take(parts.client.sites.list())
    const up = items.filter(
      ({ link, sledCountByState }) =>
        link === 'connected' && (sledCountByState['ready'] ?? 0) >= READY_SLEDS_MIN,
    )
    return up.length === parts.sites.length
      ? `${up.length} sites are connected, each with ${READY_SLEDS_MIN} ready sleds or more`
      : undefined
  })
}

const deploy = (
  parts: TourParts,
  name: string,
  count: number,
  site: LabSite,
): Promise<Deployment> =>
  take(
    parts.client.deployments.create({
      name,
      count,
      image: parts.imageName,
      constraints: { sites: [site.site.name] },
      hostname: `${name}-{n}`,
    }),
  )

/** The deployment once every sled is in use; throws as soon as it has failed. */
const inUse = (parts: TourParts, id: string, step: TourStep): Promise<Deployment> =>
  until(parts, `deployment ${id} in use`, async () => {
    const now = await take(parts.client.deployments.get(id))
    const ready = now.assignments.filter(({ state }) => state === 'in-use').length
    step.detail = `${ready} of ${now.count} in use`
    if (now.state === 'failed' || now.state === 'refused') throw new Error(now.reason ?? now.state)
    return now.state === 'in-use' ? now : undefined
  })

const siteNumber = (parts: TourParts, n: number): LabSite => parts.sites[n] as LabSite

async function deployFour(parts: TourParts, step: TourStep): Promise<string> {
  const startMs = parts.clock.monotonicMs()
  const made = await deploy(parts, 'race-day', 4, siteNumber(parts, 0))
  const { assignments } = await inUse(parts, made.id, step)
  const seconds = Math.round((parts.clock.monotonicMs() - startMs) / Seconds(1))
  return `${assignments.map(({ sled }) => sled).join(', ')} went from off to in-use in ${seconds} s`
}

async function refused(parts: TourParts): Promise<string> {
  const made = await parts.client.deployments.create({
    name: 'needs-gpus',
    count: 2,
    image: parts.imageName,
    constraints: { labels: { gpu: 'a100' } },
  })
  if (made.ok) {
    if (made.value.state !== 'refused') throw new Error(`it was ${made.value.state}`)
    return made.value.reason ?? made.value.placement.summary
  }
  if (made.error.kind === 'problem') return made.error.problem.detail
  throw new Error(made.error.message)
}

async function killed(parts: TourParts, step: TourStep): Promise<string> {
  const lab = siteNumber(parts, 1)
  const made = await deploy(parts, 'night-shift', 1, lab)
  const sled = await until(parts, 'an image being written', () => sledInWrite(lab))
  lab.killAgent()
  step.detail = `the agent of ${lab.site.name} was killed while ${sled} was being written`
  parts.say(step)
  await sleep(parts.clock, AGENT_AWAY_MS)
  await lab.startAgent()
  await inUse(parts, made.id, step)
  return `the agent was killed while ${sled} was being written; ${sled} is in use all the same`
}

async function cutOff(parts: TourParts, step: TourStep): Promise<string> {
  const lab = siteNumber(parts, 2)
  const made = await deploy(parts, 'box-office', 1, lab)
  await until(parts, 'an image being written', () => sledInWrite(lab))
  const before = lab.journal().sent
  lab.setUplinkCut(true)
  step.detail = `${lab.site.name} has no uplink and goes on by itself`
  parts.say(step)
  await sleep(parts.clock, UPLINK_AWAY_MS)
  const alone = lab.journal()
  lab.setUplinkCut(false)
  await inUse(parts, made.id, step)
  const after = await until(parts, 'the journals to agree', () => {
    const now = lab.journal()
    return now.missing === 0 && now.sent >= alone.sent ? now : undefined
  })
  const written = alone.sent - before
  return (
    `${written} events were written without the hub; after the rejoin: ` +
    `${after.sent} sent, ${after.lost} lost, ${after.twice} twice`
  )
}
