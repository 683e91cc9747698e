import type { BmcFault } from '@brickyard/bmc/fault'
import type { PowerState, PowerVerb } from '@brickyard/model/operation'
import { err, ok, type Result } from '@brickyard/std/result'
import { Milliseconds, Seconds } from '@brickyard/std/units'

/** Verbs as they are sent to a BMC by the desk. */
type SentVerb = Exclude<PowerVerb, 'cycle'>

/** The power that proves a verb done. For `reset` it is the best there is: it was on before, too. */
const PROOF: Readonly<Record<SentVerb, PowerState>> = {
  on: 'on',
  off: 'off',
  soft: 'off',
  reset: 'on',
}

/**
 * What is sent for a verb. A BMC's own power cycle cannot be proved by reading (on before, on after,
 * off for a second in between), is refused when the sled is off, and done twice when repeated; off
 * and then on can be read back, fits every state, and may be repeated.
 */
export const sentFor = (verb: PowerVerb): readonly SentVerb[] =>
  verb === 'cycle' ? ['off', 'on'] : [verb]

/** True for verbs that interrupt a running machine, which must not follow each other too closely. */
export const interrupts = (verb: PowerVerb): boolean => verb !== 'on'

/** What the power says about a command so far: done, or why not. */
export function judgePower(
  verb: SentVerb,
  reading: Result<PowerState, BmcFault>,
): Result<PowerState, BmcFault> {
  if (!reading.ok) return reading
  if (reading.value !== PROOF[verb]) {
    const message = `'${verb}' was sent, but the power reads ${reading.value}, not ${PROOF[verb]}`
    return err({ kind: 'timeout', message })
  }
  return ok(reading.value)
}

/** Pauses between looks at the power: short at first for hosts that are quick, then easy on the BMC. */
export const readBackPauseMs = (look: number): number =>
  Math.min(Seconds(2), Milliseconds(100) * 2 ** look)
