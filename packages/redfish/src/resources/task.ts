import { linkOf, numberOf, textOf, type JsonObject } from '../loose-json.ts'
import { messagesOf, type RedfishMessage } from '../message.ts'
import { statusOf, type Status } from './status.ts'

/** How far a task is. What a word unknown to us means is unknown, and never an end. */
export type TaskPhase = 'running' | 'completed' | 'failed' | 'cancelled' | 'unknown'

/** `Task`. */
export interface Task {
  readonly path: string | undefined
  readonly id: string | undefined
  readonly state: string | undefined
  readonly phase: TaskPhase
  readonly percent: number | undefined
  readonly messages: readonly RedfishMessage[]
  readonly status: Status
}

/** DSP0268 `Task.TaskState`. `New` is a task that waits for its turn, not one that failed. */
const PHASES: Readonly<Record<string, TaskPhase>> = {
  new: 'running',
  starting: 'running',
  running: 'running',
  pending: 'running',
  suspended: 'running',
  interrupted: 'running',
  service: 'running',
  stopping: 'running',
  cancelling: 'running',
  completed: 'completed',
  exception: 'failed',
  killed: 'failed',
  cancelled: 'cancelled',
}

export function parseTask(body: JsonObject): Task {
  const state = textOf(body['TaskState'])
  const word = state?.toLowerCase() ?? ''
  const status = statusOf({ Status: { Health: body['TaskStatus'] } })
  const said = Object.hasOwn(PHASES, word) ? PHASES[word] : undefined
  const phase = said ?? 'unknown'
  return {
    path: linkOf(body),
    id: textOf(body['Id']),
    state,
    // Completed with a critical status is how several services say that it failed.
    phase: phase === 'completed' && status.health === 'critical' ? 'failed' : phase,
    percent: numberOf(body['PercentComplete']),
    messages: messagesOf(body),
    status,
  }
}
