import { formatProblem } from '@brickyard/std/problem'
import { describe, expect, it } from 'vitest'
import { checkProcedure } from './check-procedure.ts'
import type { Procedure, Step } from './procedure.ts'
import { REPLACE_A_SLED } from './replace-a-sled.ts'

const withSteps = (...steps: Step[]): Procedure => ({ ...REPLACE_A_SLED, steps })
const problems = (...steps: Step[]): string[] =>
  checkProcedure(withSteps(...steps)).map(formatProblem)
const text = { title: 'Do', text: 'Do it.', deadlineSeconds: 60 }

describe('the procedure "replace a sled"', () => {
  it('can be followed to its end', () => {
    expect(checkProcedure(REPLACE_A_SLED).map(formatProblem)).toEqual([])
  })

  it('is plain data', () => {
    expect(JSON.parse(JSON.stringify(REPLACE_A_SLED))).toEqual(REPLACE_A_SLED)
  })

  it('asks whether it is safe after the power is off and before the sled is touched', () => {
    const order = REPLACE_A_SLED.steps.map(({ id }) => id)
    const inOrder = ['light-on', 'old-serial', 'power-off', 'safe-to-pull', 'pull', 'answers']
    expect(order.filter((id) => inOrder.includes(id))).toEqual(inOrder)
  })

  it('never lets a word stand in for a sled being free of work', () => {
    const free = REPLACE_A_SLED.steps.find(({ id }) => id === 'free-of-work')
    expect(free?.cannotVerify).toBeUndefined()
  })
})

describe('a procedure that cannot be followed', () => {
  it('is told what is wrong', () => {
    expect(problems()).toEqual(['steps is 0; expected 1 to 40 steps'])
    const step: Step = { id: 'a', kind: 'instruct', ...text }
    expect(problems(step, step)).toEqual(["steps[1].id is 'a'; expected an id no earlier step has"])
    expect(problems({ ...step, text: 'x'.repeat(301) })[0]).toContain('1 to 300 characters')
    expect(problems({ ...step, deadlineSeconds: 0 })[0]).toContain('more than 0')
  })

  it('compares with no serial that nobody typed, and goes back to no later step', () => {
    const check: Step = {
      id: 'a',
      kind: 'check',
      check: 'serial-in-slot',
      serial: 'inserted',
      againSeconds: 5,
      backTo: 'b',
      ...text,
    }
    expect(problems(check, { id: 'b', kind: 'instruct', ...text })).toEqual([
      "steps[0].serial is 'inserted'; expected a serial that an earlier step asks for",
      "steps[0].backTo is 'b'; expected the id of an earlier step",
    ])
  })
})
