/**
 * The machine of a work order, pure over JSON state.
 *
 * Whoever runs it keeps the state in its store, performs the effects, feeds the outcomes back as
 * events and sends `tick` at least every few seconds. Every event names the step it is about, so a
 * form sent twice, or a check's late answer, changes nothing. Times are wall clock, because a work
 * order outlives the agent's process; a clock set back only makes the next attempt come early.
 */
import { assert, unreachable } from '@brickyard/std/assert'
import { Minutes, Seconds } from '@brickyard/std/units'
import type { Procedure, Step } from './procedure.ts'
import { sameSerial } from './serial.ts'
import {
  REMARK_CHARS_MAX,
  SERIAL_CHARS_MAX,
  type Stepped,
  type StepRecord,
  type WorkOrder,
  type WorkOrderEffect,
  type WorkOrderEvent,
  type WorkOrderNews,
  type WorkOrderSubject,
  type WorkOrderTask,
} from './work-order.ts'

/** Going back and forth is allowed this often; then somebody else should look. */
const RECORDS_MAX = 200
/** Seconds before a light or power attempt that went wrong is made again. */
const AGAIN_SECONDS = 10
/** An attempt that never ended is made again; a slow BMC takes two minutes to change power. */
const ATTEMPT_TIMEOUT_MS = Minutes(3)

/** Opens a work order; the procedure must have passed `checkProcedure`. */
export function openWorkOrder(
  procedure: Procedure,
  order: { readonly id: string; readonly subject: WorkOrderSubject; readonly openedBy: string },
  nowMs: number,
): Stepped {
  const state: WorkOrder = {
    ...order,
    procedure,
    openedAtMs: nowMs,
    status: { kind: 'open' },
    at: 0,
    sinceMs: nowMs,
    overdue: false,
    attempts: 0,
    serials: {},
    records: [],
  }
  const entered = enter(state, 0, nowMs)
  const opened = tell('opened', `${procedure.title}: ${order.subject.sled}`)
  return { ...entered, effects: [opened, ...entered.effects] }
}

/** The step to do now; undefined when the work order is closed. */
export const presentStep = (state: WorkOrder): Step | undefined =>
  state.status.kind === 'open' ? state.procedure.steps[state.at] : undefined

/** True when a person may go on without proof now: the step allows it and nothing spoke against. */
export function mayGoUnverified(state: WorkOrder): boolean {
  const present = presentStep(state)
  if (present?.cannotVerify === undefined) return false
  const byPerson = present.kind === 'confirm' || present.kind === 'enter-serial'
  return byPerson || state.attempt?.trouble?.outcome === 'unavailable'
}

/** One event, one new state, and what is to be done about it. */
export function step(state: WorkOrder, event: WorkOrderEvent, nowMs: number): Stepped {
  const present = presentStep(state)
  if (present === undefined) return refuse(state, 'This work order is closed.')
  if (event.kind === 'tick') return tick(state, present, nowMs)
  if (event.kind === 'cancel') return cancel(state, event, nowMs)
  if (event.step !== present.id) {
    return refuse(state, `That step is not the one to do now; now it is "${present.title}".`)
  }
  switch (event.kind) {
    case 'done':
      if (present.kind !== 'instruct') return refuse(state, 'This step is not ended by hand.')
      return finish(state, event.by, 'done by hand', nowMs)
    case 'answer':
      if (present.kind !== 'confirm') return refuse(state, 'This step asks nothing.')
      if (!event.yes) return refuse(state, 'Not yet? Then do it first, or cancel the work order.')
      return finish(state, event.by, 'yes', nowMs)
    case 'serial':
      return takeSerial(state, present, event, nowMs)
    case 'cannot-verify':
      return goUnverified(state, event, nowMs)
    case 'back':
      return goBack(state, present, event.by, nowMs)
    case 'outcome':
      return takeOutcome(state, event, nowMs)
    default:
      return unreachable(event)
  }
}

const refuse = (state: WorkOrder, refused: string): Stepped => ({ state, effects: [], refused })

const tell = (event: WorkOrderNews, detail: string): WorkOrderEffect => ({
  kind: 'tell',
  event,
  detail,
})

/** Makes step `at` the present one and starts what the machine does in it. */
function enter(state: WorkOrder, at: number, nowMs: number): Stepped {
  const entered: WorkOrder = {
    ...state,
    at,
    sinceMs: nowMs,
    overdue: false,
    attempt: undefined,
  }
  const present = state.procedure.steps[at]
  if (present === undefined) return close(entered, nowMs)
  return attempt(entered, present, nowMs)
}

/** Starts the machine's part of a step, if it has one. */
function attempt(state: WorkOrder, present: Step, nowMs: number): Stepped {
  const task = taskOf(state, present)
  if (task === undefined) return { state, effects: [] }
  const number = state.attempts + 1
  const trouble = state.attempt?.trouble
  return {
    state: {
      ...state,
      attempts: number,
      attempt: { number, running: true, sinceMs: nowMs, trouble },
    },
    effects: [{ kind: 'attempt', step: present.id, attempt: number, task }],
  }
}

function taskOf(state: WorkOrder, present: Step): WorkOrderTask | undefined {
  switch (present.kind) {
    case 'identify-light':
      return { kind: 'identify-light', light: present.light }
    case 'power':
      return { kind: 'power', verb: present.verb, until: present.until }
    case 'check': {
      const serial = present.serial === undefined ? undefined : state.serials[present.serial]
      return { kind: 'check', check: present.check, serial }
    }
    case 'instruct':
    case 'confirm':
    case 'enter-serial':
      return undefined
  }
}

function close(state: WorkOrder, nowMs: number): Stepped {
  const verified = state.records.every(({ outcome }) => outcome !== 'cannot-verify')
  const detail = verified ? 'every step was verified' : 'some steps could not be verified'
  return {
    state: { ...state, status: { kind: 'done', verified, atMs: nowMs } },
    effects: [tell('done', detail)],
  }
}

function finish(state: WorkOrder, by: string, detail: string, nowMs: number): Stepped {
  const present = presentStep(state)
  assert(present !== undefined, 'only an open work order has steps to finish')
  const recorded = record(state, present, { by, outcome: 'done', detail }, nowMs)
  const entered = enter(recorded, state.at + 1, nowMs)
  const told = tell('step-done', `${present.title}: ${detail}`)
  return { ...entered, effects: [told, ...entered.effects] }
}

function record(
  state: WorkOrder,
  present: Step,
  what: Pick<StepRecord, 'by' | 'outcome' | 'detail'>,
  nowMs: number,
): WorkOrder {
  const records = [...state.records, { step: present.id, atMs: nowMs, ...what }]
  return { ...state, records }
}

function takeSerial(
  state: WorkOrder,
  present: Step,
  event: { readonly by: string; readonly text: string },
  nowMs: number,
): Stepped {
  if (present.kind !== 'enter-serial') return refuse(state, 'This step asks for no serial.')
  const serial = event.text.trim()
  if (!/^[\x21-\x7e ]+$/.test(serial) || serial.length > SERIAL_CHARS_MAX) {
    return refuse(state, `A serial has 1 to ${SERIAL_CHARS_MAX} letters, digits and signs.`)
  }
  const { expectedSerial } = state.subject
  if (
    present.must === 'expected' &&
    expectedSerial !== undefined &&
    !sameSerial(serial, expectedSerial)
  ) {
    return refuse(
      state,
      `Serial ${serial} is not the sled of this work order. Are you at the right place?`,
    )
  }
  const removed = state.serials.removed ?? expectedSerial
  if (present.must === 'new' && removed !== undefined && sameSerial(serial, removed)) {
    return refuse(
      state,
      `Serial ${serial} is the sled that was taken out. Read the new one’s label.`,
    )
  }
  const serials = { ...state.serials, [present.into]: serial }
  return finish({ ...state, serials }, event.by, serial, nowMs)
}

function goUnverified(
  state: WorkOrder,
  event: { readonly by: string; readonly saw: string },
  nowMs: number,
): Stepped {
  const present = presentStep(state)
  assert(present !== undefined, 'checked by step')
  if (present.cannotVerify === undefined) {
    return refuse(state, 'This step cannot be passed without proof.')
  }
  if (!mayGoUnverified(state)) {
    return refuse(state, 'The machine has not given up on this step; it cannot be passed by word.')
  }
  const saw = event.saw.trim().slice(0, REMARK_CHARS_MAX)
  if (saw === '') return refuse(state, 'Say what you saw.')
  const recorded = record(
    state,
    present,
    { by: event.by, outcome: 'cannot-verify', detail: saw },
    nowMs,
  )
  const entered = enter(recorded, state.at + 1, nowMs)
  const told = tell('not-verified', `${present.title}: ${saw}`)
  return { ...entered, effects: [told, ...entered.effects] }
}

function goBack(state: WorkOrder, present: Step, by: string, nowMs: number): Stepped {
  const backTo = present.kind === 'check' ? present.backTo : undefined
  const at = state.procedure.steps.findIndex(({ id }) => id === backTo)
  if (at < 0) return refuse(state, 'There is no way back from this step.')
  if (state.records.length >= RECORDS_MAX) {
    return refuse(state, 'This went back and forth too often. Cancel it and ask for help.')
  }
  const detail = state.attempt?.trouble?.detail ?? 'went back'
  return enter(record(state, present, { by, outcome: 'went-back', detail }, nowMs), at, nowMs)
}

function takeOutcome(
  state: WorkOrder,
  event: Extract<WorkOrderEvent, { kind: 'outcome' }>,
  nowMs: number,
): Stepped {
  const { attempt: running } = state
  if (running?.running !== true || running.number !== event.attempt) {
    return refuse(state, 'That attempt is over.')
  }
  if (event.outcome === 'pass') return finish(state, 'agent', event.detail, nowMs)
  const trouble = { outcome: event.outcome, detail: event.detail }
  return {
    state: { ...state, attempt: { ...running, running: false, sinceMs: nowMs, trouble } },
    effects: [],
  }
}

function cancel(
  state: WorkOrder,
  event: { readonly by: string; readonly reason: string },
  nowMs: number,
): Stepped {
  const reason = event.reason.trim().slice(0, REMARK_CHARS_MAX) || 'no reason given'
  return {
    state: { ...state, status: { kind: 'cancelled', reason, atMs: nowMs } },
    effects: [tell('cancelled', `${event.by}: ${reason}`)],
  }
}

function tick(state: WorkOrder, present: Step, nowMs: number): Stepped {
  const late = !state.overdue && nowMs - state.sinceMs >= Seconds(present.deadlineSeconds)
  const told = late ? [tell('overdue', `"${present.title}" takes longer than it should`)] : []
  const watched = late ? { ...state, overdue: true } : state
  const { attempt: last } = watched
  if (last === undefined) return { state: watched, effects: told }
  const waitMs = last.running ? ATTEMPT_TIMEOUT_MS : againMs(present)
  if (!hasPassed(last.sinceMs, waitMs, nowMs)) return { state: watched, effects: told }
  const again = attempt(watched, present, nowMs)
  return { ...again, effects: [...told, ...again.effects] }
}

const againMs = (present: Step): number =>
  Seconds(present.kind === 'check' ? present.againSeconds : AGAIN_SECONDS)

/** Also true when the clock was set back behind the start: waiting for it could take for ever. */
const hasPassed = (sinceMs: number, durationMs: number, nowMs: number): boolean =>
  nowMs < sinceMs || nowMs - sinceMs >= durationMs
