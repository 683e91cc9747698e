import { assert } from '@brickyard/std/assert'
import { Minutes, Seconds } from '@brickyard/std/units'
import { describe, expect, it } from 'vitest'
import type { RedfishPersonaName } from './redfish-persona.ts'
import { faultKind, redfishRig } from './redfish-rig.ts'
import { bmcOnWire } from './virtual-bmc-rig.ts'

const done = { ok: true, value: undefined }

function overRedfish(persona: RedfishPersonaName = 'plain') {
  const w = redfishRig(persona)
  const client = w.client()
  const { restart } = client
  assert(restart !== undefined, 'the driver can restart it')
  return { ...w, restart, power: client.power }
}

describe('a restart of the BMC over Redfish', () => {
  it.each(['plain', 'hpe', 'dell', 'supermicro', 'openbmc'] as const)(
    'of %s ends when the service was away and is back',
    async (persona) => {
      const w = overRedfish(persona)
      await w.settled(w.power.set('on'))
      const beganMs = w.clock.monotonicMs()
      expect(await w.settled(w.restart.restart('cold'))).toEqual(done)
      expect(w.clock.monotonicMs() - beganMs).toBeGreaterThanOrEqual(Seconds(60))
      // The sled ran on, and nobody is left logged in but us.
      expect(await w.settled(w.power.read())).toEqual({ ok: true, value: 'on' })
      expect(w.face.sessions()).toBe(1)
    },
  )

  it('that is over between two looks is known by the time of the last start', async () => {
    const w = overRedfish()
    w.face.faults.restartMs = Seconds(1)
    expect(await w.settled(w.restart.restart('warm'))).toEqual(done)
  })

  it('that is accepted and does not happen is noticed', async () => {
    const w = overRedfish('hpe')
    w.face.faults.ignoreRestart = true
    expect(await w.settled(w.restart.restart('cold'))).toMatchObject({
      ok: false,
      error: { kind: 'refused', message: expect.stringContaining('did not restart') },
    })
  })

  it('that does not come back is no success', async () => {
    const w = overRedfish()
    w.face.faults.restartMs = Minutes(60)
    expect(await w.settled(w.restart.restart('cold'))).toMatchObject({
      ok: false,
      error: { kind: 'timeout', message: expect.stringContaining('did not come back') },
    })
  })
})

describe('a restart of the BMC over IPMI', () => {
  async function overIpmi() {
    const w = await bmcOnWire()
    const client = w.client()
    const { restart } = client
    assert(restart !== undefined, 'the driver can restart it')
    return { ...w, restart, power: client.power }
  }

  it.each(['cold', 'warm'] as const)(
    '(%s) ends when our session died and another is there',
    async (kind) => {
      const w = await overIpmi()
      await w.settled(w.power.set('on'))
      const beganMs = w.clock.monotonicMs()
      expect(await w.settled(w.restart.restart(kind))).toEqual(done)
      const least = kind === 'cold' ? Seconds(40) : Seconds(10)
      expect(w.clock.monotonicMs() - beganMs).toBeGreaterThanOrEqual(least)
      expect(await w.settled(w.power.read())).toEqual({ ok: true, value: 'on' })
    },
  )

  it('that is accepted and does not happen is noticed', async () => {
    const w = await overIpmi()
    w.bmc.faults.ignoreRestart = true
    expect(await w.settled(w.restart.restart('cold'))).toMatchObject({
      ok: false,
      error: { kind: 'refused', message: expect.stringContaining('did not restart') },
    })
  })

  it('is cold where the BMC knows no warm one', async () => {
    const w = await overIpmi()
    const warm = { netFn: 0x06, command: 0x03 }
    w.bmc.faults.disabledCommands = [{ ...warm, completionCode: 0xc1 }]
    const beganMs = w.clock.monotonicMs()
    expect(await w.settled(w.restart.restart('warm'))).toEqual(done)
    expect(w.clock.monotonicMs() - beganMs).toBeGreaterThanOrEqual(Seconds(40))
    // Switched off by somebody is another thing than not there.
    w.bmc.faults.disabledCommands = [warm]
    expect(await w.settled(w.restart.restart('warm'))).toMatchObject(faultKind('refused'))
  })
})
