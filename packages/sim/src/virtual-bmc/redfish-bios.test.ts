import { assert } from '@brickyard/std/assert'
import { describe, expect, it } from 'vitest'
import type { RedfishPersonaName } from './redfish-persona.ts'
import { faultKind, redfishRig } from './redfish-rig.ts'

function rig(persona: RedfishPersonaName = 'plain') {
  const w = redfishRig(persona)
  const client = w.client()
  const { bios, restorePolicy, power } = client
  assert(bios !== undefined && restorePolicy !== undefined, 'the driver has BIOS and policy')
  return { ...w, bios, restorePolicy, power }
}

const SRIOV: Readonly<Record<string, readonly [string, string]>> = {
  plain: ['SriovEnable', 'Enabled'],
  dell: ['SriovGlobalEnable', 'Enabled'],
  hpe: ['Sriov', 'Enabled'],
}

describe('BIOS attributes', () => {
  it.each(['plain', 'dell', 'hpe'] as const)(
    'of %s wait for the next boot, read back, and hold after it',
    async (persona) => {
      const w = rig(persona)
      const [name, value] = SRIOV[persona] ?? ['', '']
      const set = await w.settled(w.bios.set({ [name]: value }))
      expect(set).toMatchObject({
        ok: true,
        value: { attributes: { [name]: 'Disabled' }, pending: { [name]: value } },
      })
      expect(await w.settled(w.power.set('on'))).toMatchObject({ ok: true })
      const after = await w.settled(w.bios.read())
      expect(after).toMatchObject({ ok: true, value: { attributes: { [name]: value } } })
      expect(after).toMatchObject({ value: { pending: {} } })
    },
  )

  it('that hold already are not written again, not even while they wait', async () => {
    const w = rig()
    await w.settled(w.bios.set({ SriovEnable: 'Enabled' }))
    w.face.faults.biosRefusals = 1
    const again = await w.settled(w.bios.set({ SriovEnable: 'Enabled', BootMode: 'Uefi' }))
    expect(again).toMatchObject({ ok: true, value: { pending: { SriovEnable: 'Enabled' } } })
    expect(w.face.faults.biosRefusals).toBe(1)
  })

  it('can be taken back before the boot', async () => {
    const w = rig('dell')
    await w.settled(w.bios.set({ BootMode: 'Bios' }))
    const back = await w.settled(w.bios.set({ BootMode: 'Uefi' }))
    expect(back).toMatchObject({
      ok: true,
      value: { attributes: { BootMode: 'Uefi' }, pending: {} },
    })
  })

  it('of another name or type are refused before anything is written', async () => {
    const w = rig()
    const wanted = { SriovEnable: 'Enabled', NoSuchThing: 'x' }
    expect(await w.settled(w.bios.set(wanted))).toMatchObject({
      ok: false,
      error: { kind: 'refused', message: expect.stringContaining('NoSuchThing') },
    })
    expect(await w.settled(w.bios.set({ ProcCores: '8' }))).toMatchObject({
      ok: false,
      error: { message: 'BIOS settings: ProcCores is "8"; expected a number' },
    })
    expect(w.face.model.biosPending).toEqual({})
  })

  it('with a value the BIOS does not take are refused by the BMC', async () => {
    const w = rig()
    expect(await w.settled(w.bios.set({ BootMode: 'Fancy' }))).toMatchObject(faultKind('refused'))
  })

  it('that are taken and silently not kept are noticed', async () => {
    const w = rig()
    w.face.faults.biosReverts = true
    expect(await w.settled(w.bios.set({ BootMode: 'Legacy' }))).toMatchObject({
      ok: false,
      error: { kind: 'refused', message: 'BIOS settings: BootMode reads back "Uefi"' },
    })
  })

  it('are refused by an HPE during POST, which passes', async () => {
    const w = rig('hpe')
    w.face.faults.biosRefusals = 5
    expect((await w.settled(w.bios.set({ Sriov: 'Enabled' }))).ok).toBe(true)
    const plain = rig()
    plain.face.faults.biosRefusals = 5
    const refused = await plain.settled(plain.bios.set({ SriovEnable: 'Enabled' }))
    expect(refused).toMatchObject(faultKind('refused'))
  })
})

describe('the power restore policy', () => {
  it('is set and read back', async () => {
    const w = rig()
    expect(await w.settled(w.restorePolicy.read())).toEqual({ ok: true, value: 'as-before' })
    expect(await w.settled(w.restorePolicy.set('turn-on'))).toEqual({ ok: true, value: undefined })
    expect(await w.settled(w.restorePolicy.read())).toEqual({ ok: true, value: 'turn-on' })
    w.face.faults.restorePolicyReverts = true
    expect(await w.settled(w.restorePolicy.set('stay-off'))).toMatchObject({
      ok: false,
      error: { message: "power restore policy 'stay-off' reads back as 'turn-on'" },
    })
  })

  it('is unknown, and cannot be set, where the system does not tell it', async () => {
    const w = rig()
    w.face.faults.sparse = true
    expect(await w.settled(w.restorePolicy.read())).toEqual({ ok: true, value: 'unknown' })
    expect(await w.settled(w.restorePolicy.set('turn-on'))).toMatchObject(faultKind('refused'))
  })
})
