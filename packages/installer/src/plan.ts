import { assert } from '@brickyard/std/assert'
import { err, ok, type Result } from '@brickyard/std/result'
import type { Fault } from './faults.ts'
import { type InstallOrder, orderFault, sledFault } from './install-order.ts'
import { type Inventory, parseInventory } from './inventory.ts'
import { attemptsMax, CLAIM_DEADLINE_MS, CLAIMS_MAX, SILENCE_MS, verbDeadlineMs } from './policy.ts'
import { callsFor } from './verb-calls.ts'
import type { InstallerStep, StepProgress, StepResult, VerbCall } from './wire.ts'

/**
 * - `awaiting-claim`: powered on, the installer has not called yet
 * - `running`: a claim is held and a step is out or due
 * - `stalled`: nothing heard in time; a power cycle and a new claim go on, as may the sled itself
 * - `done`, `failed`: final; `failed` carries fault and reason
 */
export type InstallPhase = 'awaiting-claim' | 'running' | 'stalled' | 'done' | 'failed'

/** One step that ended, for the timeline and the wipe certificate. */
export interface StepRecord {
  readonly id: string
  readonly verb: VerbCall['verb']
  readonly startedMs: number
  readonly endedMs: number
  readonly ok: boolean
  /** '' when ok. */
  readonly reason: string
  readonly data: Readonly<Record<string, string>>
}

/** The whole state: plain JSON, to be stored after every change. Times are of the caller's clock. */
export interface InstallPlan {
  readonly order: InstallOrder
  readonly phase: InstallPhase
  readonly fault: Fault | ''
  /** Why it stalled or failed, for people; '' otherwise. */
  readonly reason: string
  readonly claims: number
  /** The verbs of this claim; grows once the inventory is in. */
  readonly calls: readonly VerbCall[]
  readonly at: number
  /** How often each call failed in this claim. */
  readonly failures: readonly number[]
  /** Steps issued in this claim; makes ids that never repeat. */
  readonly runs: number
  /** The step the sled holds; '' when none is out. */
  readonly stepId: string
  readonly stepStartedMs: number
  readonly heardMs: number
  readonly progress: StepProgress
  readonly inventory: Inventory | null
  /** True once everything was reported: from here the disk may boot. */
  readonly diskReady: boolean
  readonly history: readonly StepRecord[]
}

/** Oldest records go first beyond this: five claims of a sled with 32 disks. */
const HISTORY_MAX = 200
const NO_PROGRESS: StepProgress = { percent: 0, bytes: 0 }

/** A new plan. An image that can never boot on the sled fails here, before anything is touched. */
export function beginPlan(order: InstallOrder, nowMs: number): InstallPlan {
  const plan: InstallPlan = {
    order,
    phase: 'awaiting-claim',
    fault: '',
    reason: '',
    claims: 0,
    calls: [],
    at: 0,
    failures: [],
    runs: 0,
    stepId: '',
    stepStartedMs: nowMs,
    heardMs: nowMs,
    progress: NO_PROGRESS,
    inventory: null,
    diskReady: false,
    history: [],
  }
  const fault = orderFault(order)
  return fault === undefined ? plan : fail(plan, 'unsupported', fault)
}

/**
 * The installer claimed its intent. A second claim of one operation is a sled that restarted in the
 * middle: nothing it did before is trusted, the verbs begin again with the inventory.
 */
export function claimPlan(plan: InstallPlan, nowMs: number): Result<InstallPlan> {
  if (plan.phase === 'done') return err('the operation is already done')
  if (plan.phase === 'failed') return err(`the operation has failed: ${plan.reason}`)
  const claims = plan.claims + 1
  if (claims > CLAIMS_MAX) return err(TOO_MANY_CLAIMS)
  return ok({
    ...plan,
    phase: 'running',
    fault: '',
    reason: '',
    claims,
    calls: [{ verb: 'inventory' }],
    at: 0,
    failures: [0],
    runs: 0,
    stepId: '',
    stepStartedMs: nowMs,
    heardMs: nowMs,
    progress: NO_PROGRESS,
    inventory: null,
    diskReady: false,
  })
}

const TOO_MANY_CLAIMS = `the sled began ${CLAIMS_MAX} times and never finished`

/**
 * The step the sled is to do now. Asked again before the result is in, it is the same step with the
 * same id. A final plan answers with what ends the installer.
 */
export function nextStep(
  plan: InstallPlan,
  nowMs: number,
): { readonly plan: InstallPlan; readonly step: InstallerStep } {
  if (plan.phase === 'done' || plan.phase === 'failed') {
    const verb = plan.phase === 'done' && plan.order.kind === 'provision' ? 'reboot' : 'poweroff'
    return { plan, step: { id: `${plan.claims}.end.${verb}`, verb } }
  }
  assert(plan.claims > 0, 'a step is asked for after a claim')
  const call = currentCall(plan)
  const heard = revived(plan, nowMs)
  if (heard.stepId !== '') return { plan: heard, step: { id: heard.stepId, ...call } }
  const runs = heard.runs + 1
  const stepId = `${heard.claims}.${runs}.${call.verb}`
  return {
    plan: { ...heard, runs, stepId, stepStartedMs: nowMs, progress: NO_PROGRESS },
    step: { id: stepId, ...call },
  }
}

/** Takes a sign of progress. Of a step that is over it changes nothing. */
export function applyProgress(
  plan: InstallPlan,
  stepId: string,
  progress: StepProgress,
  nowMs: number,
): InstallPlan {
  if (isFinal(plan) || stepId !== plan.stepId) return plan
  return { ...revived(plan, nowMs), progress }
}

/**
 * Takes the result of a step. A repeat, or a result of an earlier claim, changes nothing: the same
 * plan object comes back.
 */
export function applyResult(
  plan: InstallPlan,
  stepId: string,
  result: StepResult,
  nowMs: number,
): InstallPlan {
  if (isFinal(plan) || stepId !== plan.stepId || stepId === '') return plan
  const record: StepRecord = {
    id: stepId,
    verb: currentCall(plan).verb,
    startedMs: plan.stepStartedMs,
    endedMs: nowMs,
    ok: result.ok,
    reason: result.ok ? '' : result.reason,
    data: Object.fromEntries(result.data),
  }
  const noted: InstallPlan = {
    ...revived(plan, nowMs),
    stepId: '',
    stepStartedMs: nowMs,
    history: [...plan.history, record].slice(-HISTORY_MAX),
  }
  return result.ok ? succeeded(noted, result) : retried(noted, result.fault, result.reason)
}

/**
 * Looks at the clock: a sled that is silent, or a verb past its deadline, stalls the plan; one that
 * stalled too often, or never called, fails it. Changes nothing (same object) when all is in time.
 */
export function tickPlan(plan: InstallPlan, nowMs: number): InstallPlan {
  const deadlineMs = deadlineOf(plan)
  if (deadlineMs === undefined || nowMs < deadlineMs) return plan
  if (plan.phase === 'awaiting-claim') {
    const minutes = CLAIM_DEADLINE_MS / 60_000
    return fail(plan, 'silent', `the sled never called back in ${minutes} minutes`)
  }
  // Silence is what a sled that was told to go down should answer with.
  if (plan.stepId !== '' && isLast(currentCall(plan))) return { ...plan, phase: 'done', stepId: '' }
  const reason = stallReason(plan, nowMs)
  if (plan.claims >= CLAIMS_MAX) return fail(plan, 'silent', `${TOO_MANY_CLAIMS}; last: ${reason}`)
  return { ...plan, phase: 'stalled', fault: 'silent', reason }
}

/** When to look at the clock next; undefined when no time is running. */
export function deadlineOf(plan: InstallPlan): number | undefined {
  switch (plan.phase) {
    case 'awaiting-claim':
      return plan.heardMs + CLAIM_DEADLINE_MS
    case 'running': {
      const silentMs = plan.heardMs + SILENCE_MS
      if (plan.stepId === '') return silentMs
      return Math.min(silentMs, plan.stepStartedMs + verbDeadlineMs(currentCall(plan)))
    }
    case 'stalled':
    case 'done':
    case 'failed':
      return undefined
  }
}

/** A stalled sled was power cycled to the network again: its next claim has a deadline of its own. */
export function restartPlan(plan: InstallPlan, nowMs: number): InstallPlan {
  if (isFinal(plan)) return plan
  return { ...plan, phase: 'awaiting-claim', stepId: '', heardMs: nowMs }
}

/**
 * The agent itself restarted: times were of a clock that is gone and the sled could reach nobody
 * meanwhile, so every deadline starts anew. A step that is out stays out.
 */
export function rebasePlan(plan: InstallPlan, nowMs: number): InstallPlan {
  if (isFinal(plan)) return plan
  return { ...plan, heardMs: nowMs, stepStartedMs: nowMs }
}

/** Ends the plan from outside: cancelled by a person, the operation's own deadline. */
export const failPlan = (plan: InstallPlan, fault: Fault, reason: string): InstallPlan =>
  isFinal(plan) ? plan : fail(plan, fault, reason)

const isFinal = (plan: InstallPlan): boolean => plan.phase === 'done' || plan.phase === 'failed'

function currentCall(plan: InstallPlan): VerbCall {
  const call = plan.calls[plan.at]
  assert(call !== undefined, `the plan has no call ${plan.at} of ${plan.calls.length}`)
  return call
}

const isLast = (call: VerbCall): boolean => call.verb === 'reboot' || call.verb === 'poweroff'

/** A word from the sled ends a stall: it was the network, not the sled. */
const revived = (plan: InstallPlan, nowMs: number): InstallPlan => ({
  ...plan,
  phase: plan.phase === 'stalled' ? 'running' : plan.phase,
  fault: '',
  reason: '',
  heardMs: nowMs,
})

const fail = (plan: InstallPlan, fault: Fault, reason: string): InstallPlan => ({
  ...plan,
  phase: 'failed',
  fault,
  reason,
  stepId: '',
})

function succeeded(plan: InstallPlan, result: StepResult & { readonly ok: true }): InstallPlan {
  const call = currentCall(plan)
  const onward = { ...plan, at: plan.at + 1 }
  switch (call.verb) {
    case 'inventory': {
      const inventory = parseInventory(result.data)
      if (!inventory.ok) return retried(plan, 'bad-step', `inventory: ${inventory.error}`)
      return inspected({ ...onward, inventory: inventory.value }, inventory.value)
    }
    case 'report':
      return { ...onward, diskReady: plan.order.kind === 'provision' }
    case 'reboot':
    case 'poweroff':
      return { ...plan, phase: 'done' }
    case 'wipe':
    case 'write':
    case 'verify':
    case 'seed':
    case 'boot-entry':
    case 'bmc-user':
    case 'wait':
      return onward
  }
}

/** With the inventory in, the rest of the verbs is known, or that it cannot be done. */
function inspected(plan: InstallPlan, inventory: Inventory): InstallPlan {
  const { order } = plan
  const fault = sledFault(order, inventory)
  if (fault !== undefined) return fail(plan, 'unsupported', fault)
  const rest = callsFor(order, inventory)
  if (!rest.ok) return fail(plan, rest.error.fault, rest.error.reason)
  const calls = [...plan.calls, ...rest.value]
  return { ...plan, calls, failures: calls.map((_, n) => plan.failures[n] ?? 0) }
}

/** Tries the verb again, or fails the plan. A disk that reads back wrong is written again first. */
function retried(plan: InstallPlan, fault: Fault, reason: string): InstallPlan {
  const call = currentCall(plan)
  const failures = plan.failures.map((count, n) => (n === plan.at ? count + 1 : count))
  const tries = failures[plan.at] ?? 0
  if (tries >= attemptsMax(fault)) {
    const often = tries > 1 ? ` (tried ${tries} times)` : ''
    return fail({ ...plan, failures }, fault, `${call.verb}: ${reason}${often}`)
  }
  const rewrite = call.verb === 'verify' && fault === 'wrong-hash'
  const at = rewrite ? plan.calls.findIndex(({ verb }) => verb === 'write') : plan.at
  return { ...plan, failures, at }
}

function stallReason(plan: InstallPlan, nowMs: number): string {
  const { verb } = currentCall(plan)
  const where = plan.progress.percent > 0 ? `${verb} at ${plan.progress.percent} %` : verb
  const silentSeconds = Math.round((nowMs - plan.heardMs) / 1000)
  return nowMs - plan.heardMs >= SILENCE_MS
    ? `no word from the sled for ${silentSeconds} s during ${where}`
    : `${where} passed its deadline of ${Math.round(verbDeadlineMs(currentCall(plan)) / 1000)} s`
}
