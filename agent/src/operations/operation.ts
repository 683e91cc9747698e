import type { SledName } from '@brickyard/model/names'
import type {
  OperationKind,
  OperationState,
  PowerState,
  PowerVerb,
  PowerWay,
} from '@brickyard/model/operation'
import type { InstallPlan } from '@brickyard/installer/plan'
import type { Assignment } from '@brickyard/protocol/assignment'
import { Days, Hours, Minutes } from '@brickyard/std/units'

/** Of a rotation: up to `await-hub` no BMC is touched and the sled is free for others. */
export type RotationStage =
  | 'seal-login'
  | 'await-hub'
  | 'write-login'
  | 'prove-login'
  | 'switch-login'
  | 'retire-login'

/** Where an operation is. The order of the stages of each kind is in `STAGES`. */
export type Stage =
  | 'read-bmc'
  | 'fetch-image'
  | 'boot-network'
  | 'power-to-network'
  | 'installer'
  | 'first-boot'
  | 'power-off'
  | 'power'
  | 'identify'
  | 'restart-bmc'
  | 'make-login'
  | 'try-login'
  | RotationStage
  /** The sled is brought into a safe state (off) before the operation fails. */
  | 'make-safe'
  | 'conclude'

/** The stages of each kind, in order. */
export const STAGES: Readonly<Record<OperationKind, readonly Stage[]>> = {
  inspect: ['read-bmc', 'boot-network', 'power-to-network', 'installer', 'power-off', 'conclude'],
  provision: [
    'fetch-image',
    'boot-network',
    'power-to-network',
    'installer',
    'first-boot',
    'conclude',
  ],
  release: ['boot-network', 'power-to-network', 'installer', 'power-off', 'conclude'],
  power: ['power', 'conclude'],
  identify: ['identify', 'conclude'],
  'restart-bmc': ['restart-bmc', 'conclude'],
  'rotate-credentials': [
    'seal-login',
    'await-hub',
    'write-login',
    'prove-login',
    'switch-login',
    'retire-login',
    'conclude',
  ],
  'regain-bmc': ['make-login', 'power-to-network', 'installer', 'try-login', 'conclude'],
}

/** Where the way to the installer begins, at first and again. Without a login no BMC is asked for it. */
export const towardsInstaller = (kind: OperationKind): Stage =>
  kind === 'regain-bmc' ? 'power-to-network' : 'boot-network'

/** Longest time an operation may take in all, restarts of the agent included. */
export const DEADLINE_MS: Readonly<Record<OperationKind, number>> = {
  inspect: Hours(2),
  provision: Hours(6),
  /** A full wipe overwrites and reads whole disks: a day for 20 TB at the slowest rate we wait for. */
  release: Hours(24),
  power: Minutes(10),
  identify: Minutes(2),
  /** A BMC takes ten minutes at most, and is looked at once more after a restart of the agent. */
  'restart-bmc': Minutes(20),
  /** A hub that is away is waited for; after a week somebody should hear of it. */
  'rotate-credentials': Days(7),
  'regain-bmc': Hours(2),
}

/** One line of what happened, for people. Times are wall clock. */
export interface TrailStep {
  readonly name: string
  readonly state: 'running' | 'done' | 'failed' | 'skipped'
  readonly startedAtMs: number
  readonly endedAtMs: number | null
  readonly detail: string | null
}

/** What was asked for, beside kind and sled. */
export interface OperationOrder {
  readonly sled: SledName
  readonly kind: OperationKind
  readonly requestedBy: string
  /** The assignment as it was when the operation began: it works from this copy alone. */
  readonly assignment: Assignment | null
  readonly verb: PowerVerb | null
  /** By what its power is switched; left out: its BMC. */
  readonly via?: PowerWay | undefined
  readonly seconds: number | null
  /** The act whose result this operation is. */
  readonly act: string | null
}

/**
 * A durable run of steps on one sled: plain JSON, stored at every change. Times named `…AtMs` are
 * wall clock and for people; all others are monotonic, of the incarnation that wrote them, and are
 * put right when the next one begins (`rebase`).
 */
export interface Operation extends OperationOrder {
  readonly id: string
  readonly state: OperationState
  readonly reason: string | null
  readonly stage: Stage
  readonly stageSinceMs: number
  /** The effect of the present stage was begun and its outcome is not known yet. */
  readonly begun: boolean
  /** Failed tries of the present stage. */
  readonly tries: number
  /** Not before this time is the stage tried again. */
  readonly notBeforeMs: number
  readonly trouble: string | null
  /** How often the sled was powered to the network. */
  readonly cycles: number
  /** How often the installed OS was started again because it did not call back. */
  readonly reboots: number
  readonly install: InstallPlan | null
  /** SHA-256 of the session that the installer holds; null before a claim. */
  readonly sessionSha256: string | null
  /** Why it will fail once the sled is safe. */
  readonly failing: string | null
  readonly trail: readonly TrailStep[]
  readonly startedAtMs: number
  readonly deadlineAtMs: number
  readonly endedAtMs: number | null
  /** Monotonic deadline of the whole. */
  readonly deadlineMs: number
  /** The power as this operation last read it. */
  readonly power: PowerState
}

export interface Now {
  readonly monotonicMs: number
  readonly wallMs: number
}

/** A new operation at its first stage. */
export function newOperation(id: string, order: OperationOrder, now: Now): Operation {
  const deadlineMs = DEADLINE_MS[order.kind]
  return {
    ...order,
    id,
    state: 'running',
    reason: null,
    stage: STAGES[order.kind][0] as Stage,
    stageSinceMs: now.monotonicMs,
    begun: false,
    tries: 0,
    notBeforeMs: now.monotonicMs,
    trouble: null,
    cycles: 0,
    reboots: 0,
    install: null,
    sessionSha256: null,
    failing: null,
    trail: [],
    startedAtMs: now.wallMs,
    deadlineAtMs: now.wallMs + deadlineMs,
    endedAtMs: null,
    deadlineMs: now.monotonicMs + deadlineMs,
    power: 'unknown',
  }
}

export const isOver = (operation: Operation): boolean => operation.endedAtMs !== null

/** Identify only lights an LED, a rotation changes the BMC alone: neither boots anything. */
export const isExclusive = (kind: OperationKind): boolean =>
  kind !== 'identify' && kind !== 'rotate-credentials'

/** It has the sled for itself: nothing else is begun there. A rotation has from its first write on. */
export const ownsSled = ({ kind, stage }: Operation): boolean =>
  isExclusive(kind) ||
  (kind === 'rotate-credentials' && stage !== 'seal-login' && stage !== 'await-hub')

/** The installer works on the sled, or will: whatever it boots from the network is the installer. */
export const wantsInstaller = (operation: Operation): boolean =>
  !isOver(operation) &&
  operation.failing === null &&
  (operation.stage === 'boot-network' ||
    operation.stage === 'power-to-network' ||
    operation.stage === 'installer') &&
  operation.install?.diskReady !== true
