import { describe, expect, it } from 'vitest'
import {
  applyProgress,
  applyResult,
  deadlineOf,
  rebasePlan,
  restartPlan,
  tickPlan,
} from './plan.ts'
import { CLAIM_DEADLINE_MS, CLAIMS_MAX, SILENCE_MS } from './policy.ts'
import { GB, provision, good, Driver, claimed } from './plan-rig.ts'

describe('power lost at 43 % of the write', () => {
  const lost = (): Driver => {
    const driver = claimed(provision)
    driver.until('write')
    const progress = { percent: 43, bytes: 0.43 * GB }
    driver.plan = applyProgress(driver.plan, driver.step().id, progress, driver.nowMs)
    driver.passes(SILENCE_MS)
    return driver
  }

  it('stalls with where it was, and the disk is not ready', () => {
    expect(lost().plan).toMatchObject({
      phase: 'stalled',
      fault: 'silent',
      reason: 'no word from the sled for 60 s during write at 43 %',
      diskReady: false,
    })
  })

  it('begins again with the inventory after the next claim and ends well', () => {
    const driver = lost()
    driver.plan = restartPlan(driver.plan, driver.nowMs)
    expect(driver.plan.phase).toBe('awaiting-claim')
    expect(driver.claim()).toBe(true)
    expect(driver.until('reboot').slice(0, 3)).toEqual(['inventory', 'wipe', 'write'])
    expect(driver.plan).toMatchObject({ claims: 2, diskReady: true })
  })

  it('goes on where it was when only the network was away', () => {
    const driver = lost()
    driver.answer(good)
    expect(driver.step().verb).toBe('verify')
    expect(driver.plan).toMatchObject({ phase: 'running', reason: '' })
  })

  it('a late result of the first claim does not count for the second', () => {
    const driver = lost()
    const old = driver.step().id
    driver.claim()
    const before = driver.plan
    expect(applyResult(before, old, good, driver.nowMs)).toBe(before)
  })

  it('fails after the last claim, with the reason', () => {
    const driver = lost()
    for (let n = 1; n < CLAIMS_MAX; n++) expect(driver.claim()).toBe(true)
    expect(driver.claim()).toBe(false)
    driver.passes(SILENCE_MS)
    expect(driver.plan).toMatchObject({ phase: 'failed', fault: 'silent' })
    expect(driver.plan.reason).toMatch(/began 5 times/)
  })
})

describe('deadlines', () => {
  it('a sled that never calls back fails with that reason', () => {
    const driver = new Driver(provision)
    driver.passes(CLAIM_DEADLINE_MS - 1)
    expect(driver.plan.phase).toBe('awaiting-claim')
    driver.passes(1)
    expect(driver.plan).toMatchObject({ phase: 'failed', fault: 'silent' })
    expect(driver.plan.reason).toMatch(/never called back/)
  })

  it('a verb that reports progress for ever still ends', () => {
    const driver = claimed(provision)
    driver.until('wipe')
    for (let n = 0; n < 20 && driver.plan.phase === 'running'; n++) {
      driver.passes(SILENCE_MS - 1)
      const progress = { percent: n, bytes: n }
      if (driver.plan.phase !== 'running') break
      driver.plan = applyProgress(driver.plan, driver.step().id, progress, driver.nowMs)
    }
    expect(driver.plan).toMatchObject({ phase: 'stalled' })
    expect(driver.plan.reason).toMatch(/deadline of 180 s/)
  })

  it('silence after reboot was ordered is the end, not a stall', () => {
    const driver = claimed(provision)
    driver.until('reboot')
    driver.passes(SILENCE_MS)
    expect(driver.plan.phase).toBe('done')
  })

  it('an agent that restarted gives the sled its full time again', () => {
    const driver = claimed(provision)
    driver.until('write')
    const out = driver.step().id
    driver.nowMs = 5
    driver.plan = rebasePlan(driver.plan, driver.nowMs)
    expect(deadlineOf(driver.plan)).toBe(5 + SILENCE_MS)
    expect(driver.step().id).toBe(out)
  })

  it('no time runs on a final plan', () => {
    const driver = claimed({ kind: 'inspect', architecture: 'x86_64' })
    driver.until('poweroff')
    driver.answer(good)
    expect(deadlineOf(driver.plan)).toBeUndefined()
    expect(tickPlan(driver.plan, driver.nowMs + 1e12)).toBe(driver.plan)
  })
})
