import type { Bmc } from '@brickyard/bmc/bmc'
import type { BmcFault } from '@brickyard/bmc/fault'
import type { SledName } from '@brickyard/model/names'
import type { PowerState } from '@brickyard/model/operation'
import { openNodeStore } from '@brickyard/runtime/node/store'
import { recordingLog } from '@brickyard/sim/recording-log'
import { seededRandom } from '@brickyard/sim/seeded-random'
import { virtualClock } from '@brickyard/sim/virtual-clock'
import { err, ok, type Result } from '@brickyard/std/result'
import { Hours, Minutes, Seconds } from '@brickyard/std/units'
import { describe, expect, it } from 'vitest'
import { openSiteStore } from '../store/site-store.ts'
import { createBmcDesk, type BmcDeskOptions } from './bmc-desk.ts'
import { silenceMsOf } from './bmc-path.ts'
import { createBmcRestarts } from './bmc-restarts.ts'

const SLED = 'sled-01' as SledName
const GONE = { kind: 'unreachable', message: 'no BMC answers' } as const

/** A BMC with everything; it counts what would change something, and can be silent after each verb. */
function rig(more: Partial<BmcDeskOptions> = {}) {
  const clock = virtualClock()
  const store = openNodeStore({ path: ':memory:', durable: false })
  const open = () => openSiteStore({ store, clock, random: seededRandom('rules') })
  const state = { power: 'on' as PowerState, silentMs: 0, silentUntilMs: 0 }
  const writes: string[] = []
  const answer = <T>(value: T): Promise<Result<T, BmcFault>> =>
    Promise.resolve(clock.monotonicMs() < state.silentUntilMs ? err(GONE) : ok(value))
  const write = <T>(what: string, value: T): Promise<Result<T, BmcFault>> => {
    writes.push(what)
    return answer(value)
  }
  const boot = { device: 'none', persistent: false, efi: false } as const
  const none = undefined
  const bmc: Bmc = {
    power: {
      read: () => answer(state.power),
      async set(verb) {
        const taken = await write(`power ${verb}`, none)
        if (taken.ok) {
          state.power = verb === 'off' || verb === 'soft' ? 'off' : 'on'
          state.silentUntilMs = clock.monotonicMs() + state.silentMs
        }
        return taken
      },
    },
    boot: { read: () => answer(boot), setNextBoot: (wanted) => write('boot', wanted) },
    identify: { light: () => answer(none) },
    inventory: { read: () => Promise.resolve(err(GONE)) },
    sensors: { read: () => answer([]) },
    log: {
      read: () => answer({ entries: [], overflowed: false }),
      clear: () => write('clear log', none),
    },
    console: {
      open: () => write('console', { write: () => true, sendBreak() {}, async close() {} }),
    },
    accounts: {
      list: () => answer([]),
      set: () => write('set account', none),
      disable: () => write('disable account', none),
      verify: () => answer(true),
    },
    powerLimit: {
      readDraw: () => Promise.resolve(err(GONE)),
      readLimit: () => answer({ watts: none }),
      setLimit: (watts) => write('power limit', { watts }),
    },
    restorePolicy: { read: () => answer('as-before'), set: () => write('restore policy', none) },
    bios: {
      read: () => answer({ attributes: {}, pending: {} }),
      set: () => write('bios', { attributes: {}, pending: {} }),
    },
    secureBoot: {
      read: () => answer({ running: true, enabled: true, mode: 'user' }),
      setEnabled: () => write('secure boot', { running: true, enabled: true, mode: 'user' }),
      resetKeys: () => write('keys', { running: true, enabled: true, mode: 'user' }),
    },
    restart: { restart: () => write('restart', none) },
    virtualMedia: {
      read: () => answer({ url: none, writeProtected: none }),
      insert: () => write('insert', none),
      eject: () => write('eject', none),
    },
    firmware: {
      read: () => answer([]),
      update: () => {
        writes.push('update')
        return Promise.resolve(err(GONE))
      },
    },
    async close() {},
  }
  const restarts = () => createBmcRestarts({ site: open(), clock })
  const desk = createBmcDesk({
    connect: () => bmc,
    clock,
    log: recordingLog(),
    minCycleMs: Seconds(10),
    restarts: restarts(),
    ...more,
  })
  async function settled<T>(promise: Promise<T>): Promise<T> {
    let done: { readonly value: T } | undefined
    void promise.then((value) => (done = { value }))
    await clock.runUntil(() => done !== undefined, Minutes(30))
    if (done === undefined) throw new Error('never settled')
    return done.value
  }
  return { clock, desk, state, writes, settled, restarts }
}

describe('a sled that is not ours to touch', () => {
  it('is read in every way, and no write of any kind reaches its BMC', async () => {
    const { desk, writes, settled } = rig({ untouchable: () => 'it is adopted' })
    const all = await settled(
      desk.with(SLED, async (bmc) => {
        const login = { name: 'a', password: 'b', privilege: 'operator' } as const
        const listener = { onData() {}, onInterrupted() {}, onClosed() {} }
        const medium = 'https://192.0.2.1/x.iso'
        const seen = { entries: [], overflowed: false }
        const touched = await Promise.all([
          bmc.power.set('off'),
          bmc.boot.setNextBoot({ device: 'network', persistent: false, efi: true }),
          bmc.log?.clear(seen),
          bmc.console?.open(listener, { takeOver: true }),
          bmc.accounts?.set('3', login),
          bmc.accounts?.disable('3'),
          bmc.powerLimit?.setLimit(100),
          bmc.restorePolicy?.set('stay-off'),
          bmc.bios?.set({ BootMode: 'Uefi' }),
          bmc.secureBoot?.setEnabled(false),
          bmc.secureBoot?.resetKeys('no-keys'),
          bmc.restart?.restart('cold'),
          bmc.virtualMedia?.insert(medium),
          bmc.virtualMedia?.eject(),
        ])
        const read = await Promise.all([
          bmc.power.read(),
          bmc.boot.read(),
          bmc.sensors?.read(),
          bmc.log?.read(),
          bmc.accounts?.list(),
          bmc.restorePolicy?.read(),
          bmc.bios?.read(),
          bmc.identify.light(1),
        ])
        return ok({ touched, read })
      }),
    )
    if (!all.ok) throw new Error(all.error.message)
    const refusal = { ok: false, error: { kind: 'refused' } }
    for (const one of all.value.touched) expect(one).toMatchObject(refusal)
    for (const one of all.value.read) expect(one).toMatchObject({ ok: true })
    expect(await settled(desk.setPower(SLED, 'cycle'))).toMatchObject(refusal)
    expect(writes).toEqual([])
  })
})

describe('the restart of a BMC', () => {
  const restart = ({ desk, settled }: ReturnType<typeof rig>) =>
    settled(desk.with(SLED, async (bmc) => bmc.restart?.restart('cold') ?? err(GONE)))

  it('comes at most once an hour, over a restart of the agent and a clock that jumps', async () => {
    const made = rig()
    expect((await restart(made)).ok).toBe(true)
    await made.clock.advance(Minutes(59))
    expect(await restart(made)).toMatchObject({
      ok: false,
      error: { kind: 'refused', message: expect.stringContaining('in 1 minutes') },
    })
    expect(made.restarts().held(SLED)).toContain('less than an hour ago')
    await made.clock.advance(Minutes(1))
    expect((await restart(made)).ok).toBe(true)
    made.clock.setWallMs(made.clock.wallMs() - Hours(100))
    expect(made.restarts().held(SLED)).toBe(undefined)
    expect(made.writes).toEqual(['restart', 'restart'])
  })
})

describe('a BMC on the port of its host', () => {
  it('has a grace by its declaration, two minutes when that says no more than shared', () => {
    expect(silenceMsOf(undefined)).toBe(0)
    expect(silenceMsOf({})).toBe(0)
    expect(silenceMsOf({ path: { port: 'dedicated' } })).toBe(0)
    expect(silenceMsOf({ path: { port: 'shared' } })).toBe(Seconds(120))
    expect(silenceMsOf({ path: { port: 'shared', silenceSeconds: 300 } })).toBe(Seconds(300))
  })

  it('is waited for after a switch, and is not switched again meanwhile', async () => {
    const made = rig({ silenceMs: () => Seconds(120) })
    const { clock, desk, state, writes, settled } = made
    state.silentMs = Seconds(90)
    const begunMs = clock.monotonicMs()
    // A minute would not do on a port of its own.
    expect(await settled(desk.setPower(SLED, 'reset', Seconds(60)))).toEqual(ok('on'))
    expect(clock.monotonicMs() - begunMs).toBeGreaterThanOrEqual(Seconds(90))
    expect(desk.explainedSilence(SLED)).toContain('may be silent')
    await clock.advance(Seconds(20))
    const second = desk.setPower(SLED, 'reset', Seconds(60))
    await clock.advance(Seconds(5))
    expect(writes).toEqual(['power reset'])
    expect(await settled(second)).toEqual(ok('on'))
    expect(writes).toEqual(['power reset', 'power reset'])
    expect(clock.monotonicMs() - begunMs).toBeGreaterThanOrEqual(Seconds(120))
    await clock.advance(Seconds(121))
    expect(desk.explainedSilence(SLED)).toBe(undefined)
  })

  it('is not restarted while its silence is its way', async () => {
    const { desk, settled, writes, state } = rig({ silenceMs: () => Seconds(120) })
    state.silentMs = Seconds(5)
    await settled(desk.setPower(SLED, 'reset'))
    const held = await settled(
      desk.with(SLED, async (bmc) => bmc.restart?.restart('cold') ?? err(GONE)),
    )
    expect(held).toMatchObject({ ok: false, error: { kind: 'refused' } })
    expect(writes).toEqual(['power reset'])
  })
})
