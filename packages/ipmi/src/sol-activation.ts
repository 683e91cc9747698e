import { err, ok } from '@brickyard/std/result'
import { Seconds } from '@brickyard/std/units'
import {
  ACTIVATION,
  activateSolRequest,
  ALREADY_DEACTIVATED,
  deactivateSolRequest,
  decodePayloadActivation,
} from './commands/payload.ts'
import { COMPLETION } from './completion-code.ts'
import { nonsense, refusal, refused, type Conversation } from './conversation.ts'
import { SOL_CHARACTERS_MAX, SOL_HEADER_BYTES } from './sol-packet.ts'

/** What an activated console may do. */
export interface SolActivation {
  /** Characters the BMC takes in one packet. */
  readonly charactersMax: number
}

/** Some BMCs need a moment to let a console go that was active elsewhere. */
const RELEASE_MS = Seconds(1)

const WHY: Readonly<Record<number, string>> = {
  [ACTIVATION.activeElsewhere]: 'somebody else has the console',
  [ACTIVATION.disabled]: 'serial over LAN is switched off in the BMC or not allowed to this user',
  [ACTIVATION.tooMany]: 'the BMC has no more consoles',
  [ACTIVATION.notEncrypted]: 'the BMC gives no encrypted console',
  [ACTIVATION.onlyEncrypted]: 'the BMC wants the console encrypted, and says that ours is not',
}

/** Activates serial over LAN (IPMI 2.0 §24.1); `takeOver` ends a console that is active elsewhere first. */
export function* activateSol(takeOver: boolean): Conversation<SolActivation> {
  let answer = yield activateSolRequest()
  if (answer.completionCode === ACTIVATION.activeElsewhere && takeOver) {
    const ended = yield* deactivateSol()
    if (!ended.ok) return ended
    answer = yield { ...activateSolRequest(), afterMs: RELEASE_MS }
  }
  const { completionCode, data } = answer
  if (completionCode !== COMPLETION.ok) {
    const why = WHY[completionCode]
    if (why === undefined) return refusal('Activate Payload', completionCode)
    const elsewhere = completionCode === ACTIVATION.activeElsewhere
    return elsewhere ? err({ kind: 'refused', message: why, elsewhere }) : refused(why)
  }
  const activation = decodePayloadActivation(data)
  if (!activation.ok) return nonsense(activation.error)
  const characters = activation.value.inboundBytes - SOL_HEADER_BYTES
  // Sizes below the header are nonsense that some BMCs send; one character at a time goes always.
  return ok({ charactersMax: Math.min(SOL_CHARACTERS_MAX, Math.max(1, characters)) })
}

/** Ends serial over LAN (§24.2); one that is not active is as good as ended. */
export function* deactivateSol(): Conversation<void> {
  const { completionCode } = yield deactivateSolRequest()
  const ended = completionCode === COMPLETION.ok || completionCode === ALREADY_DEACTIVATED
  return ended ? ok(undefined) : refusal('Deactivate Payload', completionCode)
}
