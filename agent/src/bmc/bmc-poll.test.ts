import type { BmcFault } from '@brickyard/bmc/fault'
import type { SledName } from '@brickyard/model/names'
import type { PowerState } from '@brickyard/model/operation'
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
  const readings: { sled: SledName; reading: Result<PowerState, BmcFault>; atMs: number }[] = []
  const made = createBmcPoll<PowerState>({
    read: async (sled) => answers.get(sled) ?? GONE,
    clock,
    everyMs: Seconds(10),
    report: (sled, reading) => readings.push({ sled, reading, atMs: clock.monotonicMs() }),
  })
  const timesOf = (sled: SledName) => readings.filter((r) => r.sled === sled).map((r) => r.atMs)
  return { clock, poll: made, answers, readings, timesOf }
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
    expect(timesOf(A)).toEqual([0, 20, 60, 140, 220, 300].map(Seconds))
    expect(readings[0]?.reading).toMatchObject({ ok: false, error: { kind: 'unreachable' } })
    answers.set(A, ok('on'))
    await clock.advance(Seconds(100))
    expect(timesOf(A).slice(-3)).toEqual([380, 390, 400].map(Seconds))
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
