import { Minutes, Seconds } from '@brickyard/std/units'
import { describe, expect, it } from 'vitest'
import { REDFISH_PERSONAS, type RedfishPersonaName } from './redfish-persona.ts'
import { faultKind, IDENTITY, redfishRig } from './redfish-rig.ts'

const NETWORK_ONCE = { device: 'network', persistent: false, efi: true } as const
const NONE = { device: 'none', persistent: false, efi: false } as const
const done = { ok: true, value: undefined }
const personas = Object.keys(REDFISH_PERSONAS) as RedfishPersonaName[]

describe('our driver on the Redfish face', () => {
  it.each(personas)('does everything, with one session, as %s', async (persona) => {
    const w = redfishRig(persona)
    const c = w.client()
    expect(await w.settled(c.power.set('on'))).toEqual(done)
    expect(await w.settled(c.power.read())).toEqual({ ok: true, value: 'on' })
    expect(await w.settled(c.boot.setNextBoot(NETWORK_ONCE))).toEqual({
      ok: true,
      value: NETWORK_ONCE,
    })
    expect(w.seen.boot).toEqual(NETWORK_ONCE)
    const disc = { ...NETWORK_ONCE, device: 'cdrom' } as const
    expect(await w.settled(c.boot.setNextBoot(disc))).toEqual({ ok: true, value: disc })
    expect(w.seen.boot).toEqual(disc)
    const legacy = { device: 'disk', persistent: true, efi: false } as const
    expect(await w.settled(c.boot.setNextBoot(legacy))).toEqual({ ok: true, value: legacy })
    expect(await w.settled(c.boot.setNextBoot(NONE))).toEqual({ ok: true, value: NONE })
    expect(w.seen.boot).toBeUndefined()
    expect(await w.settled(c.identify.light(20))).toEqual(done)
    expect(w.face.model.light).not.toBe('Off')
    expect(await w.settled(c.inventory.read())).toMatchObject({
      ok: true,
      value: {
        serial: 'SL-777',
        model: IDENTITY.model,
        bmcVersion: '2.14.0',
        guid: { asSent: IDENTITY.uuid, swapped: '00112233-4455-6677-8899-aabbccddeeff' },
        damaged: [],
      },
    })
    expect(w.face.sessions()).toBe(1)
    await w.settled(c.close())
    expect(w.face.model.light).toBe('Off')
    expect(w.face.sessions()).toBe(0)
    expect(await w.settled(c.power.read())).toMatchObject(faultKind('refused'))
    expect(w.clock.timerCount).toBe(0)
  })

  it('cycles the power where the BMC has no word for it, and not a sled that is off', async () => {
    const w = redfishRig('hpe')
    const c = w.client()
    expect(await w.settled(c.power.set('cycle'))).toMatchObject(faultKind('refused'))
    w.seen.power = 'on'
    expect(await w.settled(c.power.set('cycle'))).toEqual(done)
    expect(w.seen.verbs).toEqual(['off', 'on'])
  })

  it('takes a refusal for a success only where the wanted state is there already', async () => {
    const w = redfishRig()
    const c = w.client()
    expect(await w.settled(c.power.set('off'))).toEqual(done)
    w.face.faults.powerRefusals = 1000
    expect(await w.settled(c.power.set('off'))).toEqual(done)
    expect(await w.settled(c.power.set('on'))).toMatchObject(faultKind('refused'))
    expect(w.seen.verbs).toEqual([])
  })

  it('turns the light off by itself, as Redfish does not', async () => {
    const w = redfishRig()
    await w.settled(w.client().identify.light(20))
    await w.clock.advance(Seconds(19))
    expect(w.face.model.light).not.toBe('Off')
    await w.clock.advance(Seconds(2))
    expect(w.face.model.light).toBe('Off')
  })

  it('reads a service that leaves out every field it may', async () => {
    const w = redfishRig()
    w.face.faults.sparse = true
    const c = w.client()
    expect(await w.settled(c.power.read())).toEqual({ ok: true, value: 'off' })
    expect(await w.settled(c.inventory.read())).toMatchObject({
      ok: true,
      value: { serial: 'SL-777', assetTag: undefined, damaged: [] },
    })
    expect(await w.settled(c.identify.light(5))).toMatchObject(faultKind('refused'))
  })
})

describe('sessions', () => {
  it('are opened anew after the BMC restarted', async () => {
    const w = redfishRig()
    const c = w.client()
    await w.settled(c.power.read())
    w.face.restart()
    expect(await w.settled(c.power.set('on'))).toEqual(done)
    expect(w.face.sessions()).toBe(1)
  })

  it('are given back when unused', async () => {
    const w = redfishRig()
    await w.settled(w.client().power.read())
    expect(w.face.sessions()).toBe(1)
    await w.clock.advance(Minutes(3))
    expect(w.face.sessions()).toBe(0)
  })

  it('left open by a crash are closed by the next login, even with none free', async () => {
    const w = redfishRig('plain', { sessionsMax: 2 })
    for (const _ of [1, 2]) await w.settled(w.client().power.read())
    // Each life closed what the one before it had left.
    expect(w.face.sessions()).toBe(1)
    const full = redfishRig('plain', { sessionsMax: 1 })
    await full.settled(full.client().power.read())
    const next = full.client()
    expect(await full.settled(next.power.read())).toEqual({ ok: true, value: 'off' })
    expect(full.face.sessions()).toBe(1)
    await full.settled(next.close())
    expect(full.face.sessions()).toBe(0)
  })

  it('taken by others leave the password with each request, and nobody is thrown out', async () => {
    const w = redfishRig('plain', { sessionsMax: 0 })
    const c = w.client()
    expect(await w.settled(c.power.set('on'))).toEqual(done)
    await w.settled(c.close())
  })
})

describe('faults of the wire and the service', () => {
  it('is silent: unreachable at first, a timeout later, and back again', async () => {
    const w = redfishRig()
    w.face.faults.silent = true
    const c = w.client()
    expect(await w.settled(c.power.read())).toMatchObject(faultKind('unreachable'))
    w.face.faults.silent = false
    expect((await w.settled(c.power.read())).ok).toBe(true)
    w.face.faults.silent = true
    const beforeMs = w.clock.monotonicMs()
    expect(await w.settled(c.power.read())).toMatchObject(faultKind('timeout'))
    expect(w.clock.monotonicMs() - beforeMs).toBeLessThanOrEqual(Seconds(50))
    w.face.faults.silent = false
    expect((await w.settled(c.power.read())).ok).toBe(true)
  })

  it('has other passwords', async () => {
    const w = redfishRig()
    expect(await w.settled(w.client('not it').power.read())).toMatchObject(faultKind('auth'))
    expect(w.face.sessions()).toBe(0)
  })

  it('answers with rubbish', async () => {
    const w = redfishRig()
    w.face.faults.rubbish = true
    expect(await w.settled(w.client().power.read())).toMatchObject(faultKind('protocol'))
  })

  it('is busy for a moment, and is asked again; busy for long, it is reported', async () => {
    const w = redfishRig()
    const c = w.client()
    await w.settled(c.power.read())
    w.face.faults.busyReads = 2
    expect(await w.settled(c.power.read())).toEqual({ ok: true, value: 'off' })
    w.face.faults.busyReads = 100
    expect(await w.settled(c.power.read())).toMatchObject(faultKind('refused'))
  })

  it('accepts power and does nothing, which reading shows', async () => {
    const w = redfishRig()
    w.face.faults.ignorePower = true
    expect(await w.settled(w.client().power.set('on'))).toEqual(done)
    expect(await w.settled(w.client().power.read())).toEqual({ ok: true, value: 'off' })
  })
})
