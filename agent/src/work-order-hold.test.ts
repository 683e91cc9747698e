import type { SledName } from '@brickyard/model/names'
import type { SledState } from '@brickyard/model/sled-lifecycle'
import { REPLACE_A_SLED } from '@brickyard/procedures/replace-a-sled'
import { openWorkOrder } from '@brickyard/procedures/work-order-machine'
import type { StepRecord, WorkOrder } from '@brickyard/procedures/work-order'
import { openNodeStore } from '@brickyard/runtime/node/store'
import { seededRandom } from '@brickyard/sim/seeded-random'
import { virtualClock } from '@brickyard/sim/virtual-clock'
import { err, ok } from '@brickyard/std/result'
import { describe, expect, it } from 'vitest'
import type { Wish } from './operations/act-check.ts'
import { newSledRecord, type SledRecord } from './operations/sled-record.ts'
import { openSiteStore } from './store/site-store.ts'
import { createWorkOrderHold } from './work-order-hold.ts'

const SLED = 'sled-03' as SledName
const ORDER: WorkOrder = {
  ...openWorkOrder(
    REPLACE_A_SLED,
    { id: 'wo1', subject: { sled: SLED, place: 'cage a, slot 3' }, openedBy: 'ann' },
    0,
  ).state,
  serials: { removed: 'OLD-1', inserted: 'NEW-1' },
}
const closed = (outcome: StepRecord['outcome']): WorkOrder => ({
  ...ORDER,
  records: [{ step: 'answers', atMs: 1, by: 'agent', outcome, detail: '' }],
})

function rig(state: SledState, more: Partial<SledRecord> = {}, refusal?: string) {
  const clock = virtualClock()
  const store = openNodeStore({ path: ':memory:', durable: false })
  const site = openSiteStore({ store, clock, random: seededRandom('hold') })
  site.commit((change) => change.putSled({ ...newSledRecord(SLED, 0), state, ...more }))
  const wishes: Wish[] = []
  const hold = createWorkOrderHold(site, {
    request(wish) {
      wishes.push(wish)
      return refusal === undefined ? ok(undefined) : err(refusal)
    },
  })
  const sled = () => {
    const record = site.sleds.get(SLED)
    return [record?.state, record?.reason]
  }
  return { site, hold, wishes, sled }
}

describe('the hold of a work order', () => {
  it.each(['ready', 'failed', 'seen'] as const)('is put on a sled that is %s', (state) => {
    const { site, hold, sled } = rig(state)
    site.commit((change) => hold.opened(change, ORDER))
    expect(sled()).toEqual(['held', 'work order wo1 by ann'])
  })

  it.each(['in-use', 'held'] as const)('leaves a sled alone that is %s', (state) => {
    const { site, hold, sled, wishes } = rig(state, { reason: 'as it was' })
    site.commit((change) => hold.opened(change, ORDER))
    site.commit((change) => hold.done(change, closed('done')))
    site.commit((change) => hold.cancelled(change, ORDER, 'ann: no'))
    expect([sled(), wishes]).toEqual([[state, 'as it was'], []])
  })

  it('is lifted once the new serial answered, and the new sled inspected', () => {
    const { site, hold, sled, wishes } = rig('ready')
    site.commit((change) => hold.opened(change, ORDER))
    site.commit((change) => hold.done(change, closed('done')))
    expect(sled()).toEqual(['discovered', 'work order wo1 is done: NEW-1 answers'])
    const by = 'work order wo1 by ann'
    expect(wishes).toEqual([{ sled: SLED, act: { kind: 'inspect' }, by, actId: null }])
  })

  it.each([
    ['nothing proved the new sled', {}, closed('cannot-verify'), 'nothing proved'],
    ['data was left on it', { dirty: true }, closed('done'), 'not wiped off'],
    ['it belongs to a deployment', { assignment: 'a-1' }, closed('done'), 'not wiped off'],
  ])('stays with what is to be done when %s', (_, more, order, words) => {
    const { site, hold, sled, wishes } = rig('failed', more)
    site.commit((change) => hold.opened(change, ORDER))
    site.commit((change) => hold.done(change, order))
    expect(sled()).toEqual(['held', expect.stringContaining(words)])
    expect(wishes).toEqual([])
  })

  it('stays with the reason when the new sled cannot be inspected', () => {
    const { site, hold, sled } = rig('ready', {}, 'sled-03 has no BMC')
    site.commit((change) => hold.opened(change, ORDER))
    site.commit((change) => hold.done(change, closed('done')))
    expect(sled()).toEqual(['held', 'work order wo1 is done: NEW-1 answers; sled-03 has no BMC'])
  })

  it('is lifted by a cancellation before anybody began, and stays with one after', () => {
    const before = rig('ready')
    before.site.commit((change) => before.hold.opened(change, ORDER))
    before.site.commit((change) => before.hold.cancelled(change, ORDER, 'site: it answers'))
    expect(before.sled()).toEqual([
      'discovered',
      'work order wo1 was cancelled by site: it answers',
    ])
    expect(before.wishes).toMatchObject([{ sled: SLED, act: { kind: 'inspect' } }])

    const after = rig('ready')
    after.site.commit((change) => after.hold.opened(change, ORDER))
    const begun = { ...ORDER, at: 1 }
    after.site.commit((change) => after.hold.cancelled(change, begun, 'ann: no'))
    expect(after.sled()).toEqual(['held', expect.stringContaining('recover it when nobody')])
    expect(after.wishes).toEqual([])
  })
})
