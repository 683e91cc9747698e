import { assert } from '@brickyard/std/assert'
import { describe, expect, it } from 'vitest'
import { redfishRig } from './redfish-rig.ts'

function rig() {
  const w = redfishRig()
  const client = w.client()
  const { secureBoot, power } = client
  assert(secureBoot !== undefined, 'the driver has Secure Boot')
  return { ...w, secureBoot, power }
}

describe('Secure Boot', () => {
  it('is switched on for the next boot, reads back, and runs after it', async () => {
    const w = rig()
    const off = { running: false, enabled: false, mode: 'user' }
    expect(await w.settled(w.secureBoot.read())).toEqual({ ok: true, value: off })
    const set = await w.settled(w.secureBoot.setEnabled(true))
    expect(set).toEqual({ ok: true, value: { ...off, enabled: true } })
    await w.settled(w.power.set('on'))
    const on = { running: true, enabled: true, mode: 'user' }
    expect(await w.settled(w.secureBoot.read())).toEqual({ ok: true, value: on })
  })

  it('that is taken and silently not kept is noticed', async () => {
    const w = rig()
    w.face.faults.secureBootReverts = true
    expect(await w.settled(w.secureBoot.setEnabled(true))).toMatchObject({
      ok: false,
      error: { kind: 'refused', message: expect.stringContaining('reads back false') },
    })
  })

  it('is in setup mode after its platform key is gone, and in user mode with the defaults', async () => {
    const w = rig()
    await w.settled(w.power.set('on'))
    expect((await w.settled(w.secureBoot.resetKeys('no-platform-key'))).ok).toBe(true)
    await w.settled(w.power.set('reset'))
    expect(await w.settled(w.secureBoot.read())).toMatchObject({ value: { mode: 'setup' } })
    await w.settled(w.secureBoot.resetKeys('defaults'))
    await w.settled(w.power.set('reset'))
    expect(await w.settled(w.secureBoot.read())).toMatchObject({ value: { mode: 'user' } })
  })
})
