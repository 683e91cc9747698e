import type { BmcFault } from '@brickyard/bmc/fault'
import type { SledName } from '@brickyard/model/names'
import type { PowerState } from '@brickyard/model/operation'
import { sleep } from '@brickyard/runtime/clock'
import { virtualClock } from '@brickyard/sim/virtual-clock'
import { err, ok, type Result } from '@brickyard/std/result'
import { Seconds } from '@brickyard/std/units'
import { describe, expect, it } from 'vitest'
import { createBmcPoll } from './bmc-poll.ts'

const A = 'sled-01' as SledName
const B = 'sled-02' as SledName
const GONE: Result<PowerState, BmcFault> = err({ kind: 'unreachable', message: 'no BMC answers' })

function poll() {
  const clock = virtualClock()
  const answers = new Map<SledName, Result<PowerState, BmcFault>>([
    [A, ok('on')],
    [B, ok('off')],
  ])
  const tookMs = new Map<SledName, number>()
  const readings: { sled: SledName; reading: Result<PowerState, BmcFault>; atMs: number }[] = []
  const made = createBmcPoll<PowerState>({
    async read(sled) {
      const took = tookMs.get(sled)
      if (took !== undefined) await sleep(clock, took)
      return answers.get(sled) ?? GONE
    },
    clock,
    everyMs: Seconds(10),
    report: (sled, reading) => readings.push({ sled, reading, atMs: clock.monotonicMs() }),
  })
  const timesOf = (sled: SledName) => readings.filter((r) => r.sled === sled).map((r) => r.atMs)
  return { clock, poll: made, answers, readings, timesOf, tookMs }
}

describe('BMC poll', () => {
  it('reads each sled once a period, spread over it', async () => {
    const { clock, poll: p, timesOf, readings } = poll()
    p.watch([A, B])
    await clock.advance(Seconds(29))
    expect(timesOf(A)).toEqual([0, Seconds(10), Seconds(20)])
    expect(timesOf(B)).toEqual([Seconds(5), Seconds(15), Seconds(25)])
    expect(readings[0]).toEqual({ sled: A, reading: ok('on'), atMs: 0 })
  })

  it('says unknown with the fault, and asks a silent BMC less often until it is back', async () => {
    const { clock, poll: p, answers, readings, timesOf } = poll()
    answers.set(A, GONE)
    p.watch([A])
    await clock.advance(Seconds(300))
    expect(timesOf(A)).toEqual([0, 10, 30, 70, 150, 230].map(Seconds))
    expect(readings[0]?.reading).toMatchObject({ ok: false, error: { kind: 'unreachable' } })
    answers.set(A, ok('on'))
    await clock.advance(Seconds(30))
    expect(timesOf(A).slice(-3)).toEqual([310, 320, 330].map(Seconds))
  })

  it('keeps its step when one reading is lost, or takes long', async () => {
    const { clock, poll: p, answers, timesOf, tookMs } = poll()
    p.watch([A])
    await clock.advance(Seconds(15))
    answers.set(A, GONE)
    tookMs.set(A, Seconds(7))
    await clock.advance(Seconds(10))
    answers.set(A, ok('on'))
    await clock.advance(Seconds(15))
    // The moments at which answers came: the readings began at 0, 10, 20, 30.
    expect(timesOf(A)).toEqual([0, 10, 27, 37].map(Seconds))
    tookMs.set(A, Seconds(24))
    await clock.advance(Seconds(30))
    tookMs.delete(A)
    await clock.advance(Seconds(12))
    // The one begun at 50 outlasts two periods and is followed by the next in step.
    expect(timesOf(A).slice(4)).toEqual([47, 74, 80].map(Seconds))
  })

  it('watches no more what is not named, and leaves no timer behind', async () => {
    const { clock, poll: p, timesOf } = poll()
    p.watch([A, B])
    await clock.advance(Seconds(6))
    p.watch([B])
    await clock.advance(Seconds(30))
    expect(timesOf(A)).toHaveLength(1)
    p.stop()
    expect(clock.timerCount).toBe(0)
  })
})
