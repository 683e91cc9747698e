import type { InstallOrder } from '@brickyard/installer/install-order'
import {
  applyProgress,
  applyResult,
  beginPlan,
  claimPlan,
  failPlan,
  nextStep,
  rebasePlan,
  restartPlan,
  type InstallPlan,
} from '@brickyard/installer/plan'
import type { InstallerStep, StepProgress, StepResult } from '@brickyard/installer/wire'
import type { PowerState } from '@brickyard/model/operation'
import { err, ok, type Result } from '@brickyard/std/result'
import { Seconds } from '@brickyard/std/units'
import {
  isOver,
  STAGES,
  towardsInstaller,
  type Now,
  type Operation,
  type Stage,
  type TrailStep,
} from './operation.ts'

/** Lines of a trail; the oldest finished ones go first. A provision with all its retries has fewer. */
const TRAIL_MAX = 60
const DETAIL_CHARS_MAX = 500

/** Tries of one stage's effect; a BMC that reboots is back within the pauses between them. */
export const TRIES_MAX = 6
const PAUSES_MS = [Seconds(2), Seconds(5), Seconds(15), Seconds(30), Seconds(60)] as const

export const pauseMs = (tries: number): number =>
  PAUSES_MS[Math.min(tries, PAUSES_MS.length) - 1] ?? PAUSES_MS[0]

/** What an effect came to. `final`: trying again cannot help. */
export type Outcome =
  | { readonly ok: true; readonly detail?: string; readonly power?: PowerState }
  | { readonly ok: false; readonly final: boolean; readonly reason: string }

/** Moves to a stage. The line of the stage before is closed as done. */
export function enterStage(operation: Operation, stage: Stage, now: Now): Operation {
  return {
    ...closeTrail(operation, 'done', null, now),
    stage,
    stageSinceMs: now.monotonicMs,
    begun: false,
    tries: 0,
    notBeforeMs: now.monotonicMs,
    trouble: null,
  }
}

/** Moves to the stage after the present one. */
export function advance(operation: Operation, now: Now): Operation {
  const stages = STAGES[operation.kind]
  return enterStage(operation, stages[stages.indexOf(operation.stage) + 1] ?? 'conclude', now)
}

/** The effect of the present stage begins: recorded before it is done. */
export function beginEffect(operation: Operation, name: string, now: Now): Operation {
  return { ...openTrail(operation, name, null, now), begun: true }
}

/** The effect ended: on to the next stage, another try, or the end. */
export function endEffect(operation: Operation, outcome: Outcome, now: Now): Operation {
  const { monotonicMs } = now
  if (outcome.ok) {
    const power = outcome.power ?? operation.power
    const read = closeTrail({ ...operation, power, begun: false }, 'done', outcome.detail, now)
    return afterEffect(read, now)
  }
  const tries = operation.tries + 1
  const tried: Operation = {
    ...closeTrail(operation, 'failed', outcome.reason, now),
    begun: false,
    tries,
    trouble: outcome.reason,
    notBeforeMs: monotonicMs + pauseMs(tries),
  }
  if (!outcome.final && (tries < TRIES_MAX || operation.stage === 'fetch-image')) return tried
  const often = tries > 1 ? ` (tried ${tries} times)` : ''
  return fail(tried, `${outcome.reason}${often}`, now)
}

/** Where a success leads. */
function afterEffect(operation: Operation, now: Now): Operation {
  const { stage, power } = operation
  switch (stage) {
    case 'power-to-network': {
      const install = restartPlan(installOf(operation, now), now.monotonicMs)
      return { ...advance(operation, now), cycles: operation.cycles + 1, install }
    }
    case 'first-boot':
      return { ...operation, stageSinceMs: now.monotonicMs, reboots: operation.reboots + 1 }
    case 'power-off':
      if (power === 'off') return advance(operation, now)
      return { ...operation, notBeforeMs: now.monotonicMs + Seconds(5) }
    case 'make-safe':
      return enterStage(operation, 'conclude', now)
    case 'power':
    case 'read-bmc':
    case 'fetch-image':
    case 'boot-network':
    case 'identify':
    case 'restart-bmc':
    case 'make-login':
    case 'try-login':
    case 'seal-login':
    case 'write-login':
    case 'prove-login':
    case 'switch-login':
    case 'retire-login':
      return advance(operation, now)
    case 'await-hub':
    case 'installer':
    case 'conclude':
      return operation
  }
}

/** The operation will fail. A sled that was powered to the network is turned off first. */
export function fail(operation: Operation, reason: string, now: Now): Operation {
  const unsafe = operation.stage === 'make-safe' && operation.failing !== null
  const failing = unsafe
    ? `${operation.failing}; and it could not be turned off: ${reason}`
    : (operation.failing ?? reason)
  const install =
    operation.install === null ? null : failPlan(operation.install, 'unsupported', failing)
  // By its feeds alone a sled can be turned off only together with its BMC: it is left as it is.
  const touched =
    operation.cycles > 0 && operation.stage !== 'make-safe' && operation.kind !== 'regain-bmc'
  const closed = closeTrail(operation, 'failed', reason, now)
  const next = enterStage(closed, touched ? 'make-safe' : 'conclude', now)
  return { ...next, failing, install }
}

/** The installer's plan; made when it is first needed. */
export function installOf(operation: Operation, now: Now, order?: InstallOrder): InstallPlan {
  if (operation.install !== null) return operation.install
  return beginPlan(order ?? { kind: 'inspect', architecture: 'x86_64' }, now.monotonicMs)
}

/** The installer claimed its intent and now holds a session. */
export function claimed(operation: Operation, sessionSha256: string, now: Now): Result<Operation> {
  if (isOver(operation) || operation.failing !== null) return err('the operation is over')
  if (operation.install === null) return err('the operation does not wait for an installer')
  const install = claimPlan(operation.install, now.monotonicMs)
  if (!install.ok) return install
  const at = operation.stage === 'installer' ? operation : enterStage(operation, 'installer', now)
  const noted = openTrail(closeTrail(at, 'done', null, now), 'installer claimed', null, now)
  return ok({ ...closeTrail(noted, 'done', null, now), install: install.value, sessionSha256 })
}

/** The installer asks what to do. Asked again, it is the same step with the same id. */
export function stepAsked(
  operation: Operation,
  now: Now,
): { readonly operation: Operation; readonly step: InstallerStep } | undefined {
  if (operation.install === null) return undefined
  const { plan, step } = nextStep(operation.install, now.monotonicMs)
  if (plan.stepId === operation.install.stepId) {
    return { operation: { ...operation, install: plan }, step }
  }
  const issued = openTrail(operation, stepName(step), null, now)
  return { operation: { ...issued, install: plan }, step }
}

const stepName = (step: InstallerStep): string =>
  'disk' in step ? `${step.verb} ${step.disk}` : step.verb

/** A sign of progress; not worth a commit of its own. */
export const progressed = (
  operation: Operation,
  stepId: string,
  progress: StepProgress,
  now: Now,
): Operation =>
  operation.install === null
    ? operation
    : {
        ...operation,
        install: applyProgress(operation.install, stepId, progress, now.monotonicMs),
      }

/** A step's result. A repeat changes nothing: the same object comes back. */
export function resulted(
  operation: Operation,
  stepId: string,
  result: StepResult,
  now: Now,
): Operation {
  if (operation.install === null) return operation
  const install = applyResult(operation.install, stepId, result, now.monotonicMs)
  if (install === operation.install) return operation
  const detail = result.ok ? resultDetail(result.data) : result.reason
  return { ...closeTrail(operation, result.ok ? 'done' : 'failed', detail, now), install }
}

/** What a verb's data say in a few words. */
function resultDetail(data: ReadonlyMap<string, string>): string | null {
  const words = ['mode', 'method', 'bytes', 'sha256', 'raw-sha256', 'serial'].flatMap((key) => {
    const value = data.get(key)
    return value === undefined ? [] : [`${key} ${value}`]
  })
  return words.length === 0 ? null : words.join(', ')
}

/** The installed OS called back. */
export function phonedHome(operation: Operation, now: Now): Operation {
  if (isOver(operation) || operation.failing !== null) return operation
  if (operation.kind !== 'provision' || operation.install?.diskReady !== true) return operation
  return enterStage(operation, 'conclude', now)
}

/**
 * A new incarnation of the agent takes the operation up: its monotonic times are of a clock that is
 * gone. What had been begun may or may not have been done.
 */
export function rebase(operation: Operation, now: Now): Operation {
  const usedMs = Math.max(0, now.wallMs - operation.startedAtMs)
  const limitMs = operation.deadlineAtMs - operation.startedAtMs
  const install = operation.install === null ? null : rebasePlan(operation.install, now.monotonicMs)
  const rebased: Operation = {
    ...operation,
    install,
    stageSinceMs: now.monotonicMs,
    notBeforeMs: now.monotonicMs,
    // The wall clock may have jumped: the limit is never exceeded twice over, never shorter than a tenth.
    deadlineMs: now.monotonicMs + Math.min(limitMs, Math.max(limitMs / 10, limitMs - usedMs)),
  }
  if (!operation.begun) return rebased
  const why = 'the agent stopped while this was under way'
  // The override may be used up already and the sled may be on its way: both are done again.
  if (operation.stage === 'power-to-network') {
    return enterStage(
      closeTrail(rebased, 'failed', why, now),
      towardsInstaller(operation.kind),
      now,
    )
  }
  return rebased
}

/** Opens a line of the trail, unless the same is open already. */
export function openTrail(
  operation: Operation,
  name: string,
  detail: string | null,
  now: Now,
): Operation {
  const last = operation.trail.at(-1)
  if (last?.state === 'running') {
    if (last.name === name) return operation
    return openTrail(closeTrail(operation, 'done', null, now), name, detail, now)
  }
  const line: TrailStep = {
    name,
    state: 'running',
    startedAtMs: now.wallMs,
    endedAtMs: null,
    detail,
  }
  return { ...operation, trail: [...operation.trail, line].slice(-TRAIL_MAX) }
}

/** Closes the open line, if there is one. */
export function closeTrail(
  operation: Operation,
  state: 'done' | 'failed',
  detail: string | null | undefined,
  now: Now,
): Operation {
  const last = operation.trail.at(-1)
  if (last === undefined || last.state !== 'running') return operation
  const said = detail ?? last.detail
  const line: TrailStep = {
    ...last,
    state,
    endedAtMs: now.wallMs,
    detail: said === null ? null : said.slice(0, DETAIL_CHARS_MAX),
  }
  return { ...operation, trail: [...operation.trail.slice(0, -1), line] }
}
