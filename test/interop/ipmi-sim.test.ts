import { spawn, type ChildProcess } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { encodeFru } from '@brickyard/ipmi/fru'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { needs, programPath } from '../needs.ts'
import { FRU, NETWORK_ONCE_UEFI, ourClient, PASSWORD, USER } from './ipmi-rig.ts'

/** Everything ipmi_sim needs for one BMC: its LAN, its users, its emulated controller, its chassis script. */
async function writeConfiguration(folder: string, port: number): Promise<void> {
  const levels = ['callback', 'user', 'operator', 'admin']
  const lan = [
    'name "sled"',
    'set_working_mc 0x20',
    '  startlan 1',
    `    addr 127.0.0.1 ${port}`,
    '    priv_limit admin',
    ...levels.map((level) => `    allowed_auths_${level} none md2 md5 straight`),
    '    guid a123456789abcdefa123456789abcdef',
    '  endlan',
    `  chassis_control "${folder}/chassis.sh 0x20"`,
    `  user 2 true "${USER}" "${PASSWORD}" admin 10 none md2 md5 straight`,
    '',
  ]
  const emulated = [
    'mc_setbmc 0x20',
    'mc_add 0x20 0x23 no-device-sdrs 0x03 9 8 0x9f 0x1291 0xf02',
    `mc_add_fru_data 0x20 0 512 file 0 "${folder}/fru.bin"`,
    'mc_enable 0x20',
    '',
  ]
  // ipmi_sim calls it as: chassis.sh 0x20 get|set power|boot|… [value]
  const chassis = `#!/bin/sh
echo "$@" >> ${folder}/calls
case "$2 $3" in
"get power") echo "power:$(cat ${folder}/power)" ;;
"set power") echo "$4" > ${folder}/power ;;
"get boot") echo "boot:$(cat ${folder}/boot)" ;;
"set boot") echo "$4" > ${folder}/boot ;;
esac
`
  const fru = new Uint8Array(512)
  fru.set(encodeFru(FRU))
  await mkdir(join(folder, 'state'))
  await writeFile(join(folder, 'lan.conf'), lan.join('\n'))
  await writeFile(join(folder, 'bmc.emu'), emulated.join('\n'))
  await writeFile(join(folder, 'chassis.sh'), chassis, { mode: 0o755 })
  await writeFile(join(folder, 'power'), '0\n')
  await writeFile(join(folder, 'boot'), 'none\n')
  await writeFile(join(folder, 'fru.bin'), fru)
}

/** A loopback UDP port nobody uses now; ipmi_sim cannot be told to choose one. */
const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const socket = createSocket('udp4')
    socket.bind(0, '127.0.0.1', () => {
      const { port } = socket.address()
      socket.close(() => resolve(port))
    })
  })

needs({ programs: ['ipmi_sim'] }).describe(
  'our client on OpenIPMI ipmi_sim, cipher suite 3',
  () => {
    let folder = ''
    let port = 0
    let simulator: ChildProcess | undefined

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'brickyard-ipmi-sim-'))
      port = await freePort()
      await writeConfiguration(folder, port)
      const files = ['-c', join(folder, 'lan.conf'), '-f', join(folder, 'bmc.emu')]
      const args = [...files, '-s', join(folder, 'state'), '-n', '-d']
      simulator = spawn(programPath('ipmi_sim') ?? 'ipmi_sim', args, { stdio: 'ignore' })
      // It opens its port some time after the start; the first answer says that it is there.
      const client = ourClient(port, 3)
      for (let tries = 0; tries < 5; tries++) if ((await client.power.read()).ok) break
      await client.close()
    })
    afterAll(async () => {
      const ended = new Promise((resolve) => simulator?.once('exit', resolve))
      simulator?.kill()
      await ended
      await rm(folder, { recursive: true, force: true })
    })

    const fileText = async (name: string) => (await readFile(join(folder, name), 'utf8')).trim()

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
