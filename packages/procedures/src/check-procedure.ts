/** What must hold for a procedure before anybody is led by it. */
import { problem, type Problem } from '@brickyard/std/problem'
import { CHECK_NAMES, SERIAL_NAMES, type Procedure, type Step } from './procedure.ts'

/** A longer list is no guide for a person at a rack any more. */
const STEPS_MAX = 40
/** Longer text does not fit a phone's screen. */
const TEXT_CHARS_MAX = 300

/** Everything wrong with a procedure; empty when it can be followed to its end. */
export function checkProcedure(procedure: Procedure): Problem[] {
  const problems: Problem[] = []
  const { steps } = procedure
  if (steps.length === 0 || steps.length > STEPS_MAX) {
    problems.push(problem('steps', steps.length, `1 to ${STEPS_MAX} steps`))
  }
  if (!Number.isInteger(procedure.version) || procedure.version < 1) {
    problems.push(problem('version', procedure.version, 'a whole number from 1'))
  }
  for (const [index, step] of steps.entries()) {
    const before = steps.slice(0, index)
    problems.push(...checkStep(`steps[${index}]`, step, before))
  }
  return problems
}

function* checkStep(field: string, step: Step, before: readonly Step[]): Generator<Problem> {
  if (step.id === '' || before.some(({ id }) => id === step.id)) {
    yield problem(`${field}.id`, step.id, 'an id no earlier step has')
  }
  for (const name of ['title', 'text', 'cannotVerify'] as const) {
    const text = step[name]
    if (text !== undefined && (text === '' || text.length > TEXT_CHARS_MAX)) {
      yield problem(`${field}.${name}`, text, `1 to ${TEXT_CHARS_MAX} characters`)
    }
  }
  if (!(step.deadlineSeconds > 0)) {
    yield problem(`${field}.deadlineSeconds`, step.deadlineSeconds, 'more than 0')
  }
  if (step.kind === 'enter-serial' && !SERIAL_NAMES.includes(step.into)) {
    yield problem(`${field}.into`, step.into, `one of ${SERIAL_NAMES.join(', ')}`)
  }
  if (step.kind === 'check') yield* checkCheck(field, step, before)
}

function* checkCheck(
  field: string,
  step: Extract<Step, { kind: 'check' }>,
  before: readonly Step[],
): Generator<Problem> {
  if (!CHECK_NAMES.includes(step.check)) {
    yield problem(`${field}.check`, step.check, `one of ${CHECK_NAMES.join(', ')}`)
  }
  if (!(step.againSeconds > 0)) yield problem(`${field}.againSeconds`, step.againSeconds, 'over 0')
  const entered = before.some((s) => s.kind === 'enter-serial' && s.into === step.serial)
  if (step.check === 'serial-in-slot' && !entered) {
    yield problem(`${field}.serial`, step.serial, 'a serial that an earlier step asks for')
  }
  if (step.backTo !== undefined && !before.some(({ id }) => id === step.backTo)) {
    yield problem(`${field}.backTo`, step.backTo, 'the id of an earlier step')
  }
}
