import type { Ask, Answer, Conversation } from '@brickyard/ipmi/conversation'
import { sleep, type Clock } from '@brickyard/runtime/clock'
import type { Result } from '@brickyard/std/result'
import type { BmcFault } from '../fault.ts'
import type { IpmiSession } from './ipmi-session.ts'

/** Holds a conversation over a session: sends what it asks, gives it the answers, in its own pace. */
export async function hold<T>(
  session: IpmiSession,
  clock: Clock,
  conversation: Conversation<T>,
): Promise<Result<T, BmcFault>> {
  let step: IteratorResult<Ask, Result<T, BmcFault>> = conversation.next()
  while (step.done !== true) {
    if (step.value.afterMs !== undefined) await sleep(clock, step.value.afterMs)
    const answer: Result<Answer, BmcFault> = await session.ask(step.value)
    if (!answer.ok) return answer
    step = conversation.next(answer.value)
  }
  return step.value
}
