import { assert } from '@brickyard/std/assert'
import { Minutes, Seconds } from '@brickyard/std/units'
import { describe, expect, it } from 'vitest'
import type { RedfishPersonaName } from './redfish-persona.ts'
import { faultKind, redfishRig } from './redfish-rig.ts'

/** What updates of real BMCs are known to do, and what our driver makes of it. */

function rig(persona: RedfishPersonaName = 'plain') {
  const w = redfishRig(persona)
  const client = w.client()
  const { firmware, bios } = client
  assert(firmware !== undefined && bios !== undefined, 'the driver has firmware and BIOS')
  const begin = (component: string, version: string) =>
    firmware.update({ component, image: { url: `http://10.0.9.1/blobs/x-${version}.bin` } })
  const update = (component: string, version: string) => w.settled(begin(component, version))
  return { ...w, client, bios, begin, update }
}

describe('a task', () => {
  it('of Dell is answered with 202 though it is done, of HPE with 200 though it runs', async () => {
    for (const [persona, status] of [
      ['dell', 202],
      ['hpe', 200],
    ] as const) {
      const w = rig(persona)
      w.face.faults.taskStatus = status
      const began = w.clock.monotonicMs()
      const card = persona === 'hpe' ? '3' : 'NIC-1'
      expect(await w.update(card, '22.40.1')).toMatchObject({
        ok: true,
        value: { end: 'applied', versionAfter: '22.40.1' },
      })
      const tookMs = w.clock.monotonicMs() - began
      expect(tookMs).toBeGreaterThan(Seconds(25))
      expect(tookMs).toBeLessThan(Minutes(2))
    }
  })

  it('that failed is no failure where the new version runs all the same', async () => {
    const w = rig()
    w.face.faults.update = 'fails-and-works'
    expect(await w.update('NIC-1', '22.40.1')).toMatchObject({
      ok: true,
      value: { end: 'applied', said: expect.stringContaining('Verification of image failed') },
    })
  })
})

describe('an update of the BMC itself', () => {
  it('leaves the parts behind it deaf until the host is started: it says what has to come first', async () => {
    const w = rig()
    w.seen.power = 'on'
    w.face.faults.partsDeafAfterBmcUpdate = true
    expect(await w.update('BMC', '2.15.0')).toMatchObject({
      ok: true,
      value: { end: 'applied', needs: 'host-start' },
    })
    expect(await w.update('NIC-1', '22.40.1')).toMatchObject(faultKind('refused'))
    expect((await w.settled(w.client.power.set('reset'))).ok).toBe(true)
    expect(await w.update('NIC-1', '22.40.1')).toMatchObject({
      ok: true,
      value: { end: 'applied', needs: 'nothing' },
    })
  })

  it('may take its accounts with it: a refused login afterwards is told for what it is', async () => {
    const w = rig()
    w.face.faults.update = 'factory-reset'
    expect(await w.update('BMC', '2.15.0')).toMatchObject({
      ok: false,
      error: {
        kind: 'auth',
        message: expect.stringContaining('the login is refused since the update'),
      },
    })
  })
})

describe('an update of a network card', () => {
  it('dies with a start of the host in the midst of it, and is no success', async () => {
    const w = rig()
    w.seen.power = 'on'
    const other = w.session()
    const running = w.begin('NIC-1', '22.40.1')
    await w.clock.runUntil(() => w.face.model.updates.length > 0, Seconds(60))
    const target = '/redfish/v1/Systems/1/Actions/ComputerSystem.Reset'
    await w.settled(other.client.post(target, { ResetType: 'ForceRestart' }))
    expect(await w.settled(running)).toMatchObject({
      ok: true,
      value: { end: 'failed', versionAfter: '22.31.6', said: expect.stringContaining('was reset') },
    })
  })

  it('is shown late by the inventory, and is not called undone before', async () => {
    const w = rig()
    w.face.faults.inventoryLateMs = Seconds(90)
    expect(await w.update('NIC-1', '22.40.1')).toMatchObject({
      ok: true,
      value: { end: 'applied', versionAfter: '22.40.1' },
    })
  })

  it('may drop an older card from the list, and is no success', async () => {
    const w = rig()
    w.face.faults.update = 'drops-part'
    expect(await w.update('NIC-1', '22.40.1')).toMatchObject({
      ok: true,
      value: { end: 'unknown', said: expect.stringContaining('lists it no more') },
    })
  })
})

describe('Dell', () => {
  it('passes over older versions in silence before 7.20.30.50, and people are told why', async () => {
    const w = rig('dell')
    w.face.faults.skipsDowngrades = true
    w.face.model.firmware.set('BMC', { id: 'BMC', name: 'iDRAC', version: '7.00.00.171' })
    expect(await w.update('NIC-1', '21.0.0')).toMatchObject({
      ok: true,
      value: { end: 'unchanged', said: expect.stringContaining('7.20.30.50 passes over older') },
    })
    w.face.model.firmware.set('BMC', { id: 'BMC', name: 'iDRAC', version: '7.20.30.50' })
    expect(await w.update('NIC-1', '21.0.0')).toMatchObject({
      value: { end: 'unchanged', said: '' },
    })
  })

  it('must go to 2.10.10.10 in steps where it is older, and is not sent anything else', async () => {
    const w = rig('dell')
    const own = (version: string) =>
      w.face.model.firmware.set('BMC', { id: 'BMC', name: 'iDRAC', version })
    const to = (version: string) => {
      const image = { url: `http://10.0.9.1/blobs/idrac-${version}.bin` }
      const firmware = w.client.firmware
      assert(firmware !== undefined, 'the driver has firmware')
      return w.settled(firmware.update({ component: 'BMC', version, image }))
    }
    own('1.57.57')
    expect(await w.update('BMC', '2.10.10.10')).toMatchObject(faultKind('refused'))
    expect(await to('2.86.86.86')).toMatchObject({
      ok: false,
      error: { message: expect.stringContaining('must take 1.66.65 next') },
    })
    expect(w.face.model.nextTask).toBe(1)
    for (const version of ['1.66.65', '2.10.10.10', '2.86.86.86']) {
      expect(await to(version)).toMatchObject({ ok: true, value: { versionAfter: version } })
    }
  })

  it('asks for TLS when it boots by HTTP, which is a BIOS attribute', async () => {
    const w = rig('dell')
    const held = await w.settled(w.bios.read())
    expect(held).toMatchObject({ ok: true, value: { attributes: { HttpDev1TlsMode: 'OneWay' } } })
    const set = await w.settled(w.bios.set({ HttpDev1TlsMode: 'None' }))
    expect(set).toMatchObject({ ok: true, value: { pending: { HttpDev1TlsMode: 'None' } } })
  })
})

describe('a service that lists no firmware', () => {
  it('is updated all the same where the choice is its own, and nobody says that it worked', async () => {
    const w = rig()
    w.face.faults.listsNoFirmware = true
    const { firmware } = w.client
    assert(firmware !== undefined, 'the driver has firmware')
    const image = { url: 'http://10.0.9.1/blobs/bmc-2.15.0.bin' }
    const update = firmware.update({ component: undefined, image })
    expect(await w.settled(update)).toMatchObject({ ok: true, value: { end: 'unknown' } })
    expect(w.face.model.firmware.get('BMC')?.version).toBe('2.15.0')
    expect(await w.update('BMC', '2.16.0')).toMatchObject(faultKind('refused'))
  })
})

describe('a version in another notation', () => {
  it('is passed on as it is: comparing versions belongs to each maker’s scheme', async () => {
    const w = rig()
    w.face.model.firmware.set('BIOS', { id: 'BIOS', name: 'System BIOS', version: '0x1E' })
    expect(await w.update('BIOS', '30')).toMatchObject({
      ok: true,
      value: { end: 'applied', versionBefore: '0x1E', versionAfter: '30' },
    })
  })
})
