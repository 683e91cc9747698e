import type { Bmc } from '@brickyard/bmc/bmc'
import { assert } from '@brickyard/std/assert'
import { describe, expect, it } from 'vitest'
import { faultKind, PASSWORD, redfishRig, USER } from './redfish-rig.ts'

const done = { ok: true, value: undefined }

function capability<K extends keyof Bmc>(bmc: Bmc, name: K): NonNullable<Bmc[K]> {
  const held = bmc[name]
  assert(held !== undefined, `the driver has no ${name}`)
  return held
}

describe('sensors', () => {
  it.each(['hpe', 'openbmc'] as const)('are read in the form of %s', async (persona) => {
    const w = redfishRig(persona)
    w.seen.power = 'on'
    const read = await w.settled(capability(w.client(), 'sensors').read())
    if (!read.ok) throw new Error(read.error.message)
    const named = (name: string) => read.value.find((one) => one.name === name)
    expect(named('CPU1 Temp')).toMatchObject({
      kind: 'temperature',
      health: 'ok',
      reading: { kind: 'value', value: 51, unit: '°C' },
      limits: { upperCritical: 95 },
    })
    expect(named('Fan 1')?.reading).toEqual({ kind: 'value', value: 6300, unit: 'RPM' })
    expect(named('12V rail')?.reading).toMatchObject({ value: 12.1, unit: 'V' })
    // No reading is no zero.
    expect(named('Fan 2')?.reading).toMatchObject({ kind: 'none' })
    expect(named('PSU 1')).toMatchObject({ kind: 'power supply', reading: { states: ['Enabled'] } })
  })

  it('takes two requests and the chassis in the old form', async () => {
    const w = redfishRig('plain')
    const sensors = capability(w.client(), 'sensors')
    await w.settled(sensors.read())
    const before = w.face.requests()
    await w.settled(sensors.read())
    expect(w.face.requests() - before).toBe(3)
  })

  it('takes all sensors in one request where the service sends members along', async () => {
    const w = redfishRig('openbmc')
    const sensors = capability(w.client(), 'sensors')
    await w.settled(sensors.read())
    const before = w.face.requests()
    expect(await w.settled(sensors.read())).toMatchObject({ ok: true, value: { length: 6 } })
    // The chassis, its sensors, the power subsystem, its supplies and the one supply.
    expect(w.face.requests() - before).toBe(5)
  })

  it('asks a form that is linked and not there only once', async () => {
    const w = redfishRig('plain')
    w.face.faults.deadOldForm = true
    const client = w.client()
    const sensors = capability(client, 'sensors')
    await w.settled(client.power.read())
    const counts: number[] = []
    for (const _ of [1, 2, 3]) {
      const before = w.face.requests()
      expect(await w.settled(sensors.read())).toMatchObject({ ok: true })
      counts.push(w.face.requests() - before)
    }
    expect(counts[1]).toBe(counts[2])
    expect((counts[0] ?? 0) - (counts[1] ?? 0)).toBeGreaterThanOrEqual(2)
  })
})

describe('the log', () => {
  it('is read oldest first, and cleared only when all of it was read', async () => {
    const w = redfishRig()
    const entry = { severity: 'Critical', messageId: 'X.1.0.Lost', text: 'Power lost.' } as const
    w.face.model.log = [{ ...entry, id: '0', created: '2026-11-21T03:00:00Z' }, ...w.face.model.log]
    const log = capability(w.client(), 'log')
    const read = await w.settled(log.read())
    if (!read.ok) throw new Error(read.error.message)
    expect(read.value.entries.map(({ id, health, text }) => [id, health, text])).toEqual([
      ['1', 'ok', 'The BMC started.'],
      ['0', 'critical', 'Power lost.'],
    ])
    expect(read.value.entries[1]?.atMs).toBe(Date.parse('2026-11-21T03:00:00Z'))
    w.face.model.log = [...w.face.model.log, { ...entry, id: '8', created: '2026-11-21T04:00:00Z' }]
    expect(await w.settled(log.clear(read.value))).toMatchObject(faultKind('refused'))
    expect(w.face.model.log).toHaveLength(3)
    const all = await w.settled(log.read())
    if (!all.ok) throw new Error(all.error.message)
    expect(await w.settled(log.clear(all.value))).toEqual(done)
    expect(w.face.model.log).toHaveLength(0)
  })
})

describe('accounts', () => {
  it('are made, changed, tried and switched off', async () => {
    const w = redfishRig()
    const accounts = capability(w.client(), 'accounts')
    const wanted = {
      name: 'brickyard',
      password: 'first-password',
      privilege: 'administrator',
    } as const
    expect(await w.settled(accounts.set('2', wanted))).toEqual(done)
    expect(await w.settled(accounts.verify('2', 'first-password'))).toEqual({
      ok: true,
      value: true,
    })
    expect(await w.settled(accounts.set('2', { ...wanted, password: 'second-password' }))).toEqual(
      done,
    )
    expect(await w.settled(accounts.verify('2', 'first-password'))).toEqual({
      ok: true,
      value: false,
    })
    expect(await w.settled(accounts.verify('2', 'second-password'))).toEqual({
      ok: true,
      value: true,
    })
    expect(await w.settled(accounts.disable('2'))).toEqual(done)
    expect(await w.settled(accounts.list())).toEqual({
      ok: true,
      value: [
        { slot: '1', name: USER, enabled: true, privilege: 'administrator' },
        { slot: '2', name: 'brickyard', enabled: false, privilege: 'administrator' },
      ],
    })
    expect(await w.settled(accounts.verify('2', 'second-password'))).toEqual({
      ok: true,
      value: false,
    })
    // Only our own session is left of all the logins tried.
    expect(w.face.sessions()).toBe(1)
  })

  it('gives a password that the service refuses back as a refusal, without showing it', async () => {
    const w = redfishRig()
    const accounts = capability(w.client(), 'accounts')
    const set = await w.settled(
      accounts.set('1', { name: USER, password: 'short', privilege: 'administrator' }),
    )
    expect(set).toMatchObject(faultKind('refused'))
    expect(JSON.stringify(set)).not.toContain('short')
    expect(w.face.model.accounts.get('1')?.password).toBe(PASSWORD)
  })
})

describe('the power limit', () => {
  it.each(['hpe', 'openbmc'] as const)(
    'is set, read and lifted in the form of %s',
    async (persona) => {
      const w = redfishRig(persona)
      w.seen.power = 'on'
      const limit = capability(w.client(), 'powerLimit')
      expect(await w.settled(limit.readDraw())).toMatchObject({
        ok: true,
        value: { watts: 212, wattsMin: undefined },
      })
      expect(await w.settled(limit.readLimit())).toEqual({ ok: true, value: { watts: undefined } })
      expect(await w.settled(limit.setLimit(300))).toEqual({ ok: true, value: { watts: 300 } })
      expect(await w.settled(limit.setLimit(5))).toMatchObject(faultKind('refused'))
      expect(await w.settled(limit.setLimit(undefined))).toEqual({
        ok: true,
        value: { watts: undefined },
      })
      expect(w.face.model.powerLimitWatts).toBeNull()
    },
  )
})

describe('the virtual drive', () => {
  it.each([false, true])(
    'takes a medium and gives it back; as a property: %s',
    async (property) => {
      const w = redfishRig()
      w.face.faults.mediaByProperty = property
      const media = capability(w.client(), 'virtualMedia')
      expect(await w.settled(media.read())).toMatchObject({ ok: true, value: { url: undefined } })
      for (const url of ['http://10.0.9.1/a.iso', 'http://10.0.9.1/b.iso']) {
        expect(await w.settled(media.insert(url))).toEqual(done)
        expect(await w.settled(media.read())).toMatchObject({ ok: true, value: { url } })
      }
      expect(await w.settled(media.eject())).toEqual(done)
      expect(await w.settled(media.eject())).toEqual(done)
      expect(w.face.model.media).toBeUndefined()
      expect(await w.settled(media.insert('ftp://x'))).toMatchObject(faultKind('refused'))
    },
  )
})

describe('firmware', () => {
  it('is listed, and updated to what then reads back', async () => {
    const w = redfishRig()
    const firmware = capability(w.client(), 'firmware')
    expect(await w.settled(firmware.read())).toMatchObject({
      ok: true,
      value: [{ id: 'BMC', version: '2.14.0', updateable: true }, { id: 'BIOS' }, { id: 'NIC-1' }],
    })
    const image = { url: 'http://10.0.9.1/blobs/nic-22.40.1.bin' }
    expect(await w.settled(firmware.update({ component: 'NIC-1', image }))).toEqual({
      ok: true,
      value: {
        end: 'applied',
        versionBefore: '22.31.6',
        versionAfter: '22.40.1',
        said: '',
        needs: 'nothing',
      },
    })
    expect(await w.settled(firmware.update({ component: 'GPU', image }))).toMatchObject(
      faultKind('refused'),
    )
  })
})
