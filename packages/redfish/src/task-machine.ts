import type { RedfishMessage } from './message.ts'
import type { Task } from './resources/task.ts'

/**
 * What became of a task. `vanished` is never a success: services drop tasks that failed as well as
 * tasks that are done, so only the thing itself tells. `unfinished` is one that outlasted us.
 */
export interface TaskOutcome {
  readonly end: 'completed' | 'failed' | 'cancelled' | 'vanished' | 'unfinished'
  readonly state: string | undefined
  readonly messages: readonly RedfishMessage[]
}

/** What one look at a task found: its monitor's status, and the task where the answer holds one. */
export type TaskLook =
  | { readonly kind: 'gone' }
  | { readonly kind: 'silent' }
  | { readonly kind: 'refused'; readonly said: readonly RedfishMessage[] }
  | { readonly kind: 'seen'; readonly status: number; readonly task: Task }

export interface TaskWatch {
  readonly startedMs: number
  readonly deadlineMs: number
  /** Until then a task that is not there may still come: some services answer before they make it. */
  readonly appearsByMs: number
  /** What was last seen, for the words of an outcome without any. */
  readonly last: Task | undefined
}

/** Whether the task has come to an end, and how; undefined to look again. */
export function judgeTask(
  watch: TaskWatch,
  look: TaskLook,
  nowMs: number,
): TaskOutcome | undefined {
  const late = nowMs >= watch.deadlineMs
  const told = {
    state: watch.last?.state,
    messages: watch.last?.messages ?? [],
  }
  if (look.kind === 'gone') {
    const mayCome = watch.last === undefined && nowMs < watch.appearsByMs
    if (mayCome && !late) return undefined
    return { end: 'vanished', ...told }
  }
  if (look.kind === 'silent') return late ? { end: 'unfinished', ...told } : undefined
  if (look.kind === 'refused') return { end: 'failed', state: told.state, messages: look.said }
  const { state, messages, phase } = look.task
  // What the task says goes before the HTTP status: services keep 202 for done tasks, and 200 for
  // running ones.
  if (phase === 'completed' || phase === 'failed' || phase === 'cancelled') {
    return { end: phase, state, messages }
  }
  // A monitor that has no task in it any more gives the answer of the operation (DSP0266 §12.2).
  const final = state === undefined && look.status !== 202
  if (final) return { end: 'completed', state: told.state, messages }
  return late ? { end: 'unfinished', state, messages } : undefined
}
