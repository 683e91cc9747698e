import { Minutes, Seconds } from '@brickyard/std/units'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { REPLACE_A_SLED } from './replace-a-sled.ts'
import { mayGoUnverified, openWorkOrder, presentStep, step } from './work-order-machine.ts'
import { sameSerial } from './serial.ts'
import type { Stepped, WorkOrder, WorkOrderEffect, WorkOrderEvent } from './work-order.ts'

const subject = { sled: 'sled-03', place: 'cage a, slot 3' }
const by = 'ann'

/** A work order and somebody who sends it events; the state goes through JSON each time. */
function walk(expectedSerial: string | null = 'OLD-1') {
  let nowMs = 0
  const effects: WorkOrderEffect[] = []
  const take = (stepped: Stepped): Stepped => {
    state = JSON.parse(JSON.stringify(stepped.state)) as WorkOrder
    effects.push(...stepped.effects)
    return stepped
  }
  let state: WorkOrder
  const opened = openWorkOrder(
    REPLACE_A_SLED,
    {
      id: 'w-1',
      subject: { ...subject, expectedSerial: expectedSerial ?? undefined },
      openedBy: by,
    },
    nowMs,
  )
  state = opened.state
  take(opened)
  const send = (event: WorkOrderEvent): Stepped => take(step(state, event, nowMs))
  const at = (): string => presentStep(state)?.id ?? state.status.kind
  return {
    effects,
    at,
    state: () => state,
    send,
    wait: (ms: number): Stepped => {
      nowMs += ms
      return send({ kind: 'tick' })
    },
    outcome: (outcome: 'pass' | 'fail' | 'unavailable', detail = ''): Stepped =>
      send({ kind: 'outcome', step: at(), attempt: state.attempts, outcome, detail }),
    done: (): Stepped => send({ kind: 'done', step: at(), by }),
    yes: (): Stepped => send({ kind: 'answer', step: at(), by, yes: true }),
    type: (text: string): Stepped => send({ kind: 'serial', step: at(), by, text }),
    word: (saw: string): Stepped => send({ kind: 'cannot-verify', step: at(), by, saw }),
    tasks: (): unknown[] => effects.flatMap((e) => (e.kind === 'attempt' ? [e.task] : [])),
    told: (): string[] => effects.flatMap((e) => (e.kind === 'tell' ? [e.event] : [])),
  }
}
type Walk = ReturnType<typeof walk>

function upTo(id: string, order: Walk = walk()): Walk {
  const ways: Record<string, () => Stepped> = {
    'light-on': () => order.outcome('pass'),
    find: order.yes,
    'old-serial': () => order.type('OLD-1'),
    'free-of-work': () => order.outcome('pass'),
    'power-off': () => order.outcome('pass'),
    'safe-to-pull': () => order.outcome('pass'),
    pull: order.done,
    'new-serial': () => order.type('NEW-1'),
    insert: order.done,
    cable: order.yes,
    answers: () => order.outcome('pass', 'NEW-1 answers'),
    'light-off': () => order.outcome('pass'),
  }
  for (let steps = 0; order.at() !== id && steps < 20; steps++) ways[order.at()]?.()
  expect(order.at()).toBe(id)
  return order
}

describe('replacing a sled', () => {
  it('goes step by step to an end in which everything was verified', () => {
    const order = upTo('done')
    expect(order.state().status).toEqual({ kind: 'done', verified: true, atMs: 0 })
    expect(order.tasks()).toEqual([
      { kind: 'identify-light', light: 'on' },
      { kind: 'check', check: 'free-of-work' },
      { kind: 'power', verb: 'off', until: 'off' },
      { kind: 'check', check: 'safe-to-pull' },
      { kind: 'check', check: 'serial-in-slot', serial: 'NEW-1' },
      { kind: 'identify-light', light: 'off' },
    ])
    expect(order.told()).toEqual(['opened', ...Array<string>(12).fill('step-done'), 'done'])
    expect(order.state().records.map(({ step }) => step)).toEqual(
      REPLACE_A_SLED.steps.map(({ id }) => id),
    )
  })

  it('closes only when the new serial answers from the slot', () => {
    const order = upTo('answers')
    order.outcome('unavailable', 'the BMC does not answer')
    expect(order.at()).toBe('answers')
    order.wait(Seconds(5))
    order.outcome('fail', 'serial OTHER answers')
    expect([order.at(), order.state().attempt?.trouble?.detail]).toEqual([
      'answers',
      'serial OTHER answers',
    ])
    order.wait(Seconds(5))
    order.outcome('pass', 'NEW-1 answers')
    expect(order.at()).toBe('light-off')
  })

  it('lets a mistyped serial be corrected, and looks for the new one', () => {
    const order = upTo('answers')
    order.outcome('fail', 'serial NEW-2 answers')
    order.send({ kind: 'back', step: 'answers', by })
    expect(order.at()).toBe('new-serial')
    order.type('NEW-2')
    order.done()
    order.yes()
    expect(order.tasks().at(-1)).toEqual({
      kind: 'check',
      check: 'serial-in-slot',
      serial: 'NEW-2',
    })
  })
})

describe('serials', () => {
  it('must be the sled’s own before anything is touched', () => {
    const order = upTo('old-serial')
    expect(order.type('OTHER').refused).toContain('Are you at the right place?')
    expect(order.type('').refused).toContain('1 to 64')
    expect(order.type('\u0007').refused).toContain('1 to 64')
    expect(order.at()).toBe('old-serial')
    order.type(' old-1 ')
    expect(order.at()).toBe('free-of-work')
  })

  it('are taken as read where the site knows none', () => {
    const order = upTo('old-serial', walk(null))
    order.type('ANY-1')
    expect(order.state().serials).toEqual({ removed: 'ANY-1' })
  })

  it('must differ between the old sled and the new one', () => {
    const order = upTo('new-serial')
    expect(order.type('OLD-1').refused).toContain('taken out')
    expect(order.at()).toBe('new-serial')
  })

  it('are the same in upper and lower case and with blanks', () => {
    expect(sameSerial('ab 12', 'AB12')).toBe(true)
    expect(sameSerial('AB12', 'AB13')).toBe(false)
  })
})

describe('a step that cannot be verified', () => {
  it('is never passed by word against a check that failed', () => {
    const order = upTo('safe-to-pull')
    order.outcome('fail', 'it is powered on')
    expect(mayGoUnverified(order.state())).toBe(false)
    expect(order.word('it looks fine').refused).toContain('has not given up')
    expect(order.at()).toBe('safe-to-pull')
  })

  it('is never passed by word where the procedure has no such way', () => {
    const order = upTo('free-of-work')
    order.outcome('unavailable', 'nobody knows')
    expect(order.word('it is free').refused).toBe('This step cannot be passed without proof.')
  })

  it('is passed by word when the machine cannot find out, and the end says so', () => {
    const order = upTo('power-off')
    expect(order.word('dark').refused).toContain('has not given up')
    order.outcome('unavailable', 'the BMC does not answer')
    expect(order.word('  ').refused).toBe('Say what you saw.')
    order.word('every light is dark')
    order.outcome('unavailable', 'its power cannot be read')
    order.word('every light is dark')
    upTo('done', order)
    expect(order.state().status).toMatchObject({ kind: 'done', verified: false })
    expect(order.told().filter((told) => told === 'not-verified')).toHaveLength(2)
  })

  it('can still be passed by word while the machine tries again', () => {
    const order = upTo('answers')
    order.outcome('unavailable', 'the BMC does not answer')
    order.wait(Seconds(5))
    expect(order.state().attempt?.running).toBe(true)
    expect(mayGoUnverified(order.state())).toBe(true)
  })
})

describe('attempts', () => {
  it('are made again after their pause, not before', () => {
    const order = upTo('safe-to-pull')
    order.outcome('fail', 'powered on')
    const before = order.tasks().length
    order.wait(Seconds(4))
    expect(order.tasks()).toHaveLength(before)
    order.wait(Seconds(1))
    expect(order.tasks()).toHaveLength(before + 1)
  })

  it('are asked for again when their end never came', () => {
    const order = upTo('power-off')
    const before = order.tasks().length
    order.wait(Minutes(3) - 1)
    expect(order.tasks()).toHaveLength(before)
    order.wait(1)
    expect(order.tasks()).toHaveLength(before + 1)
  })

  it('do not wait for ever when the clock is set back', () => {
    const order = upTo('safe-to-pull')
    order.wait(Minutes(1))
    order.outcome('fail', 'powered on')
    const before = order.tasks().length
    order.wait(-Minutes(30))
    expect(order.tasks()).toHaveLength(before + 1)
  })

  it('take no outcome of an earlier attempt for their own', () => {
    const order = upTo('answers')
    const stale = order.state().attempts
    order.outcome('fail', 'serial NEW-2 answers')
    order.send({ kind: 'back', step: 'answers', by })
    order.type('NEW-2')
    order.done()
    order.yes()
    const late = order.send({
      kind: 'outcome',
      step: 'answers',
      attempt: stale,
      outcome: 'pass',
      detail: 'NEW-1 answers',
    })
    expect(late.refused).toBe('That attempt is over.')
    expect(order.at()).toBe('answers')
  })
})

describe('a work order', () => {
  it('tells once when a step takes longer than it should', () => {
    const order = upTo('pull')
    order.wait(Minutes(10))
    order.wait(Minutes(10))
    expect(order.told().filter((told) => told === 'overdue')).toHaveLength(1)
    order.done()
    expect(order.state().overdue).toBe(false)
  })

  it('takes a form that was sent twice only once', () => {
    const order = upTo('pull')
    const twice: WorkOrderEvent = { kind: 'done', step: 'pull', by }
    order.send(twice)
    expect(order.send(twice).refused).toContain('now it is "The new sled"')
    expect(order.at()).toBe('new-serial')
  })

  it('can be cancelled at any step, and then takes nothing more', () => {
    const order = upTo('insert')
    order.send({ kind: 'cancel', by, reason: ' the new sled is bent ' })
    expect(order.state().status).toMatchObject({ reason: 'the new sled is bent' })
    expect(order.done().refused).toBe('This work order is closed.')
  })
})

const word = fc.constantFrom('', 'OLD-1', 'NEW-1', 'NEW-2', 'dark', 'x'.repeat(1000))
const stepId = fc.constantFrom(...REPLACE_A_SLED.steps.map(({ id }) => id))
const anyEvent: fc.Arbitrary<WorkOrderEvent> = fc.oneof(
  fc.record({ kind: fc.constant('done'), step: stepId, by: word }),
  fc.record({ kind: fc.constant('answer'), step: stepId, by: word, yes: fc.boolean() }),
  fc.record({ kind: fc.constant('serial'), step: stepId, by: word, text: word }),
  fc.record({ kind: fc.constant('cannot-verify'), step: stepId, by: word, saw: word }),
  fc.record({ kind: fc.constant('back'), step: stepId, by: word }),
  fc.record({
    kind: fc.constant('outcome'),
    step: stepId,
    attempt: fc.integer({ min: 1, max: 6 }),
    outcome: fc.constantFrom('pass', 'fail', 'unavailable'),
    detail: word,
  }),
  fc.record({ kind: fc.constant('tick') }),
)

describe('whatever events come in whatever order', () => {
  it('a sled is pulled only after a passed check or a spoken word, and no step is skipped', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(anyEvent, fc.integer()), { maxLength: 150 }), (events) => {
        const order = walk()
        for (const [event, salt] of events) {
          // Half of the events are aimed at the present step, or no walk would get far.
          const present = presentStep(order.state())?.id
          const aimed = present !== undefined && salt % 2 === 0 && 'step' in event
          const at = aimed ? { ...event, step: present } : event
          const numbered = at.kind === 'outcome' && salt % 4 === 0
          order.send(numbered ? { ...at, attempt: order.state().attempts } : at)
        }
        const { records, at } = order.state()
        const ended = records.filter(({ outcome }) => outcome !== 'went-back')
        for (const { id } of REPLACE_A_SLED.steps.slice(0, at)) {
          expect(ended.some((record) => record.step === id)).toBe(true)
        }
        expect(records.length).toBeLessThanOrEqual(300)
      }),
      { numRuns: 500 },
    )
  })
})
