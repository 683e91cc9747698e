import { ok } from '@brickyard/std/result'
import {
  decodeLanParameter,
  getLanParameterRequest,
  LAN_CONFIGURATION_CODE,
  LAN_PARAMETER,
  setLanParameterRequest,
} from './commands/lan-configuration.ts'
import { COMPLETION } from './completion-code.ts'
import { demand, inquire, nonsense, refusal, refused, type Conversation } from './conversation.ts'

/** A parameter's value; undefined when this BMC does not have it (IPMI 2.0 §23.2). */
export function* readLanParameter(parameter: number): Conversation<Uint8Array | undefined> {
  const { completionCode, data } = yield getLanParameterRequest(parameter)
  if (completionCode === LAN_CONFIGURATION_CODE.unsupported) return ok(undefined)
  if (completionCode !== COMPLETION.ok) return refusal(`LAN parameter ${parameter}`, completionCode)
  const value = decodeLanParameter(data)
  return value.ok ? ok(value.value.slice()) : nonsense(value.error)
}

const COMPLETE = 0
const IN_PROGRESS = 1

const setInProgress = (value: number) =>
  setLanParameterRequest(LAN_PARAMETER.setInProgress, Uint8Array.of(value))

/**
 * Writes parameters in one go (§23.1): says that setting begins, writes, says that it is complete
 * whatever came between, and reads back. Refused when somebody else is setting. Changing the address
 * the session came in by ends the session: the caller's affair.
 */
export function* writeLanParameters(wanted: ReadonlyMap<number, Uint8Array>): Conversation<void> {
  const begun = yield setInProgress(IN_PROGRESS)
  if (begun.completionCode === LAN_CONFIGURATION_CODE.busy) {
    return refused('somebody else is setting LAN parameters')
  }
  // A BMC without this parameter just does not coordinate.
  const coordinates = begun.completionCode === COMPLETION.ok
  if (!coordinates && begun.completionCode !== LAN_CONFIGURATION_CODE.unsupported) {
    return refusal('LAN set in progress', begun.completionCode)
  }
  const written = yield* writeAll(wanted)
  if (coordinates) {
    const ended = yield* demand('LAN set complete', setInProgress(COMPLETE))
    if (written.ok && !ended.ok) return ended
  }
  if (!written.ok) return written
  for (const [parameter, value] of wanted) {
    const now = yield* inquire(
      `LAN parameter ${parameter}`,
      getLanParameterRequest(parameter),
      decodeLanParameter,
    )
    if (!now.ok) return now
    const same = value.every((byte, at) => byte === now.value[at])
    if (!same) return refused(`LAN parameter ${parameter} reads back as something else`)
  }
  return ok(undefined)
}

function* writeAll(wanted: ReadonlyMap<number, Uint8Array>): Conversation<void> {
  for (const [parameter, value] of wanted) {
    const done = yield* demand(
      `Set LAN parameter ${parameter}`,
      setLanParameterRequest(parameter, value),
    )
    if (!done.ok) return done
  }
  return ok(undefined)
}
