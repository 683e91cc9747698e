import type { InstallOrder } from '@brickyard/installer/install-order'
import { deadlineOf, failPlan, tickPlan, type InstallPlan } from '@brickyard/installer/plan'
import type { Image } from '@brickyard/model/image'
import type { PowerVerb } from '@brickyard/model/operation'
import { FEED_VERBS, type FeedVerb } from '@brickyard/model/pdu'
import type { SledDeclaration } from '@brickyard/model/rack'
import { SEED_FILES } from '@brickyard/netboot/nocloud'
import { assert } from '@brickyard/std/assert'
import { Hours, Seconds } from '@brickyard/std/units'
import {
  planRotation,
  type RotationAction,
  type RotationSeen,
} from '../credentials/plan-rotation.ts'
import type { RegainAction } from '../credentials/regain.ts'
import { assignedNetwork, lacpBond } from './assigned-network.ts'
import { advance, enterStage, fail, installOf } from './operation-machine.ts'
import { towardsInstaller, type Now, type Operation } from './operation.ts'

/** One effect on the world; `execute.ts` performs it and nothing else. */
export type Action =
  | { readonly kind: 'read-bmc' }
  | { readonly kind: 'fetch-image'; readonly image: Image }
  /** Its next boot is the installer's: by network, or from the disc that is in it. */
  | { readonly kind: 'boot-network'; readonly from: 'network' | 'cdrom'; readonly efi: boolean }
  /** On when it is off, else a cycle: in the end it comes up anew. */
  | { readonly kind: 'power-up' }
  | { readonly kind: 'read-power' }
  | { readonly kind: 'power'; readonly verb: PowerVerb }
  /** By the outlets that feed the sled. */
  | { readonly kind: 'feed'; readonly verb: FeedVerb }
  /** The agent stopped during `verb`: finishes a cycle that left it off, repeats nothing. */
  | { readonly kind: 'resume-power'; readonly verb: PowerVerb }
  | { readonly kind: 'identify'; readonly seconds: number }
  | { readonly kind: 'restart-bmc' }
  | RotationAction
  | RegainAction

/** What the planner may look at beside the operation. */
export interface Seen {
  /** Undefined: the sled is no longer in the rack document. */
  readonly declared: SledDeclaration | undefined
  readonly imageHere: boolean
  /** A disc with its token waits in the sled. */
  readonly discInside: boolean
  /** The last thing the sled asked of netboot since it was powered on, for the reason of a failure. */
  readonly netboot: string | null
  readonly diskSerials: readonly string[]
  readonly claimTimeoutMs: number
  readonly phoneHomeTimeoutMs: number
  /** Only of a rotation. */
  readonly rotation?: RotationSeen | undefined
  /** Only of a regain: the account that the installer is to make. */
  readonly onceUser?: string | undefined
}

export type Decision =
  | { readonly kind: 'perform'; readonly action: Action; readonly name: string }
  /** An outside word, or this time, moves it on. */
  | { readonly kind: 'wait'; readonly untilMs: number }
  /** The operation changed by thought alone; to be recorded, then planned again. */
  | { readonly kind: 'change'; readonly operation: Operation }
  | { readonly kind: 'end'; readonly state: 'done' | 'failed'; readonly reason: string | null }

/** Power cycles towards an installer that never claims, the first one included. */
export const CLAIM_CYCLES_MAX = 3
/** Feeds are cut no oftener towards one: a boot order that puts the disk first does not change by it. */
const FEED_CYCLES_MAX = 2
/** The installed OS is started once more when it does not call back. */
const REBOOTS_MAX = 1
/** An image that cannot be fetched for so long fails its provision; the sled is not touched yet. */
export const FETCH_DEADLINE_MS = Hours(2)
/** The installer turns the sled off by itself; after this the BMC does. */
const POWER_OFF_GRACE_MS = Seconds(60)
/** A kernel takes a moment from its answer to the power button. */
const POWER_OFF_FIRST_LOOK_MS = Seconds(3)

/** The next step of an operation, from what is recorded and seen alone. */
export function planNext(operation: Operation, seen: Seen, now: Now): Decision {
  const { stage, failing } = operation
  if (stage === 'conclude') {
    return failing === null
      ? { kind: 'end', state: 'done', reason: null }
      : { kind: 'end', state: 'failed', reason: failing }
  }
  if (failing === null) {
    const reason = hopeless(operation, seen, now)
    if (reason !== undefined) return change(fail(operation, reason, now))
  }
  if (now.monotonicMs < operation.notBeforeMs) return wait(operation.notBeforeMs)
  switch (stage) {
    case 'read-bmc':
      return perform({ kind: 'read-bmc' }, 'read BMC inventory')
    case 'fetch-image':
      return planFetch(operation, seen, now)
    case 'boot-network':
    case 'power-to-network':
      return planTowardsInstaller(operation, seen, now)
    case 'installer':
      return planInstaller(operation, seen, now)
    case 'first-boot':
      return planFirstBoot(operation, seen, now)
    case 'power-off':
      return planPowerOff(operation, now)
    case 'make-safe':
      return perform({ kind: 'power', verb: 'off' }, 'power off, to be safe')
    case 'power':
      return planPower(operation, now)
    case 'make-login':
      return perform({ kind: 'make-login' }, 'make a login for once')
    case 'try-login':
      return perform({ kind: 'try-login' }, 'log in with it')
    case 'seal-login':
    case 'await-hub':
    case 'write-login':
    case 'prove-login':
    case 'switch-login':
    case 'retire-login':
      assert(seen.rotation !== undefined, 'a rotation sees its logins')
      return planRotation(operation, stage, seen.rotation, now)
    case 'restart-bmc':
      // One that was begun and whose end nobody saw is not sent again: does the BMC answer?
      return operation.begun
        ? perform({ kind: 'read-power' }, 'see whether its BMC answers')
        : perform({ kind: 'restart-bmc' }, 'restart its BMC')
    case 'identify':
      return perform({ kind: 'identify', seconds: operation.seconds ?? 0 }, 'identify light')
  }
}

/** Why going on makes no sense whatever the stage. */
function hopeless(operation: Operation, seen: Seen, now: Now): string | undefined {
  if (seen.declared === undefined) return `${operation.sled} is no longer in the rack document`
  if (seen.declared.bmc === undefined) {
    return `${operation.sled} has no BMC in the rack document: nobody can power it`
  }
  const { kind, stage, assignment } = operation
  if (kind === 'provision' && assignment !== null && stage !== 'first-boot') {
    const network = assignedNetwork(assignment, seen.declared)
    if (!network.ok) return `its network cannot be had here: ${network.error}`
  }
  if (now.monotonicMs >= operation.deadlineMs) {
    const minutes = Math.round((operation.deadlineAtMs - operation.startedAtMs) / 60_000)
    const last = operation.trouble === null ? '' : `; last trouble: ${operation.trouble}`
    return `${operation.kind} did not end within ${minutes} minutes, at stage ${operation.stage}${last}`
  }
  return undefined
}

function planFetch(operation: Operation, seen: Seen, now: Now): Decision {
  const image = operation.assignment?.image
  if (image === undefined) return change(fail(operation, 'there is no assignment', now))
  if (seen.imageHere) return change(advance(operation, now))
  if (now.monotonicMs - operation.stageSinceMs >= FETCH_DEADLINE_MS) {
    const why = operation.trouble ?? 'the hub cannot be reached'
    return change(fail(operation, `image ${image.name} could not be fetched: ${why}`, now))
  }
  return perform({ kind: 'fetch-image', image }, `fetch image ${image.name}`)
}

function planTowardsInstaller(operation: Operation, seen: Seen, now: Now): Decision {
  if (operation.install === null) {
    const order = orderOf(operation, seen)
    if (order === undefined) {
      const missing = operation.kind === 'regain-bmc' ? 'new login known here' : 'assignment'
      return change(fail(operation, `there is no ${missing}`, now))
    }
    return change({ ...operation, install: installOf(operation, now, order) })
  }
  if (operation.install.phase === 'failed') {
    return change(fail(operation, operation.install.reason, now))
  }
  // The silent sled spoke again before it was power cycled: it is left alone.
  if (operation.install.phase === 'running' && !operation.begun) {
    return change(enterStage(operation, 'installer', now))
  }
  if (operation.kind === 'regain-bmc') {
    return perform({ kind: 'feed', verb: 'cycle' }, 'feeds off and on, to the network')
  }
  if (operation.stage === 'power-to-network') return perform({ kind: 'power-up' }, 'power up')
  const efi = seen.declared?.firmwareMode === 'uefi'
  const from = seen.discInside ? 'cdrom' : 'network'
  const name = seen.discInside ? 'set boot from disc once' : 'set network boot once'
  return perform({ kind: 'boot-network', from, efi }, name)
}

/** What the installer is to do, from the operation's own order. */
export function orderOf(operation: Operation, seen: Seen): InstallOrder | undefined {
  const { kind, assignment } = operation
  const { declared, diskSerials, onceUser } = seen
  if (declared === undefined) return undefined
  const { architecture, firmwareMode } = declared
  if (kind === 'inspect') return { kind, architecture }
  if (kind === 'release') return { kind, architecture, diskSerials }
  if (kind === 'regain-bmc' && onceUser !== undefined) {
    return { kind: 'regain', architecture, user: onceUser }
  }
  if (kind !== 'provision' || assignment === null) return undefined
  const { image } = assignment
  const seedFiles = image.seed === 'nocloud' ? [...SEED_FILES] : []
  const secureBoot = declared.secureBoot === true
  return { kind, architecture, firmwareMode, secureBoot, image, seedFiles, diskSerial: '' }
}

function planInstaller(operation: Operation, seen: Seen, now: Now): Decision {
  const { install } = operation
  if (install === null) return change(fail(operation, 'the installer has no plan', now))
  switch (install.phase) {
    case 'done':
      return change(advance(operation, now))
    case 'failed':
      return change(fail(operation, install.reason, now))
    case 'stalled':
      return change({
        ...enterStage(operation, towardsInstaller(operation.kind), now),
        install,
        trouble: install.reason,
      })
    case 'awaiting-claim':
      return planClaim(operation, install, seen, now)
    case 'running': {
      const ticked = tickPlan(install, now.monotonicMs)
      if (ticked !== install) return change({ ...operation, install: ticked })
      return wait(Math.min(operation.deadlineMs, deadlineOf(install) ?? operation.deadlineMs))
    }
  }
}

function planClaim(operation: Operation, install: InstallPlan, seen: Seen, now: Now): Decision {
  const untilMs = install.heardMs + seen.claimTimeoutMs
  if (now.monotonicMs < untilMs) return wait(Math.min(operation.deadlineMs, untilMs))
  const minutes = Math.round(seen.claimTimeoutMs / 60_000)
  const last = seen.netboot === null ? unheard(operation) : `last seen: ${seen.netboot}`
  const reason = `the sled never called back in ${minutes} minutes; ${last}`
  // Claims are bounded by the installer's plan; each may have cost one cycle of its own.
  const cyclesMax = operation.kind === 'regain-bmc' ? FEED_CYCLES_MAX : CLAIM_CYCLES_MAX
  if (operation.cycles >= cyclesMax + install.claims) {
    const often = `${reason} (powered to the network ${operation.cycles} times)`
    return change({ ...operation, install: failPlan(install, 'silent', often) })
  }
  const again = towardsInstaller(operation.kind)
  return change({ ...enterStage(operation, again, now), trouble: reason })
}

function unheard({ assignment }: Operation): string {
  const lacp = lacpBond(assignment)
  if (lacp === undefined) return 'it never asked for anything'
  return (
    `it never asked for anything; its deployment makes ${lacp.bond} by LACP: switch ports of a port ` +
    'channel without LACP fallback let no firmware through'
  )
}

function planFirstBoot(operation: Operation, seen: Seen, now: Now): Decision {
  if (operation.assignment?.image.seed !== 'nocloud') {
    // Without a seed nothing tells the OS whom to call.
    return change(advance(operation, now))
  }
  const untilMs = operation.stageSinceMs + seen.phoneHomeTimeoutMs
  if (now.monotonicMs < untilMs) return wait(Math.min(operation.deadlineMs, untilMs))
  if (operation.reboots < REBOOTS_MAX) {
    return perform({ kind: 'power', verb: 'cycle' }, 'start the installed OS once more')
  }
  const minutes = Math.round(seen.phoneHomeTimeoutMs / 60_000)
  const often = `${operation.reboots + 1} times ${minutes} minutes`
  return change(fail(operation, `the installed OS did not call back in ${often}`, now))
}

function planPowerOff(operation: Operation, now: Now): Decision {
  const firstLookMs = operation.stageSinceMs + POWER_OFF_FIRST_LOOK_MS
  if (now.monotonicMs < firstLookMs) return wait(firstLookMs)
  const late = now.monotonicMs - operation.stageSinceMs >= POWER_OFF_GRACE_MS
  return late && operation.power === 'on'
    ? perform({ kind: 'power', verb: 'off' }, 'power off')
    : perform({ kind: 'read-power' }, 'wait for power off')
}

/** A verb that was begun and whose end nobody saw is not repeated blindly: the power is read first. */
function planPower(operation: Operation, now: Now): Decision {
  const { verb } = operation
  if (verb === null) return change(fail(operation, 'no power verb was given', now))
  if (operation.via === 'feed') return planFeed(operation, verb, now)
  const repeatable = verb === 'on' || verb === 'off'
  if (operation.begun && !repeatable) {
    return perform({ kind: 'resume-power', verb }, `power ${verb}: see what became of it`)
  }
  return perform({ kind: 'power', verb }, `power ${verb}`)
}

/** A cycle that was begun may have left the feeds off: it is ended, and not begun again. */
function planFeed(operation: Operation, verb: PowerVerb, now: Now): Decision {
  const known = FEED_VERBS.find((one) => one === verb)
  if (known === undefined) {
    const reason = `feeds cannot do '${verb}'; expected ${FEED_VERBS.join(', ')}`
    return change(fail(operation, reason, now))
  }
  const rest = operation.begun && known === 'cycle' ? 'on' : known
  return perform({ kind: 'feed', verb: rest }, `feeds ${rest}`)
}

const perform = (action: Action, name: string): Decision => ({ kind: 'perform', action, name })
const wait = (untilMs: number): Decision => ({ kind: 'wait', untilMs })
const change = (operation: Operation): Decision => ({ kind: 'change', operation })
