import { parseNetworkAdapter } from '@brickyard/redfish/resources/network-adapter'
import { Seconds } from '@brickyard/std/units'
import { describe, expect, it } from 'vitest'
import { REDFISH_PERSONAS } from './redfish-persona.ts'
import { faultKind, redfishRig } from './redfish-rig.ts'

/** What real BMCs of each maker are known to do, and what our driver makes of it. */

const NETWORK_ONCE = { device: 'network', persistent: false, efi: true } as const
const done = { ok: true, value: undefined }
const IMAGE = 'http://10.0.9.1/blobs/bmc-2.15.0.bin'
/** Updates `component` and waits, hours of virtual time where it must be. */
async function updated(w: ReturnType<typeof redfishRig>, component = 'BMC', url = IMAGE) {
  const { firmware } = w.client()
  if (firmware === undefined) throw new Error('the driver has no firmware')
  return w.settled(firmware.update({ component, image: { url } }))
}
const ends = (end: string, versionAfter = '2.14.0') => ({ ok: true, value: { end, versionAfter } })

describe('Dell', () => {
  it('purges a task before the first look: only the version tells what became of it', async () => {
    const w = redfishRig('dell')
    w.face.faults.update = 'vanishes-undone'
    expect(await updated(w)).toMatchObject(ends('unknown'))
    w.face.faults.update = 'vanishes'
    expect(await updated(w)).toMatchObject(ends('applied', '2.15.0'))
  })

  it('leaves a task New for a while, which is no failure', async () => {
    const w = redfishRig('dell')
    w.face.faults.update = 'new-first'
    expect(await updated(w)).toMatchObject(ends('applied', '2.15.0'))
  })

  it('names a job before it exists', async () => {
    const w = redfishRig('dell')
    w.face.faults.taskLateMs = Seconds(20)
    expect(await updated(w)).toMatchObject(ends('applied', '2.15.0'))
  })

  it('has a job that makes no progress: people are told to reset the iDRAC', async () => {
    const w = redfishRig('dell')
    w.face.faults.update = 'stuck'
    expect(await updated(w)).toMatchObject({
      ok: true,
      value: { end: 'unknown', said: expect.stringContaining('until the iDRAC is reset') },
    })
  })

  it('calls it a bad request when there is nothing to update', async () => {
    const w = redfishRig('dell')
    w.face.faults.update = { refused: 'nothing-to-update' }
    expect(await updated(w)).toMatchObject(ends('nothing-to-do'))
    // The same words from another maker are a refusal.
    const other = redfishRig('plain')
    other.face.faults.update = { refused: 'nothing-to-update' }
    expect(await updated(other)).toMatchObject(faultKind('refused'))
  })

  it('answers 409 to a power-on for up to a minute after a power-off', async () => {
    const w = redfishRig('dell')
    Object.assign(w.face.faults, { powerRefusals: 11, powerFault: 'conflict' })
    expect(await w.settled(w.client().power.set('on'))).toEqual(done)
    expect(w.seen.verbs).toEqual(['on'])
    const other = redfishRig('plain')
    Object.assign(other.face.faults, { powerRefusals: 11, powerFault: 'conflict' })
    expect(await other.settled(other.client().power.set('on'))).toMatchObject(faultKind('refused'))
  })

  it.each(['dell-sys518', 'dell-red014'] as const)(
    'is not ready (%s) and is asked again',
    async (bootFault) => {
      const w = redfishRig('dell')
      Object.assign(w.face.faults, { bootRefusals: 3, bootFault })
      expect((await w.settled(w.client().boot.setNextBoot(NETWORK_ONCE))).ok).toBe(true)
      w.face.faults.bootRefusals = 1000
      const disk = { ...NETWORK_ONCE, device: 'disk' } as const
      expect(await w.settled(w.client().boot.setNextBoot(disk))).toMatchObject(faultKind('refused'))
    },
  )

  it('stands on a chassis that has AMI inside: the service root tells, not the chassis', async () => {
    const w = redfishRig('ami')
    Object.assign(w.face.model.identity, { manufacturer: 'Dell Inc.' })
    const session = w.session()
    const where = await w.settled(session.whereabouts())
    expect(where).toMatchObject({ ok: true, value: { manner: { vendor: 'AMI' } } })
  })
})

describe('HPE', () => {
  it('refuses a boot device during POST, which passes', async () => {
    const w = redfishRig('hpe')
    Object.assign(w.face.faults, { bootRefusals: 5, bootFault: 'hpe-in-post' })
    expect((await w.settled(w.client().boot.setNextBoot(NETWORK_ONCE))).ok).toBe(true)
    expect(w.seen.boot).toEqual(NETWORK_ONCE)
  })

  it('calls an operation invalid in this state, and takes it a little later', async () => {
    const w = redfishRig('hpe')
    Object.assign(w.face.faults, { powerRefusals: 2, powerFault: 'hpe-wrong-state' })
    expect(await w.settled(w.client().power.set('on'))).toEqual(done)
  })

  it('ends the task of a system ROM when it is staged, not when it runs', async () => {
    const w = redfishRig('hpe')
    w.face.faults.update = 'staged'
    const image = 'http://10.0.9.1/blobs/rom-1.40.bin'
    // Its ids say nothing: '2' is the "System ROM".
    expect(await updated(w, '2', image)).toMatchObject(ends('staged', '1.30'))
  })

  it('gives a network card another id after a reboot: it is the same by its serial', async () => {
    const w = redfishRig('hpe')
    const session = w.session()
    const card = async () => {
      const path = `/redfish/v1/Chassis/1/NetworkAdapters/${w.face.model.adapterPrefix}.1`
      const answer = await w.settled(session.client.get(path))
      if (!answer.ok) throw new Error(answer.error.message)
      return parseNetworkAdapter(answer.value.body)
    }
    const before = await card()
    w.face.model.adapterPrefix = 'DE07A000'
    const after = await card()
    expect(after.id).not.toBe(before.id)
    expect(after.key).toBe(before.key)
  })
})

describe('Supermicro', () => {
  it('says 403 for want of a licence, which is no matter of the login', async () => {
    const w = redfishRig('supermicro')
    w.face.faults.update = { refused: 'licence' }
    expect(await updated(w)).toMatchObject({
      ok: false,
      error: { kind: 'refused', message: expect.stringContaining('licence') },
    })
  })

  it('stays in update mode after a failure, and people are told to reset it', async () => {
    const w = redfishRig('supermicro')
    w.face.faults.update = { refused: 'flash-mode' }
    expect(await updated(w)).toMatchObject({
      ok: false,
      error: { kind: 'refused', message: expect.stringContaining('must be reset') },
    })
  })

  it('takes a boot override with 200 and silently drops it, which the read-back notices', async () => {
    const w = redfishRig('supermicro')
    w.face.faults.bootReverts = true
    expect(await w.settled(w.client().boot.setNextBoot(NETWORK_ONCE))).toMatchObject({
      ok: false,
      error: { kind: 'refused', message: expect.stringContaining('reads back none') },
    })
  })
})

describe('AMI', () => {
  it('takes a boot override by its future state only, and with an ETag', async () => {
    const w = redfishRig('ami')
    w.face.faults.etag = 'required'
    const c = w.client()
    expect(await w.settled(c.boot.setNextBoot(NETWORK_ONCE))).toEqual({
      ok: true,
      value: NETWORK_ONCE,
    })
    expect(w.seen.boot).toEqual(NETWORK_ONCE)
    expect(await w.settled(c.boot.read())).toEqual({ ok: true, value: NETWORK_ONCE })
  })
})

describe('a maker we do not know', () => {
  it('is not given the manners of one we do: no settings resource in place of the system', async () => {
    const other = { vendor: 'Acme', product: 'Acme BMC', oem: 'Acme' }
    const w = redfishRig('ami', { persona: { ...REDFISH_PERSONAS.ami, ...other } })
    expect(await w.settled(w.client().boot.setNextBoot(NETWORK_ONCE))).toMatchObject(
      faultKind('refused'),
    )
    expect(w.seen.boot).toBeUndefined()
  })
})

describe('any maker', () => {
  it('reports success of what was never applied', async () => {
    const w = redfishRig()
    w.face.faults.update = 'lies'
    expect(await updated(w)).toMatchObject(ends('unchanged'))
  })

  it('fails, and says why; or never ends, and that is unknown', async () => {
    const w = redfishRig()
    w.face.faults.update = 'fails'
    expect(await updated(w)).toMatchObject({
      ok: true,
      value: { end: 'failed', said: 'Verification of image failed.' },
    })
    w.face.faults.update = 'stuck'
    expect(await updated(w)).toMatchObject(ends('unknown'))
  })

  it.each(['none', 'required', 'empty', 'weak', 'given'] as const)(
    'does with ETags what it likes: %s',
    async (etag) => {
      const w = redfishRig()
      w.face.faults.etag = etag
      const c = w.client()
      expect((await w.settled(c.boot.setNextBoot(NETWORK_ONCE))).ok).toBe(true)
      expect(await w.settled(c.identify.light(10))).toEqual(done)
    },
  )

  it('makes Once into Continuous, which the read-back notices', async () => {
    const w = redfishRig()
    w.face.faults.bootForgetsOnce = true
    expect(await w.settled(w.client().boot.setNextBoot(NETWORK_ONCE))).toMatchObject({
      ok: false,
      error: { message: expect.stringContaining('reads back network, persistent') },
    })
  })

  it('names a session in the body alone, and it is given back all the same', async () => {
    const w = redfishRig()
    w.face.faults.sessionInBodyOnly = true
    const c = w.client()
    expect((await w.settled(c.power.read())).ok).toBe(true)
    expect(w.face.sessions()).toBe(1)
    await w.settled(c.close())
    expect(w.face.sessions()).toBe(0)
  })

  it('has no sessions: the password goes with each request', async () => {
    const w = redfishRig()
    w.face.faults.noSessions = true
    expect(await w.settled(w.client().power.set('on'))).toEqual(done)
  })

  it('has changed since it was read: it is read again and written once more', async () => {
    const w = redfishRig()
    const session = w.session()
    const system = await w.settled(session.system())
    if (!system.ok) throw new Error(system.error.message)
    const { path, etag } = system.value
    w.seen.power = 'on'
    const change = { Boot: { BootSourceOverrideTarget: 'Pxe' } }
    expect((await w.settled(session.client.patch(path, change, etag))).ok).toBe(true)
  })
})
