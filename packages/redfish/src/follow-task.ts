import { sleep, type Clock } from '@brickyard/runtime/clock'
import { err, ok, type Result } from '@brickyard/std/result'
import { Minutes, Seconds } from '@brickyard/std/units'
import type { RedfishClient } from './client.ts'
import type { RedfishAnswer } from './exchange.ts'
import type { RedfishFault } from './fault.ts'
import { fieldOf, pathOf, textOf } from './loose-json.ts'
import { parseTask, type Task } from './resources/task.ts'
import { judgeTask, type TaskLook, type TaskOutcome, type TaskWatch } from './task-machine.ts'

export interface TaskPatience {
  readonly pollMs: number
  readonly deadlineMs: number
  /** How long a task may take to appear after its path was given. */
  readonly appearsWithinMs: number
}

/** 10 s between looks and 100 min in all is what works on real updates. */
export const TASK_PATIENCE: TaskPatience = {
  pollMs: Seconds(10),
  deadlineMs: Minutes(100),
  appearsWithinMs: Seconds(60),
}

/**
 * The path of the task that an answer began: from the Location header, from the body as a task, or
 * from a message's argument. Undefined when it began none.
 */
export function taskPathOf(answer: RedfishAnswer): string | undefined {
  const { body, location } = answer
  const isTask =
    textOf(body['TaskState']) !== undefined || /#Task\./.test(textOf(body['@odata.type']) ?? '')
  const inBody = isTask ? parseTask(body).path : undefined
  const accepted = answer.status === 202
  if (accepted || inBody !== undefined) return location ?? inBody ?? taskInMessages(body)
  return location?.includes('/Tasks/') === true || location?.includes('/Jobs/') === true
    ? location
    : taskInMessages(body)
}

const taskInMessages = (body: unknown): string | undefined =>
  [fieldOf(body, '@Message.ExtendedInfo'), fieldOf(body, 'error', '@Message.ExtendedInfo')]
    .flatMap((messages) => (Array.isArray(messages) ? messages : []))
    .flatMap((message) => {
      const args = fieldOf(message, 'MessageArgs')
      return Array.isArray(args) ? args : []
    })
    .map((arg) => pathOf(arg))
    .find((path) => path !== undefined && /\/(Tasks|TaskMonitors|Jobs)\//.test(path))

/** Watches a task to its end, at most to the deadline. A login refused ends the watch with a fault. */
export async function followTask(
  client: RedfishClient,
  clock: Clock,
  path: string,
  patience: Partial<TaskPatience> = {},
  /** Hears of every look that found the task. */
  onSeen?: (task: Task) => void,
): Promise<Result<TaskOutcome, RedfishFault>> {
  const { pollMs, deadlineMs, appearsWithinMs } = { ...TASK_PATIENCE, ...patience }
  const startedMs = clock.monotonicMs()
  let last: Task | undefined
  for (;;) {
    const look = lookOf(await client.get(path))
    if (!look.ok) return look
    if (look.value.kind === 'seen') onSeen?.(look.value.task)
    const watch: TaskWatch = {
      startedMs,
      deadlineMs: startedMs + deadlineMs,
      appearsByMs: startedMs + appearsWithinMs,
      last,
    }
    const outcome = judgeTask(watch, look.value, clock.monotonicMs())
    if (outcome !== undefined) return ok(outcome)
    if (look.value.kind === 'seen') last = look.value.task
    await sleep(clock, pollMs)
  }
}

function lookOf(answer: Result<RedfishAnswer, RedfishFault>): Result<TaskLook, RedfishFault> {
  if (answer.ok) {
    const { status, body } = answer.value
    return ok({ kind: 'seen', status, task: parseTask(body) })
  }
  const { kind, status = 0, said } = answer.error
  if (status === 404 || status === 410) return ok({ kind: 'gone' })
  if (kind === 'auth') return err(answer.error)
  // A monitor answers as the operation itself would have (DSP0266 §12.2): a bad request is its end.
  const passing = status === 408 || status === 429 || status >= 500
  if (kind === 'refused' && !passing) return ok({ kind: 'refused', said })
  // A BMC in an update restarts and is silent; an error of its own says nothing of the task.
  return ok({ kind: 'silent' })
}
