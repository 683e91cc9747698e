import type { Bmc } from '@brickyard/bmc/bmc'
import type { BmcFault } from '@brickyard/bmc/fault'
import type { SledName } from '@brickyard/model/names'
import type { PowerState, PowerVerb } from '@brickyard/model/operation'
import { sleep, type Clock } from '@brickyard/runtime/clock'
import type { Log } from '@brickyard/runtime/log'
import { virtualClock } from '@brickyard/sim/virtual-clock'
import { err, ok, type Result } from '@brickyard/std/result'
import { Seconds } from '@brickyard/std/units'
import { describe, expect, it } from 'vitest'
import { createBmcDesk } from './bmc-desk.ts'

const A = 'sled-01' as SledName
const B = 'sled-02' as SledName

const quiet: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => quiet,
}

/** A BMC whose answers take time and can be made to fail; it counts how many calls overlap. */
function scriptedBmc(clock: Clock) {
  const script = {
    power: 'off' as PowerState,
    verbs: [] as PowerVerb[],
    /** How long each call takes. */
    tookMs: 10,
    /** How long a change of power takes to show. */
    lagMs: 0,
    ignore: false,
    fault: undefined as BmcFault | undefined,
    setFault: undefined as BmcFault | undefined,
    inside: 0,
    insideMax: 0,
    reads: 0,
    closed: 0,
  }
  async function call<T>(answer: () => Result<T, BmcFault>): Promise<Result<T, BmcFault>> {
    script.inside += 1
    script.insideMax = Math.max(script.insideMax, script.inside)
    await sleep(clock, script.tookMs)
    script.inside -= 1
    return script.fault === undefined ? answer() : err(script.fault)
  }
  const set = (verb: PowerVerb): Result<void, BmcFault> => {
    script.verbs.push(verb)
    const after: PowerState = verb === 'off' || verb === 'soft' ? 'off' : 'on'
    if (!script.ignore) clock.after(script.lagMs, () => void (script.power = after))
    return script.setFault === undefined ? ok(undefined) : err(script.setFault)
  }
  const bmc: Bmc = {
    power: {
      read: () =>
        call(() => {
          script.reads += 1
          return ok(script.power)
        }),
      set: (verb) => call(() => set(verb)),
    },
    boot: {
      read: () => call(() => ok({ device: 'none', persistent: false, efi: false })),
      setNextBoot: (wanted) => call(() => ok(wanted)),
    },
    identify: { light: () => call(() => ok(undefined)) },
    inventory: { read: () => call(() => err({ kind: 'refused', message: 'not scripted' })) },
    close: async () => void (script.closed += 1),
  }
  return { bmc, script }
}

function desk(minCycleMs = 0) {
  const clock = virtualClock()
  const a = scriptedBmc(clock)
  const b = scriptedBmc(clock)
  const made = createBmcDesk({
    connect: (sled) => (sled === A ? a.bmc : sled === B ? b.bmc : undefined),
    clock,
    log: quiet,
    minCycleMs,
  })
  /** Lets virtual time pass until `promise` has settled, and gives its value and when that was. */
  async function settled<T>(promise: Promise<T>): Promise<{ value: T; atMs: number }> {
    let done: { value: T; atMs: number } | undefined
    void promise.then((value) => (done = { value, atMs: clock.monotonicMs() }))
    await clock.runUntil(() => done !== undefined, Seconds(3600))
    if (done === undefined) throw new Error('never settled')
    return done
  }
  return { clock, desk: made, a: a.script, b: b.script, settled }
}

describe('queue', () => {
  it('lets one piece of work at a time at a BMC', async () => {
    const { desk: d, a, settled } = desk()
    const all = Promise.all([d.readPower(A), d.light(A, 5), d.readPower(A), d.readPower(A)])
    const { value, atMs } = await settled(all)
    expect(value.every((result) => result.ok)).toBe(true)
    expect(a.insideMax).toBe(1)
    expect(atMs).toBe(4 * a.tookMs)
  })

  it('lets a dead BMC delay nobody else', async () => {
    const { desk: d, a, b, settled } = desk()
    a.tookMs = Seconds(10_000)
    const dead = d.readPower(A)
    const alive = await settled(d.readPower(B))
    expect(alive.value).toEqual(ok('off'))
    expect(alive.atMs).toBe(b.tookMs)
    const { value, atMs } = await settled(dead)
    expect(value).toMatchObject({ ok: false, error: { kind: 'timeout' } })
    expect(atMs).toBe(Seconds(60))
  })

  it('ends work at its deadline, lets the next in, and cuts the late one off', async () => {
    const { clock, desk: d, a, settled } = desk()
    let late: Result<unknown, BmcFault> | undefined
    const slow = d.with(
      A,
      async (bmc) => {
        await sleep(clock, Seconds(5))
        late = await bmc.power.set('off')
        return late
      },
      Seconds(1),
    )
    const next = d.readPower(A)
    expect((await settled(slow)).value).toMatchObject({ ok: false, error: { kind: 'timeout' } })
    expect((await settled(next)).value).toEqual(ok('off'))
    await clock.advance(Seconds(10))
    expect(late).toMatchObject({ ok: false, error: { kind: 'timeout' } })
    expect(a.verbs).toEqual([])
  })

  it('ends work that waits longer than its deadline without starting it', async () => {
    const { clock, desk: d, settled } = desk()
    void d.with(A, () => sleep(clock, Seconds(30)).then(() => ok(1)))
    let started = false
    const waiting = d.with(
      A,
      async () => {
        started = true
        return ok(2)
      },
      Seconds(2),
    )
    expect((await settled(waiting)).atMs).toBe(Seconds(2))
    await clock.advance(Seconds(60))
    expect(started).toBe(false)
  })

  it('keeps the next waiting when one before it gives up waiting', async () => {
    const { clock, desk: d, a, settled } = desk()
    const long = d.with(A, () => sleep(clock, Seconds(30)).then(() => ok(1)))
    void d.with(A, (bmc) => bmc.power.read(), Seconds(2))
    const last = d.readPower(A)
    await clock.advance(Seconds(29))
    expect(a.reads).toBe(0)
    expect((await settled(long)).value).toEqual(ok(1))
    expect((await settled(last)).value).toEqual(ok('off'))
  })

  it('refuses work when 16 pieces wait', async () => {
    const { clock, desk: d, settled } = desk()
    void d.with(A, () => sleep(clock, Seconds(30)).then(() => ok(1)))
    const waiting = Array.from({ length: 17 }, () => d.readPower(A))
    const { value } = await settled(waiting[16] as Promise<Result<PowerState, BmcFault>>)
    expect(value).toMatchObject({ ok: false, error: { kind: 'refused' } })
    expect((await settled(waiting[15] as Promise<Result<PowerState, BmcFault>>)).value.ok).toBe(
      true,
    )
  })

  it('goes on after work that throws, and gives the bug to its caller', async () => {
    const { desk: d, settled } = desk()
    const bug = d.with(A, () => Promise.reject(new Error('a bug')))
    await expect(bug).rejects.toThrow('a bug')
    expect((await settled(d.readPower(A))).value.ok).toBe(true)
  })

  it('says so when no BMC is known', async () => {
    const { desk: d, settled } = desk()
    const { value } = await settled(d.readPower('sled-99' as SledName))
    expect(value).toMatchObject({ ok: false, error: { kind: 'unreachable' } })
  })

  it('leaves a BMC alone for a while after a refused login, until it is forgotten', async () => {
    const { desk: d, a, settled } = desk()
    a.fault = { kind: 'auth', message: 'wrong password' }
    await settled(d.readPower(A))
    a.fault = undefined
    const held = await settled(d.readPower(A))
    expect(held.value).toMatchObject({ ok: false, error: { kind: 'auth' } })
    expect(a.reads).toBe(0)
    await settled(d.forget(A))
    expect(a.closed).toBe(1)
    expect((await settled(d.readPower(A))).value).toEqual(ok('off'))
  })

  it('gives every session back when it closes', async () => {
    const { desk: d, a, b, settled } = desk()
    await settled(Promise.all([d.readPower(A), d.readPower(B)]))
    await settled(d.close())
    expect([a.closed, b.closed]).toEqual([1, 1])
    expect((await settled(d.readPower(A))).value.ok).toBe(false)
  })
})

describe('setPower', () => {
  it('is done when the power reads so, not when the BMC says yes', async () => {
    const { desk: d, a, settled } = desk()
    a.lagMs = Seconds(7)
    const { value, atMs } = await settled(d.setPower(A, 'on'))
    expect(value).toEqual(ok('on'))
    expect(atMs).toBeGreaterThanOrEqual(Seconds(7))
  })

  it('fails when the BMC says yes and nothing happens', async () => {
    const { desk: d, a, settled } = desk()
    a.ignore = true
    const { value, atMs } = await settled(d.setPower(A, 'on', Seconds(20)))
    expect(value).toMatchObject({ ok: false, error: { kind: 'timeout' } })
    expect(atMs).toBeLessThanOrEqual(Seconds(20))
    expect(value.ok ? '' : value.error.message).toContain('reads off')
  })

  it('cycles by off and on, each proved', async () => {
    const { desk: d, a, settled } = desk()
    a.power = 'on'
    a.lagMs = Seconds(2)
    expect((await settled(d.setPower(A, 'cycle'))).value).toEqual(ok('on'))
    expect(a.verbs).toEqual(['off', 'on'])
  })

  it('does not switch on after an off that was never seen', async () => {
    const { desk: d, a, settled } = desk()
    a.power = 'on'
    a.ignore = true
    expect((await settled(d.setPower(A, 'cycle', Seconds(10)))).value.ok).toBe(false)
    expect(a.verbs).toEqual(['off'])
  })

  it('takes a lost answer for what the power says', async () => {
    const { desk: d, a, settled } = desk()
    a.power = 'on'
    a.setFault = { kind: 'timeout', message: 'no answer came' }
    expect((await settled(d.setPower(A, 'off'))).value).toEqual(ok('off'))
    const reset = await settled(d.setPower(A, 'reset'))
    expect(reset.value).toMatchObject({ ok: false, error: { kind: 'timeout' } })
  })

  it('passes a refusal on at once', async () => {
    const { desk: d, a, settled } = desk()
    a.setFault = { kind: 'refused', message: 'no' }
    const { value, atMs } = await settled(d.setPower(A, 'on'))
    expect(value).toEqual(err(a.setFault))
    expect(atMs).toBe(a.tookMs)
  })

  it('refuses a second change while one is under way', async () => {
    const { desk: d, a, settled } = desk()
    a.lagMs = Seconds(3)
    const first = d.setPower(A, 'on')
    const second = await settled(d.setPower(A, 'off'))
    expect(second.value).toMatchObject({ ok: false, error: { kind: 'refused' } })
    expect((await settled(first)).value).toEqual(ok('on'))
  })

  it('keeps interruptions apart, and lets power-on through', async () => {
    const { clock, desk: d, a, settled } = desk(Seconds(30))
    a.power = 'on'
    await settled(d.setPower(A, 'off'))
    const off = clock.monotonicMs()
    expect((await settled(d.setPower(A, 'on'))).atMs - off).toBeLessThan(Seconds(1))
    const soon = await settled(d.setPower(A, 'reset', Seconds(5)))
    expect(soon.value).toMatchObject({ ok: false, error: { kind: 'refused' } })
    const waited = await settled(d.setPower(A, 'reset', Seconds(60)))
    expect(waited.value).toEqual(ok('on'))
    expect(waited.atMs - off).toBeGreaterThanOrEqual(Seconds(30) - 2 * a.tookMs)
  })

  it('remembers the last interruption across a new connection', async () => {
    const { desk: d, a, settled } = desk(Seconds(30))
    a.power = 'on'
    await settled(d.setPower(A, 'off'))
    await settled(d.forget(A))
    const soon = await settled(d.setPower(A, 'off', Seconds(5)))
    expect(soon.value).toMatchObject({ ok: false, error: { kind: 'refused' } })
  })

  it('leaves the BMC to others between two looks', async () => {
    const { desk: d, a, settled } = desk()
    a.power = 'on'
    a.lagMs = Seconds(50)
    const soft = d.setPower(A, 'soft', Seconds(120))
    const { atMs } = await settled(d.light(A, 15))
    expect(atMs).toBeLessThan(Seconds(1))
    expect((await settled(soft)).value).toEqual(ok('off'))
  })
})
