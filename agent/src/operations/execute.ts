import type { BmcInventory } from '@brickyard/bmc/inventory'
import type { BmcFault } from '@brickyard/bmc/fault'
import type { Image } from '@brickyard/model/image'
import type { SledName } from '@brickyard/model/names'
import type { PowerState } from '@brickyard/model/operation'
import type { FeedVerb } from '@brickyard/model/pdu'
import type { Clock } from '@brickyard/runtime/clock'
import { err, type Result } from '@brickyard/std/result'
import { Minutes } from '@brickyard/std/units'
import type { BmcDesk } from '../bmc/bmc-desk.ts'
import type { RotationAction } from '../credentials/plan-rotation.ts'
import type { RegainAction } from '../credentials/regain.ts'
import type { FeedDesk } from '../feeds/feed-desk.ts'
import type { FetchFault } from '../blobs/fetch-blob.ts'
import type { Outcome } from './operation-machine.ts'
import type { Operation } from './operation.ts'
import type { Action } from './plan.ts'

/** A soft power-off lets the OS stop its services first. */
const SOFT_TIMEOUT_MS = Minutes(3)
/** Room for off, proved, the pause between two interruptions, then on, proved. */
const POWER_TIMEOUT_MS = Minutes(3)

/** The driver gives a BMC ten minutes to come back. */
const RESTART_TIMEOUT_MS = Minutes(12)
/** Tries with a silent BMC before its feeds are switched: a BMC that restarts is back by then. */
const SILENT_TRIES = 3

export interface ExecuteParts {
  readonly desk: BmcDesk
  readonly feeds: FeedDesk
  readonly clock: Clock
  readonly fetchImage: (image: Image) => Promise<Result<void, FetchFault>>
  /** Told what a BMC said of itself, and every power state that was read on the way. */
  readonly onInventory: (operation: Operation, inventory: BmcInventory) => void
  readonly onPower: (operation: Operation, power: PowerState) => void
  readonly rotate: (operation: Operation, action: RotationAction) => Promise<Outcome>
  readonly regain: (operation: Operation, action: RegainAction) => Promise<Outcome>
}

/** Performs one action, once, and says what was read back. Never throws for what a BMC or the hub does. */
export async function execute(
  parts: ExecuteParts,
  operation: Operation,
  action: Action,
): Promise<Outcome> {
  const { desk } = parts
  const { sled } = operation
  switch (action.kind) {
    case 'read-bmc': {
      const read = await desk.with(sled, (bmc) => bmc.inventory.read())
      if (!read.ok) return revived(parts, operation, 'read the BMC inventory', read.error)
      parts.onInventory(operation, read.value)
      return { ok: true, detail: `BMC firmware ${read.value.bmcVersion}` }
    }
    case 'fetch-image': {
      const fetched = await parts.fetchImage(action.image)
      return fetched.ok
        ? { ok: true, detail: `${action.image.bytes} bytes, hash verified` }
        : { ok: false, final: fetched.error.final, reason: fetched.error.message }
    }
    case 'boot-network': {
      const wanted = { device: action.from, persistent: false, efi: action.efi } as const
      const set = await desk.setNextBoot(sled, wanted)
      return set.ok
        ? { ok: true, detail: `reads back as ${set.value.device}, once` }
        : revived(parts, operation, `set boot from ${action.from}`, set.error)
    }
    case 'power-up': {
      const before = await desk.readPower(sled)
      if (!before.ok) return revived(parts, operation, 'read the power', before.error)
      return power(parts, operation, before.value === 'off' ? 'on' : 'cycle')
    }
    case 'read-power': {
      const read = await desk.readPower(sled)
      if (!read.ok) return bmcFailure('read the power', read.error)
      parts.onPower(operation, read.value)
      return { ok: true, power: read.value, detail: `power is ${read.value}` }
    }
    case 'power':
      return power(parts, operation, action.verb)
    case 'feed':
      return feed(parts, operation, action.verb)
    case 'resume-power':
      return resumePower(parts, operation, action.verb)
    case 'seal-login':
    case 'write-login':
    case 'prove-login':
    case 'switch-login':
    case 'retire-login':
      return await parts.rotate(operation, action)
    case 'make-login':
    case 'try-login':
      return await parts.regain(operation, action)
    case 'restart-bmc':
      return restartBmc(desk, sled)
    case 'identify': {
      const lit = await desk.light(sled, action.seconds)
      return lit.ok
        ? { ok: true, detail: action.seconds === 0 ? 'off' : `on for ${action.seconds} s` }
        : bmcFailure('light the identify LED', lit.error)
    }
  }
}

async function power(
  parts: ExecuteParts,
  operation: Operation,
  verb: (Action & { kind: 'power' })['verb'],
): Promise<Outcome> {
  const timeoutMs = verb === 'soft' ? SOFT_TIMEOUT_MS : POWER_TIMEOUT_MS
  const set = await parts.desk.setPower(operation.sled, verb, timeoutMs)
  if (!set.ok) return bmcFailure(`power ${verb}`, set.error)
  parts.onPower(operation, set.value)
  return { ok: true, power: set.value, detail: `${verb}; power reads back as ${set.value}` }
}

async function resumePower(
  parts: ExecuteParts,
  operation: Operation,
  verb: (Action & { kind: 'power' })['verb'],
): Promise<Outcome> {
  const read = await parts.desk.readPower(operation.sled)
  if (!read.ok) return bmcFailure('read the power', read.error)
  parts.onPower(operation, read.value)
  if (read.value === 'off' && verb === 'cycle') return power(parts, operation, 'on')
  if (read.value === 'off' && verb === 'soft') {
    return { ok: true, power: 'off', detail: 'power reads off' }
  }
  const reason = `the agent restarted during power ${verb}; it was not repeated, power reads ${read.value}`
  return { ok: false, final: true, reason }
}

/** By the outlets: whether the sled runs afterwards is seen by its BMC, if at all. */
async function feed(parts: ExecuteParts, operation: Operation, verb: FeedVerb): Promise<Outcome> {
  const { sled } = operation
  const set = await parts.feeds.set(sled, verb)
  if (!set.ok) {
    return { ok: false, final: false, reason: `could not switch the feeds ${verb}: ${set.error}` }
  }
  if (set.value === 'off') {
    parts.onPower(operation, 'off')
    return { ok: true, power: 'off', detail: 'its feeds read back as off' }
  }
  const detail = 'its feeds read back as on; its power restore policy decides what it does'
  return { ok: true, power: 'unknown', detail }
}

/**
 * A BMC that stays silent is woken by its feeds, where it has any: an operation that begins with it
 * cannot do without. The failure stays one, so that the step is tried again when it is back.
 */
async function revived(
  parts: ExecuteParts,
  operation: Operation,
  what: string,
  fault: BmcFault,
): Promise<Outcome> {
  const failed = bmcFailure(what, fault)
  const silent = fault.kind === 'unreachable' || fault.kind === 'timeout'
  // On a shared port silence after a switch is its way: cutting its feeds would be a second reset.
  if (parts.desk.explainedSilence(operation.sled) !== undefined) return failed
  if (failed.ok || !silent || operation.tries + 1 < SILENT_TRIES) return failed
  const woken = await parts.feeds.revive(operation.sled)
  if (woken === undefined) return failed
  const said = woken.ok
    ? 'its feeds were switched off and on again'
    : `its feeds could not be switched: ${woken.error}`
  return { ...failed, reason: `${failed.reason}; ${said}` }
}

/** Sent once: what became of it is seen by the driver, which stays until the BMC answers again. */
async function restartBmc(desk: BmcDesk, sled: SledName): Promise<Outcome> {
  const none = { kind: 'refused', message: 'its driver cannot restart it' } as const
  const restarted = await desk.with(
    sled,
    async ({ restart }) => (restart === undefined ? err(none) : await restart.restart('cold')),
    RESTART_TIMEOUT_MS,
  )
  if (restarted.ok) return { ok: true, detail: 'it was gone and answers again' }
  const { kind, message } = restarted.error
  return { ok: false, final: true, reason: `could not restart its BMC: BMC ${kind}: ${message}` }
}

/** Bad login and a plain no are not cured by asking again; silence may be. */
function bmcFailure(what: string, fault: BmcFault): Outcome {
  const final = fault.kind === 'auth'
  return { ok: false, final, reason: `could not ${what}: BMC ${fault.kind}: ${fault.message}` }
}
