/** What the machine does in a work order, by the sled's BMC and what the site knows of it. */
import type { PowerState, PowerVerb } from '@brickyard/model/operation'
import type { SledName } from '@brickyard/model/names'
import {
  checkFreeOfWork,
  checkSafeToPull,
  onlyPowerUnknown,
  type PullFacts,
  type PullVerdict,
} from '@brickyard/open19/check-safe-to-pull'
import type { WorkOrderTask } from '@brickyard/procedures/work-order'
import { sameSerial } from '@brickyard/procedures/serial'
import { sleep, type Clock } from '@brickyard/runtime/clock'
import type { Result } from '@brickyard/std/result'
import { Seconds } from '@brickyard/std/units'
import type { TaskOutcome } from './work-order-desk.ts'

/** A sled that was told to go off is off within this, or something is wrong with it. */
const POWER_WITHIN_MS = Seconds(45)
const POWER_READ_EVERY_MS = Seconds(2)

/** Why a sled could not be reached; `refused`: it was reached and said no. */
export interface ReachFault {
  readonly kind: 'unreachable' | 'refused'
  readonly message: string
}

/** A sled by the BMC at its declared address. Every call ends within seconds. */
export interface SledReach {
  /** Undefined for a sled that is not declared any more. */
  pullFacts(sled: SledName): PullFacts | undefined
  light(sled: SledName, light: 'on' | 'off'): Promise<Result<void, ReachFault>>
  setPower(sled: SledName, verb: PowerVerb): Promise<Result<void, ReachFault>>
  /** Read now, not remembered. */
  readPower(sled: SledName): Promise<PowerState>
  /** The product serial that the BMC at the slot's address reports now; undefined: it has none. */
  readSerial(sled: SledName): Promise<Result<string | undefined, ReachFault>>
}

/** Does a task and says how it ended. */
export const createWorkOrderTasks =
  (reach: SledReach, clock: Clock) =>
  (sled: SledName, task: WorkOrderTask): Promise<TaskOutcome> => {
    switch (task.kind) {
      case 'identify-light':
        return light(reach, sled, task.light)
      case 'power':
        return power(reach, clock, sled, task)
      case 'check':
        return task.check === 'serial-in-slot'
          ? serialInSlot(reach, sled, task.serial ?? '')
          : pullCheck(reach, sled, task.check)
    }
  }

const pass = (detail: string): TaskOutcome => ({ outcome: 'pass', detail })
const fail = (detail: string): TaskOutcome => ({ outcome: 'fail', detail })
const unavailable = (detail: string): TaskOutcome => ({ outcome: 'unavailable', detail })
const ofFault = ({ kind, message }: ReachFault): TaskOutcome =>
  kind === 'refused' ? fail(`The BMC said no: ${message}`) : unavailable(message)

async function light(reach: SledReach, sled: SledName, wanted: 'on' | 'off'): Promise<TaskOutcome> {
  const done = await reach.light(sled, wanted)
  // A light that will not work is no danger: a person may go on by the number of the slot.
  return done.ok ? pass(`the light is ${wanted}`) : unavailable(done.error.message)
}

async function power(
  reach: SledReach,
  clock: Clock,
  sled: SledName,
  { verb, until }: Extract<WorkOrderTask, { kind: 'power' }>,
): Promise<TaskOutcome> {
  const before = await reach.readPower(sled)
  if (before === until) return pass(`its power was read as ${until}`)
  const free = freeOfWork(reach, sled)
  if (free.outcome !== 'pass') return free
  const set = await reach.setPower(sled, verb)
  if (!set.ok) return ofFault(set.error)
  const endMs = clock.monotonicMs() + POWER_WITHIN_MS
  let last: PowerState = 'unknown'
  while (clock.monotonicMs() < endMs) {
    last = await reach.readPower(sled)
    if (last === until) return pass(`its power was read as ${until}`)
    await sleep(clock, POWER_READ_EVERY_MS)
  }
  return last === 'unknown'
    ? unavailable('Its BMC does not say whether it is powered on.')
    : fail(`It was told to go ${until}, but its power is still read as ${last}.`)
}

async function pullCheck(
  reach: SledReach,
  sled: SledName,
  check: 'free-of-work' | 'safe-to-pull',
): Promise<TaskOutcome> {
  if (check === 'free-of-work') return freeOfWork(reach, sled)
  const power = await reach.readPower(sled)
  const facts = reach.pullFacts(sled)
  if (facts === undefined) return fail('This sled is not declared any more.')
  const verdict = checkSafeToPull({ ...facts, power, powerAgeMs: 0 })
  if (onlyPowerUnknown(verdict)) return unavailable(inWords(verdict))
  return verdict.safe ? pass('safe to pull: it is off and free of work') : fail(inWords(verdict))
}

function freeOfWork(reach: SledReach, sled: SledName): TaskOutcome {
  const facts = reach.pullFacts(sled)
  if (facts === undefined) return fail('This sled is not declared any more.')
  const verdict = checkFreeOfWork(facts)
  return verdict.safe ? pass('nobody’s work is on it') : fail(inWords(verdict))
}

const inWords = (verdict: PullVerdict): string =>
  verdict.safe ? '' : verdict.reasons.map(({ text }) => text).join(' ')

async function serialInSlot(
  reach: SledReach,
  sled: SledName,
  wanted: string,
): Promise<TaskOutcome> {
  const read = await reach.readSerial(sled)
  if (!read.ok) return unavailable(`Nothing answers from this slot yet: ${read.error.message}`)
  if (read.value === undefined || read.value.trim() === '') {
    return unavailable('A BMC answers from this slot, but it gives no serial.')
  }
  return sameSerial(read.value, wanted)
    ? pass(`serial ${read.value} answers from the slot`)
    : fail(`Serial ${read.value} answers from this slot, but you typed ${wanted}.`)
}
