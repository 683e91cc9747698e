import { Seconds } from '@brickyard/std/units'
import { advance, enterStage } from '../operations/operation-machine.ts'
import type { Now, Operation, RotationStage } from '../operations/operation.ts'
import type { Decision } from '../operations/plan.ts'
import type { SealedState } from './login-book.ts'

/** One effect of a rotation. */
export type RotationAction = {
  readonly kind: 'seal-login' | 'write-login' | 'prove-login' | 'switch-login' | 'retire-login'
}

/** What the planner looks at beside the operation. */
export interface RotationSeen {
  readonly sealed: SealedState
  /** Another operation that has the sled for itself. */
  readonly busyWith: string | undefined
}

/** An acknowledgement is no event of the site: it is looked for. */
const LOOK_MS = Seconds(10)

const NAMES: Readonly<Record<RotationAction['kind'], string>> = {
  'seal-login': 'seal a new login for recovery',
  'write-login': 'write the new login beside the one in use',
  'prove-login': 'log in with it',
  'switch-login': 'use it from now on',
  'retire-login': 'retire the old login',
}

/**
 * The next step of a rotation. The BMC is first touched when the hub holds the sealed login, and the
 * login in use is touched last, when the new one was proven: whatever step it stops at, the login in
 * use works.
 */
export function planRotation(
  operation: Operation,
  stage: RotationStage,
  seen: RotationSeen,
  now: Now,
): Decision {
  const change = (next: Operation): Decision => ({ kind: 'change', operation: next })
  const perform = (kind: RotationAction['kind']): Decision => ({
    kind: 'perform',
    action: { kind },
    name: NAMES[kind],
  })
  switch (stage) {
    case 'seal-login':
    case 'switch-login':
    case 'retire-login':
      return perform(stage)
    case 'await-hub':
      if (seen.sealed === 'none') return change(enterStage(operation, 'seal-login', now))
      if (seen.sealed === 'waiting' || seen.busyWith !== undefined) {
        return { kind: 'wait', untilMs: now.monotonicMs + LOOK_MS }
      }
      return change(advance(operation, now))
    case 'write-login':
    case 'prove-login':
      // The BMC did not take it, and a shorter one is to be made.
      if (seen.sealed === 'none') return change(enterStage(operation, 'seal-login', now))
      return perform(stage)
  }
}
