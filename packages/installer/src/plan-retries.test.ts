import { describe, expect, it } from 'vitest'
import { applyProgress, applyResult } from './plan.ts'
import { inventory, provision, good, bad, inventoryResult, claimed } from './plan-rig.ts'

describe('retries', () => {
  it('downloads four times, then fails with the last reason', () => {
    const driver = claimed(provision)
    driver.until('write')
    const ids = [1, 2, 3].map(() => driver.answer(bad('download', 'agent gone')).id)
    expect(new Set(ids).size).toBe(3)
    expect(driver.plan.phase).toBe('running')
    driver.answer(bad('download', 'agent gone'))
    expect(driver.plan).toMatchObject({
      phase: 'failed',
      fault: 'download',
      reason: 'write: agent gone (tried 4 times)',
    })
  })

  it('writes again what reads back wrong, once', () => {
    const driver = claimed(provision)
    driver.until('verify')
    driver.answer(bad('wrong-hash'))
    expect(driver.step().verb).toBe('write')
    driver.answer(good)
    driver.answer(bad('wrong-hash'))
    expect(driver.plan).toMatchObject({ phase: 'failed', fault: 'wrong-hash' })
  })

  it.each(['no-disk', 'image-too-big', 'unsupported', 'bad-step'] as const)(
    'does not try again after %s',
    (fault) => {
      const driver = claimed(provision)
      driver.until('write')
      driver.answer(bad(fault))
      expect(driver.plan).toMatchObject({ phase: 'failed', fault, reason: 'write: because' })
    },
  )

  it('treats an inventory it cannot read as a failure, not as an empty sled', () => {
    const driver = claimed(provision)
    driver.answer(good)
    expect(driver.plan).toMatchObject({ phase: 'failed', fault: 'bad-step' })
  })
})

describe('repeats', () => {
  it('gives the same step until its result is in', () => {
    const driver = claimed(provision)
    expect(driver.step()).toEqual(driver.step())
  })

  it('takes a result once; repeats and strangers change nothing', () => {
    const driver = claimed(provision)
    const first = driver.answer(inventoryResult(inventory))
    const { plan, nowMs } = driver
    expect(applyResult(plan, first.id, bad('disk-io'), nowMs)).toBe(plan)
    expect(applyResult(plan, '9.9.wipe', good, nowMs)).toBe(plan)
    expect(applyResult(plan, '', good, nowMs)).toBe(plan)
    expect(applyProgress(plan, first.id, { percent: 1, bytes: 1 }, nowMs)).toBe(plan)
  })

  it('never uses an id twice over restarts and retries', () => {
    const driver = claimed(provision)
    const ids: string[] = []
    for (let claim = 1; claim <= 3; claim++) {
      driver.until('write')
      ids.push(driver.step().id, driver.answer(bad('download')).id, driver.step().id)
      driver.claim()
    }
    expect(new Set(ids).size).toBe(6)
  })
})
