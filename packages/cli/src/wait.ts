import type { Act, Deployment, Operation } from '@brickyard/api/schemas'
import { err, ok, type Result } from '@brickyard/std/result'
import { Hours, Minutes, Seconds } from '@brickyard/std/units'
import { ask, type Context } from './context.ts'
import { EXIT, failure, type CliFailure } from './exit-codes.ts'

const TIMEOUT_DEFAULT_MS = Minutes(30)
/** Often enough to look immediate, seldom enough to leave the hub in peace. */
const LOOK_EVERY_MS = Seconds(1)

/** Reads `90s`, `10m`, `1h`; a bare number is seconds. */
export function parseSpan(text: string): number | undefined {
  const match = /^(\d+)(s|m|h)?$/.exec(text)
  if (match === null) return undefined
  const count = Number(match[1])
  return match[2] === 'h' ? Hours(count) : match[2] === 'm' ? Minutes(count) : Seconds(count)
}

/** When to give up, by `--timeout`. */
export function deadlineOf(context: Context): Result<number, CliFailure> {
  const text = context.options.text('timeout')
  const span = text === undefined ? TIMEOUT_DEFAULT_MS : parseSpan(text)
  if (span === undefined) {
    return err(failure(EXIT.usage, `--timeout is '${text}'; write e.g. 90s, 10m or 1h`))
  }
  return ok(context.ports.nowMs() + span)
}

/** Looks again and again until `look` is content; the hub being away for a moment is waited out. */
async function until<T>(
  context: Context,
  what: string,
  look: () => Promise<Result<T | undefined, CliFailure>>,
): Promise<Result<T, CliFailure>> {
  const deadline = deadlineOf(context)
  if (!deadline.ok) return deadline
  let unreachable = false
  for (;;) {
    const seen = await look()
    if (seen.ok && seen.value !== undefined) return ok(seen.value)
    if (!seen.ok && seen.error.exit !== EXIT.unreachable) return seen
    if (!seen.ok && !unreachable) context.say('The hub does not answer; still waiting.')
    unreachable = !seen.ok
    if (context.ports.nowMs() >= deadline.value) {
      return err(failure(EXIT.timedOut, `Gave up waiting for ${what}; it goes on without us.`))
    }
    await context.ports.sleep(LOOK_EVERY_MS)
  }
}

/**
 * Waits until the site has said what became of an act: where it began an operation, that is the
 * operation's end, and each step is told as it begins.
 */
export function waitForAct(context: Context, act: Act): Promise<Result<Act, CliFailure>> {
  const tell = stepTeller(context)
  return until(context, `${act.kind} of ${act.site}/${act.sled}`, async () => {
    const now = await ask(context.hub.acts.get(act.id))
    if (!now.ok) return now
    if (now.value.operation !== null) {
      const operation = await ask(context.hub.operations.get(now.value.operation))
      if (operation.ok) tell(operation.value)
    }
    const over = now.value.state !== 'sent' && now.value.state !== 'waiting-for-site'
    return ok(over ? now.value : undefined)
  })
}

/** Follows an operation to its end, telling each step as it begins. */
export function waitForOperation(
  context: Context,
  id: string,
): Promise<Result<Operation, CliFailure>> {
  const tell = stepTeller(context)
  return until(context, `operation ${id}`, async () => {
    const now = await ask(context.hub.operations.get(id))
    if (!now.ok) return now
    tell(now.value)
    const over = now.value.state !== 'waiting' && now.value.state !== 'running'
    return ok(over ? now.value : undefined)
  })
}

/** Tells each step of an operation once as it begins and once as it ends. */
function stepTeller(context: Context): (operation: Operation) => void {
  const told = new Set<string>()
  return ({ steps }) => {
    for (const [index, step] of steps.entries()) {
      const line = `${step.name}: ${step.state}${step.detail === null ? '' : ` (${step.detail})`}`
      const key = `${index} ${step.state}`
      if (step.state === 'waiting' || told.has(key)) continue
      told.add(key)
      context.say(line)
    }
  }
}

/** Waits until every sled of a deployment has come where it should, or the deployment failed. */
export function waitForDeployment(
  context: Context,
  id: string,
  wanted: 'in-use' | 'released',
): Promise<Result<Deployment, CliFailure>> {
  const told = new Map<string, string>()
  return until(context, `deployment ${id}`, async () => {
    const now = await ask(context.hub.deployments.get(id))
    if (!now.ok) return now
    for (const { site, sled, state, reason } of now.value.assignments) {
      if (told.get(`${site}/${sled}`) === state) continue
      told.set(`${site}/${sled}`, state)
      context.say(`${site}/${sled}: ${state}${reason === null ? '' : ` (${reason})`}`)
    }
    const { state } = now.value
    const over = state === wanted || state === 'failed' || state === 'refused'
    return ok(over ? now.value : undefined)
  })
}
