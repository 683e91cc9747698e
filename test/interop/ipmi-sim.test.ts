import { afterAll, beforeAll, expect, it } from 'vitest'
import { needs } from '../needs.ts'
import { startIpmiSimulator, type IpmiSimulator } from './ipmi-sim-rig.ts'
import { FRU, NETWORK_ONCE_UEFI, ourClient, PASSWORD, USER } from './ipmi-rig.ts'

needs({ programs: ['ipmi_sim'] }).describe(
  'our client on OpenIPMI ipmi_sim, cipher suite 3',
  () => {
    let simulator: IpmiSimulator
    let port = 0
    const fileText = (name: string) => simulator.fileText(name)

    beforeAll(async () => {
      simulator = await startIpmiSimulator()
      port = simulator.port
    })
    afterAll(() => simulator.stop())

    it('reads and changes the power', async () => {
      const client = ourClient(port, 3)
      expect(await client.power.read()).toEqual({ ok: true, value: 'off' })
      expect(await client.power.set('on')).toEqual({ ok: true, value: undefined })
      expect(await client.power.read()).toEqual({ ok: true, value: 'on' })
      expect(await client.power.set('reset')).toEqual({ ok: true, value: undefined })
      expect(await client.power.set('soft')).toEqual({ ok: true, value: undefined })
      expect(await client.power.set('off')).toEqual({ ok: true, value: undefined })
      expect(await client.power.read()).toEqual({ ok: true, value: 'off' })
      await client.close()
      const calls = await fileText('calls')
      expect(calls).toContain('set reset 1')
      expect(calls).toContain('set shutdown 1')
    })

    it('reads who it is', async () => {
      const client = ourClient(port, 3)
      expect(await client.inventory.read()).toMatchObject({
        ok: true,
        value: {
          manufacturer: FRU.product.manufacturer,
          model: FRU.product.product,
          serial: FRU.product.serial,
          boardSerial: FRU.board.serial,
          chassisSerial: FRU.chassis.serial,
          guid: { canonical: 'efcdab89-6745-23a1-efcd-ab89674523a1' },
          bmcVersion: '9.08',
          bmcManufacturerId: 0x1291,
          bmcProductId: 0xf02,
          damaged: [],
        },
      })
      await client.close()
    })

    it('sets the boot device, and notices that ipmi_sim never reads it back as valid', async () => {
      const client = ourClient(port, 3)
      const set = await client.boot.setNextBoot({ ...NETWORK_ONCE_UEFI, efi: false })
      expect(await fileText('boot')).toBe('pxe')
      // ipmi_sim answers 01 05 00 04 00 00 00: the device is there, the valid bit is not.
      expect(set).toMatchObject({ ok: false, error: { kind: 'refused' } })
      expect(set.ok ? '' : set.error.message).toContain('reads back')
      await client.close()
    })

    it('lights the sled', async () => {
      const client = ourClient(port, 3)
      expect(await client.identify.light(20)).toEqual({ ok: true, value: undefined })
      expect(await fileText('calls')).toContain('set identify 20')
      await client.close()
    })

    it('is refused with a wrong password and with an unknown user', async () => {
      for (const [user, password] of [
        [USER, 'wrong'],
        ['nobody', PASSWORD],
      ] as const) {
        const client = ourClient(port, 3, password, user)
        expect(await client.power.read()).toMatchObject({ ok: false, error: { kind: 'auth' } })
        await client.close()
      }
    })

    it('is refused with cipher suite 17, which it does not have', async () => {
      const client = ourClient(port, 17)
      expect(await client.power.read()).toMatchObject({ ok: false, error: { kind: 'refused' } })
      await client.close()
    })

    it('keeps one session over many requests', async () => {
      const client = ourClient(port, 3)
      for (let n = 0; n < 50; n++) expect((await client.power.read()).ok).toBe(true)
      await client.close()
    })
  },
)
