/** Whether a person may take a sled out of the rack now, and if not, why. */
import type { OperationKind, PowerState } from '@brickyard/model/operation'
import type { SledState } from '@brickyard/model/sled-lifecycle'
import { Minutes } from '@brickyard/std/units'

/** An older power reading says nothing about now: somebody may have pressed the button since. */
export const POWER_READING_AGE_MAX_MS = Minutes(1)

export interface PullFacts {
  readonly state: SledState
  /** The deployment or tenant whose work it carries, as a person knows it; a hold ends no work. */
  readonly work?: string | undefined
  /** The operation that runs on it now. */
  readonly operation?: OperationKind | undefined
  /** Why it must never be pulled (it is the switch's, the uplink's or the appliance's feed). */
  readonly protectedBecause?: string | undefined
  readonly power: PowerState
  /** Age of the power reading; undefined when there never was one. */
  readonly powerAgeMs: number | undefined
}

export type PullReasonCode =
  | 'in-use'
  | 'busy'
  | 'not-ours'
  | 'protected'
  | 'powered-on'
  | 'power-unknown'

export interface PullReason {
  readonly code: PullReasonCode
  readonly text: string
}

export type PullVerdict =
  | { readonly safe: true }
  | { readonly safe: false; readonly reasons: readonly [PullReason, ...PullReason[]] }

const verdict = ([first, ...rest]: readonly PullReason[]): PullVerdict =>
  first === undefined ? { safe: true } : { safe: false, reasons: [first, ...rest] }

/** Nobody works on it and nothing protects it; it may still be powered on. */
export const checkFreeOfWork = (facts: PullFacts): PullVerdict => verdict(workReasons(facts))

/** Free of work, and its power was just read as off. */
export const checkSafeToPull = (facts: PullFacts): PullVerdict =>
  verdict([...workReasons(facts), ...powerReasons(facts)])

/** True when the only thing in the way is that the power state cannot be read. */
export const onlyPowerUnknown = (pull: PullVerdict): boolean =>
  !pull.safe && pull.reasons.every(({ code }) => code === 'power-unknown')

function workReasons(facts: PullFacts): PullReason[] {
  const reasons: PullReason[] = []
  if (facts.protectedBecause !== undefined) {
    reasons.push({ code: 'protected', text: `It is protected: ${facts.protectedBecause}.` })
  }
  if (facts.operation !== undefined) {
    reasons.push({
      code: 'busy',
      text: `The operation "${facts.operation}" is running on it. Wait until it ends.`,
    })
  }
  const fromState = stateReason(facts)
  if (fromState !== undefined) reasons.push(fromState)
  return reasons
}

function stateReason({ state, work, operation }: PullFacts): PullReason | undefined {
  switch (state) {
    case 'in-use':
      return {
        code: 'in-use',
        text: `It is in use${work === undefined ? '' : ` by ${work}`}. Have it released first.`,
      }
    case 'held':
      if (work === undefined) return undefined
      return { code: 'in-use', text: `It is on hold, but carries work of ${work} all the same.` }
    case 'adopted':
      return { code: 'not-ours', text: 'It ran here before us and may carry somebody’s work.' }
    case 'reserved':
    case 'provisioning':
    case 'releasing':
      // A running operation already says so in its own words.
      if (operation !== undefined) return undefined
      return { code: 'busy', text: `It is ${state}. Wait until that ends.` }
    case 'seen':
    case 'discovered':
    case 'inspected':
    case 'ready':
    case 'quarantined':
    case 'missing':
    case 'failed':
    case 'removed-unwiped':
      return undefined
  }
}

function powerReasons({ power, powerAgeMs }: PullFacts): PullReason[] {
  if (power === 'unknown' || powerAgeMs === undefined) {
    return [{ code: 'power-unknown', text: 'Its BMC does not say whether it is powered on.' }]
  }
  if (power === 'on') return [{ code: 'powered-on', text: 'It is powered on. Power it off first.' }]
  if (powerAgeMs > POWER_READING_AGE_MAX_MS) {
    const minutes = Math.floor(powerAgeMs / Minutes(1))
    return [
      {
        code: 'power-unknown',
        text: `Its power was last read ${minutes} min ago, too long ago to rely on.`,
      },
    ]
  }
  return []
}
