import type { Clock, Timer } from '@brickyard/runtime/clock'
import type { Log } from '@brickyard/runtime/log'
import { Seconds } from '@brickyard/std/units'
import type { Change, SiteStore } from '../store/site-store.ts'
import { followStage } from './conclude.ts'
import { beginEffect, closeTrail, endEffect, rebase, type Outcome } from './operation-machine.ts'
import type { Now, Operation } from './operation.ts'
import { planNext, type Action, type Seen } from './plan.ts'

/** When the store refuses (a full disk), the operation is looked at again after this. */
const STORE_RETRY_MS = Seconds(15)
/** Changes by thought alone in one go; more would be a planner that never decides. */
const CHANGES_MAX = 50

export interface EngineParts {
  readonly site: SiteStore
  readonly clock: Clock
  readonly log: Log
  readonly seen: (operation: Operation) => Seen
  readonly execute: (operation: Operation, action: Action) => Promise<Outcome>
  /** The operation is over: what that means for sled and assignment, in the same transaction. */
  readonly concluded: (change: Change, operation: Operation) => void
  /** After the commit that ended an operation. */
  readonly onIdle: () => void
}

/** Runs operations: asks the planner, records, performs, records. One effect of each at a time. */
export interface Engine {
  /** Takes up every operation that is not over. */
  start(): void
  stop(): void
  /** Something changed for this operation from outside: look at it again. */
  nudge(id: string): void
  /** Ends an operation from outside, without any further effect. */
  cancel(change: Change, operation: Operation, reason: string): void
}

interface Pending {
  readonly stage: Operation['stage']
  readonly stageSinceMs: number
  readonly outcome: Outcome
}

export function createEngine(parts: EngineParts): Engine {
  const { site, clock, log } = parts
  const busy = new Set<string>()
  /** Nudged while busy. */
  const again = new Set<string>()
  const timers = new Map<string, Timer>()
  /** Outcomes that could not be recorded yet: they are kept, never done again. */
  const pending = new Map<string, Pending>()
  let stopped = false

  const now = (): Now => ({ monotonicMs: clock.monotonicMs(), wallMs: clock.wallMs() })

  const nudge = (id: string): void => {
    if (stopped) return
    if (busy.has(id)) {
      again.add(id)
      return
    }
    timers.get(id)?.cancel()
    timers.delete(id)
    busy.add(id)
    // Never inside a caller's transaction, nor between a commit and the memory that mirrors it.
    void Promise.resolve()
      .then(() => run(id))
      .then(
        (wakeAtMs) => {
          busy.delete(id)
          if (again.delete(id)) nudge(id)
          else if (wakeAtMs !== undefined) arm(id, wakeAtMs)
        },
        (error: unknown) => {
          busy.delete(id)
          log.error('an operation could not be recorded; trying again', {
            operation: id,
            error: String(error),
          })
          arm(id, clock.monotonicMs() + STORE_RETRY_MS)
        },
      )
  }

  function arm(id: string, atMs: number): void {
    if (stopped) return
    timers.get(id)?.cancel()
    // Whole milliseconds, at least one: a rounding error must not wake it just before its time, for ever.
    const delayMs = Math.max(1, Math.ceil(atMs - clock.monotonicMs()))
    timers.set(
      id,
      clock.after(delayMs, () => nudge(id)),
    )
  }

  /** Runs until it must wait; gives the time to wake at, or undefined when it is over. */
  async function run(id: string): Promise<number | undefined> {
    for (let changes = 0; ;) {
      if (stopped) return undefined
      applyPending(id)
      const operation = site.running.get(id)
      if (operation === undefined) return undefined
      const decision = planNext(operation, parts.seen(operation), now())
      switch (decision.kind) {
        case 'wait':
          return decision.untilMs
        case 'end': {
          end(operation, decision.state, decision.reason)
          return undefined
        }
        case 'change':
          if (++changes > CHANGES_MAX) throw new Error(`operation ${id} changes without end`)
          site.commit((change) => {
            change.putOperation(decision.operation)
            followStage(change, decision.operation)
          })
          break
        case 'perform': {
          changes = 0
          const begun = beginEffect(operation, decision.name, now())
          site.commit((change) => change.putOperation(begun))
          const outcome = await parts.execute(begun, decision.action)
          const { stage, stageSinceMs } = begun
          pending.set(id, { stage, stageSinceMs, outcome })
        }
      }
    }
  }

  /** Records an outcome, unless the operation has moved on without it (a claim came, it was cancelled). */
  function applyPending(id: string): void {
    const held = pending.get(id)
    if (held === undefined) return
    const operation = site.running.get(id)
    const stands =
      operation !== undefined &&
      operation.stage === held.stage &&
      operation.stageSinceMs === held.stageSinceMs
    if (stands) {
      site.commit((change) => change.putOperation(endEffect(operation, held.outcome, now())))
    }
    pending.delete(id)
  }

  function end(operation: Operation, state: 'done' | 'failed', reason: string | null): void {
    const over = ended(operation, state, reason)
    site.commit((change) => {
      change.putOperation(over)
      parts.concluded(change, over)
    })
    parts.onIdle()
  }

  const ended = (
    operation: Operation,
    state: Operation['state'],
    reason: string | null,
  ): Operation => ({
    ...closeTrail(operation, state === 'done' ? 'done' : 'failed', reason, now()),
    state,
    reason,
    begun: false,
    endedAtMs: clock.wallMs(),
  })

  return {
    start() {
      for (const operation of site.running.values()) {
        site.commit((change) => change.putOperation(rebase(operation, now())))
      }
      for (const id of site.running.keys()) nudge(id)
    },
    stop() {
      stopped = true
      for (const timer of timers.values()) timer.cancel()
    },
    nudge,
    cancel(change, operation, reason) {
      const over = ended(operation, 'cancelled', reason)
      change.putOperation(over)
      parts.concluded(change, over)
    },
  }
}
