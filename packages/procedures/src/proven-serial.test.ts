import { describe, expect, it } from 'vitest'
import { provenSerial } from './proven-serial.ts'
import { REPLACE_A_SLED } from './replace-a-sled.ts'
import { openWorkOrder } from './work-order-machine.ts'
import type { StepRecord, WorkOrder } from './work-order.ts'

const order = (...outcomes: StepRecord['outcome'][]): WorkOrder => ({
  ...openWorkOrder(
    REPLACE_A_SLED,
    { id: 'wo', subject: { sled: 'sled-03', place: 'cage a, slot 3' }, openedBy: 'ann' },
    0,
  ).state,
  serials: { removed: 'OLD-1', inserted: 'NEW-1' },
  records: outcomes.map((outcome, n) => ({
    step: 'answers',
    atMs: n,
    by: 'agent',
    outcome,
    detail: '',
  })),
})

describe('the serial that a work order proved', () => {
  it('is the one typed for the check that passed', () => {
    expect(provenSerial(order('done'))).toBe('NEW-1')
    expect(provenSerial(order('went-back', 'done'))).toBe('NEW-1')
  })

  it('is none when the check did not pass, or a person went on without it', () => {
    expect(provenSerial(order())).toBeUndefined()
    expect(provenSerial(order('went-back'))).toBeUndefined()
    expect(provenSerial(order('went-back', 'cannot-verify'))).toBeUndefined()
    const elsewhere = order('done').records.map((record) => ({ ...record, step: 'light-on' }))
    expect(provenSerial({ ...order(), records: elsewhere })).toBeUndefined()
  })

  it('is none where the procedure proves none', () => {
    const procedure = { ...REPLACE_A_SLED, steps: REPLACE_A_SLED.steps.slice(0, 3) }
    expect(provenSerial({ ...order('done'), procedure })).toBeUndefined()
  })
})
