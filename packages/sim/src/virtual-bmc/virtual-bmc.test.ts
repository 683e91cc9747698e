import {
  BOOT_PARAMETER,
  encodeBootFlags,
  setBootOptionRequest,
} from '@brickyard/ipmi/commands/boot-options'
import { Seconds } from '@brickyard/std/units'
import { describe, expect, it } from 'vitest'
import { bmcOnWire as setup, FRU, NETWORK_ONCE } from './virtual-bmc-rig.ts'

const faultKind = (kind: string) => ({ ok: false, error: { kind } })

describe('our driver on the virtual BMC', () => {
  it.each([3, 17] as const)('does everything, with one session, suite %i', async (suite) => {
    const w = await setup()
    const c = w.client('secret', suite)
    expect(await w.settled(c.power.set('on'))).toEqual({ ok: true, value: undefined })
    expect(await w.settled(c.power.read())).toEqual({ ok: true, value: 'on' })
    expect(await w.settled(c.boot.setNextBoot(NETWORK_ONCE))).toEqual({
      ok: true,
      value: NETWORK_ONCE,
    })
    expect(w.seen.boot).toEqual(NETWORK_ONCE)
    const disc = { ...NETWORK_ONCE, device: 'cdrom' } as const
    expect(await w.settled(c.boot.setNextBoot(disc))).toEqual({ ok: true, value: disc })
    expect(w.seen.boot).toEqual(disc)
    expect(await w.settled(c.identify.light(9000))).toEqual({ ok: true, value: undefined })
    expect(w.seen.identify).toEqual([255])
    expect(await w.settled(c.inventory.read())).toMatchObject({
      ok: true,
      value: { serial: 'SL-777', boardSerial: 'BD-42', assetTag: undefined, damaged: [] },
    })
    expect(w.bmc.sessions()).toBe(1)
    await w.settled(c.close())
    expect(w.bmc.sessions()).toBe(0)
    expect(await w.settled(c.power.read())).toMatchObject(faultKind('refused'))
  })

  it('gets through a bad wire: every third datagram lost, some doubled', async () => {
    const w = await setup({}, { loss: 0.3, duplication: 0.2, latencyMs: 40, jitterMs: 200 })
    const c = w.client()
    let good = 0
    for (let n = 0; n < 40; n++) if ((await w.settled(c.power.read())).ok) good += 1
    expect(good).toBeGreaterThan(25)
    w.seen.power = 'on'
    for (let n = 0; n < 20; n++) await w.settled(c.power.set('reset'))
    // Answers were lost, copies came twice: still nothing was done more often than it was asked for.
    expect(w.seen.verbs.length).toBeGreaterThan(5)
    expect(w.seen.verbs.length).toBeLessThanOrEqual(20)
  })

  it('finds an override used up by the host gone, and takes one back', async () => {
    const w = await setup()
    const c = w.client()
    await w.settled(c.boot.setNextBoot(NETWORK_ONCE))
    w.seen.boot = undefined
    const none = { device: 'none', persistent: false, efi: false } as const
    expect(await w.settled(c.boot.read())).toEqual({ ok: true, value: none })
    await w.settled(c.boot.setNextBoot({ ...NETWORK_ONCE, persistent: true }))
    expect(await w.settled(c.boot.setNextBoot(none))).toEqual({ ok: true, value: none })
    expect(w.seen.boot).toBeUndefined()
  })

  it('keeps an override for longer than the minute a BMC would', async () => {
    const w = await setup()
    const c = w.client()
    await w.settled(c.boot.setNextBoot(NETWORK_ONCE))
    await w.clock.advance(Seconds(300))
    expect(w.seen.boot).toEqual(NETWORK_ONCE)
  })

  it('opens a new session after the BMC restarted', async () => {
    const w = await setup()
    const c = w.client()
    await w.settled(c.power.read())
    w.bmc.restart()
    expect(await w.settled(c.power.read())).toEqual({ ok: true, value: 'off' })
  })

  it('comes down to the pieces of FRU that a small BMC gives', async () => {
    const long = { ...FRU, product: { ...FRU.product, assetTag: 'x'.repeat(60) } }
    const w = await setup({ fru: long })
    expect(await w.settled(w.client().inventory.read())).toMatchObject({
      ok: true,
      value: { assetTag: 'x'.repeat(60) },
    })
  })

  it('tells an inventory without FRU from a BMC that is gone', async () => {
    const w = await setup({ fru: new Uint8Array(64).fill(0xff) })
    const read = await w.settled(w.client().inventory.read())
    expect(read).toMatchObject({ ok: true, value: { serial: undefined, bmcVersion: '1.00' } })
    expect(read.ok ? read.value.damaged.length : 0).toBe(1)
  })
})

describe('faults', () => {
  it('refuses power, by itself or because the host does', async () => {
    const w = await setup()
    const c = w.client()
    w.bmc.faults.refusePower = true
    expect(await w.settled(c.power.set('on'))).toMatchObject(faultKind('refused'))
    w.bmc.faults.refusePower = false
    w.seen.refuse = true
    expect(await w.settled(c.power.set('on'))).toMatchObject(faultKind('refused'))
    expect(w.seen.verbs).toEqual([])
  })

  it('accepts power and does nothing', async () => {
    const w = await setup()
    const c = w.client()
    w.bmc.faults.ignorePower = true
    expect((await w.settled(c.power.set('on'))).ok).toBe(true)
    expect(await w.settled(c.power.read())).toEqual({ ok: true, value: 'off' })
  })

  it('forgets boot flags, which the read-back notices', async () => {
    const w = await setup()
    w.bmc.faults.forgetBoot = true
    const set = await w.settled(w.client().boot.setNextBoot(NETWORK_ONCE))
    expect(set).toMatchObject(faultKind('refused'))
  })

  it('is silent: unreachable at first, a timeout in a session, and back again', async () => {
    const w = await setup()
    w.bmc.faults.silent = true
    const c = w.client()
    expect(await w.settled(c.power.read())).toMatchObject(faultKind('unreachable'))
    w.bmc.faults.silent = false
    expect((await w.settled(c.power.read())).ok).toBe(true)
    w.bmc.faults.silent = true
    const beforeMs = w.clock.monotonicMs()
    expect((await w.settled(c.power.read())).ok).toBe(false)
    expect(w.clock.monotonicMs() - beforeMs).toBeLessThanOrEqual(Seconds(15))
    w.bmc.faults.silent = false
    expect((await w.settled(c.power.read())).ok).toBe(true)
  })

  it('has other passwords', async () => {
    const w = await setup()
    w.bmc.faults.wrongPassword = true
    expect(await w.settled(w.client().power.read())).toMatchObject(faultKind('auth'))
    w.bmc.faults.wrongPassword = false
    expect((await w.settled(w.client().power.read())).ok).toBe(true)
  })

  it('is slow, and not asked twice for the same thing', async () => {
    const w = await setup()
    const c = w.client()
    await w.settled(c.power.set('on'))
    w.bmc.faults.slowMs = 1500
    expect((await w.settled(c.power.set('cycle'))).ok).toBe(true)
    expect(w.seen.verbs).toEqual(['on', 'cycle'])
  })

  it('is busy for a moment, and is asked again; busy for long, it is reported', async () => {
    const w = await setup()
    const c = w.client()
    w.bmc.faults.busyAnswers = 3
    expect(await w.settled(c.power.read())).toEqual({ ok: true, value: 'off' })
    w.bmc.faults.busyAnswers = 1000
    expect(await w.settled(c.power.read())).toMatchObject(faultKind('refused'))
  })
})

describe('bounds', () => {
  it('forgets flags nobody asked to keep after a minute without a power command', async () => {
    const w = await setup()
    const flags = encodeBootFlags({ valid: true, ...NETWORK_ONCE })
    const request = setBootOptionRequest(BOOT_PARAMETER.bootFlags, flags)
    const session = w.session()
    expect((await w.settled(session.demand('boot flags', request))).ok).toBe(true)
    await w.clock.advance(Seconds(59))
    expect(w.seen.boot).toEqual(NETWORK_ONCE)
    await w.clock.advance(Seconds(1))
    expect(w.seen.boot).toBeUndefined()
    await w.settled(session.demand('boot flags', request))
    await w.settled(w.client().power.set('on'))
    await w.clock.advance(Seconds(120))
    expect(w.seen.boot).toEqual(NETWORK_ONCE)
  })

  it('says when its sessions are all taken', async () => {
    const w = await setup({ sessionsMax: 2 })
    const clients = [w.client(), w.client(), w.client()]
    const reads = []
    for (const c of clients) reads.push(await w.settled(c.power.read()))
    expect(reads.map((read) => read.ok)).toEqual([true, true, false])
    expect(reads[2]).toMatchObject(faultKind('refused'))
    await w.settled(clients[0]?.close() ?? Promise.resolve())
    expect((await w.settled(clients[2]?.power.read() ?? Promise.resolve(undefined)))?.ok).toBe(true)
  })

  it('leaves no timer and no session behind once closed', async () => {
    const w = await setup()
    const c = w.client()
    await w.settled(c.identify.light(20))
    await w.settled(c.close())
    w.bmc.close()
    await w.clock.advance(Seconds(1))
    expect(w.clock.timerCount).toBe(0)
  })

  it('refuses a login that IPMI cannot carry without sending anything', async () => {
    const w = await setup()
    const c = w.client('a password of more than twenty characters')
    expect(await w.settled(c.power.read())).toMatchObject(faultKind('auth'))
    expect(w.clock.timerCount).toBe(0)
  })
})
