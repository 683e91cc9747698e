import type { FirmwareImage, UpdateProgress } from '@brickyard/bmc/firmware'
import { assert } from '@brickyard/std/assert'
import { describe, expect, it } from 'vitest'
import type { RedfishPersonaName } from './redfish-persona.ts'
import { virtualImage } from './redfish-push.ts'
import { faultKind, redfishRig } from './redfish-rig.ts'

function imageOf(firmware: string, version: string): FirmwareImage {
  const bytes = virtualImage(firmware, version)
  return {
    name: `${firmware}-${version}.bin`,
    bytes: bytes.length,
    async *open() {
      yield bytes.subarray(0, 9)
      yield bytes.subarray(9)
    },
  }
}

function rig(persona: RedfishPersonaName) {
  const w = redfishRig(persona)
  const { firmware } = w.client()
  assert(firmware !== undefined, 'the driver has firmware')
  const told: UpdateProgress[] = []
  const push = (component: string | undefined, image: FirmwareImage) =>
    w.settled(firmware.update({ component, image }, (progress) => void told.push(progress)))
  return { ...w, firmware, push, told }
}

describe('an image that is sent', () => {
  it.each(['plain', 'dell', 'supermicro', 'openbmc', 'ami', 'lenovo'] as const)(
    'is taken by %s in its own way, and runs',
    async (persona) => {
      const w = rig(persona)
      expect(await w.push('NIC-1', imageOf('NIC-1', '22.40.1'))).toMatchObject({
        ok: true,
        value: { end: 'applied', versionBefore: '22.31.6', versionAfter: '22.40.1' },
      })
    },
  )

  it('tells how far it is, on the way and then at work', async () => {
    const w = rig('plain')
    await w.push('BIOS', imageOf('BIOS', '1.40'))
    const sent = w.told.filter((one) => one.step === 'sending')
    expect(sent.at(-1)).toMatchObject({ bytes: sent.at(-1)?.bytesTotal })
    expect(sent.length).toBeGreaterThan(1)
    const percents = w.told.flatMap((one) => (one.step === 'installing' ? [one.percent] : []))
    expect(percents.at(-1)).toBe(100)
    expect(percents).toEqual(percents.toSorted((a, b) => (a ?? 0) - (b ?? 0)))
  })

  it('is opened again where the session was lost meanwhile', async () => {
    const w = rig('plain')
    await w.settled(w.firmware.read())
    w.face.restart()
    expect(await w.push('BIOS', imageOf('BIOS', '1.40'))).toMatchObject({
      ok: true,
      value: { end: 'applied' },
    })
  })

  it('is refused beforehand when it is longer than the BMC takes', async () => {
    const w = rig('plain')
    const image = { ...imageOf('BIOS', '1.40'), bytes: 2 ** 30 }
    expect(await w.push('BIOS', image)).toMatchObject({
      ok: false,
      error: { kind: 'refused', message: expect.stringContaining('takes up to 16777216') },
    })
    expect(w.told).toEqual([])
  })

  it('is not sent to an HPE, whose form is none of Redfish', async () => {
    const w = rig('hpe')
    expect(await w.push('2', imageOf('BIOS', '1.40'))).toMatchObject({
      ok: false,
      error: { message: 'the BMC takes no pushed image; give it a URL' },
    })
  })

  it('is refused when it is of another part than the one asked for', async () => {
    const w = rig('plain')
    expect(await w.push('BIOS', imageOf('NIC-1', '1.40'))).toMatchObject(faultKind('refused'))
    expect(w.face.model.firmware.get('NIC-1')?.version).toBe('22.31.6')
  })
})

describe('Lenovo', () => {
  it('has its push URI claimed and given back, after a failure too', async () => {
    const w = rig('lenovo')
    await w.push('BIOS', imageOf('BIOS', '1.40'))
    expect(w.face.model.pushClaimed).toBe(false)
    await w.push('BIOS', imageOf('NIC-1', '9.9'))
    expect(w.face.model.pushClaimed).toBe(false)
  })

  it('with a claim that somebody left behind blocks everybody, and says so', async () => {
    const w = rig('lenovo')
    w.face.model.pushClaimed = true
    expect(await w.push('BIOS', imageOf('BIOS', '1.40'))).toMatchObject({
      ok: false,
      error: { kind: 'refused', message: expect.stringContaining('HttpPushUriTargetsBusy') },
    })
    // It is not ours to take away.
    expect(w.face.model.pushClaimed).toBe(true)
  })

  it('fetches nothing over HTTP, which is known before it is asked', async () => {
    const w = rig('lenovo')
    const image = { url: 'http://10.0.9.1/bios-1.40.bin' }
    expect(await w.settled(w.firmware.update({ component: 'BIOS', image }))).toMatchObject({
      ok: false,
      error: { message: 'the BMC fetches updates by TFTP, SFTP; expected HTTP' },
    })
  })
})
