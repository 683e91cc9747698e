import { err, ok, type Result } from '@brickyard/std/result'
import type { CommandRequest } from './commands/command.ts'
import { COMPLETION, describeCompletion } from './completion-code.ts'

/** An answer to one command, whatever its completion code. */
export interface Answer {
  readonly completionCode: number
  readonly data: Uint8Array
}

/** Why a conversation came to nothing: the BMC said no, or something that makes no sense. */
export interface ConversationFault {
  readonly kind: 'refused' | 'protocol'
  readonly message: string
  /** Somebody else has what was asked for; it can be taken over. */
  readonly elsewhere?: true
}

/** The next command of a conversation. */
export interface Ask extends CommandRequest {
  /** Send it only after this pause: what was begun takes the BMC some time. */
  readonly afterMs?: number
}

/**
 * Several commands that make sense together only (reserve, read in pieces, begin again), as a pure
 * machine: it yields the next command, is resumed with its answer, and returns what it found. Who
 * drives it owns the session, the time and the repeats. Every conversation ends by itself.
 */
export type Conversation<T> = Generator<Ask, Result<T, ConversationFault>, Answer>

export const refused = (message: string): Result<never, ConversationFault> =>
  err({ kind: 'refused', message })

export const nonsense = (message: string): Result<never, ConversationFault> =>
  err({ kind: 'protocol', message })

/** One command that must succeed; `what` names it in the fault. */
export function* demand(what: string, request: CommandRequest): Conversation<Uint8Array> {
  const { completionCode, data } = yield request
  return completionCode === COMPLETION.ok ? ok(data) : refusal(what, completionCode)
}

/** A command that must succeed, and its answer decoded. */
export function* inquire<T>(
  what: string,
  request: CommandRequest,
  decode: (data: Uint8Array) => Result<T>,
): Conversation<T> {
  const data = yield* demand(what, request)
  if (!data.ok) return data
  const value = decode(data.value)
  return value.ok ? value : nonsense(`${what}: ${value.error}`)
}

export const refusal = (what: string, completionCode: number): Result<never, ConversationFault> =>
  refused(`${what} was answered with ${describeCompletion(completionCode)}`)

/** Drives a conversation with a BMC that answers at once: a simulated or a captured one. */
export function converse<T>(
  conversation: Conversation<T>,
  answer: (request: CommandRequest) => Answer,
): Result<T, ConversationFault> {
  let step = conversation.next()
  while (step.done !== true) step = conversation.next(answer(step.value))
  return step.value
}
