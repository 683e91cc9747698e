import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { virtualImage } from '@brickyard/sim/redfish-push'
import { afterAll, beforeAll, beforeEach, describe as vitestDescribe, expect, it } from 'vitest'
import { needs, programPath } from '../needs.ts'
import { run } from './ipmi-rig.ts'
import { IDENTITY, loopbackRedfish, PASSWORD, USER, type LoopbackRedfish } from './redfish-rig.ts'

let bmc: LoopbackRedfish

beforeAll(async () => {
  bmc = await loopbackRedfish('dell')
})
beforeEach(() => {
  bmc.face.restart()
  Object.assign(bmc.seen, { power: 'off', verbs: [], boot: undefined, identify: [] })
})
afterAll(() => bmc.close())

vitestDescribe('our client on our BMC, over TLS', () => {
  it('works by the pin of the key, and gives its session back', async () => {
    const client = bmc.client()
    expect(await client.power.set('on')).toEqual({ ok: true, value: undefined })
    expect(await client.power.read()).toEqual({ ok: true, value: 'on' })
    expect(await client.inventory.read()).toMatchObject({ value: { serial: IDENTITY.serial } })
    expect(bmc.face.sessions()).toBe(1)
    await client.close()
    expect(bmc.face.sessions()).toBe(0)
  })
})

needs({ programs: ['redfishtool'] }).describe('redfishtool on our BMC', () => {
  const tool = async (command: string, login: 'Session' | 'Basic') => {
    const { code, output } = await run(programPath('redfishtool') ?? 'redfishtool', [
      ...`-r 127.0.0.1:${bmc.port} -u ${USER} -p ${PASSWORD} -S Always -A ${login}`.split(' '),
      ...command.split(' '),
    ])
    return { code, output }
  }

  it.each(['Session', 'Basic'] as const)(
    'reads and changes power and boot, login %s',
    async (login) => {
      const system = await tool('Systems -F', login)
      expect(JSON.parse(system.output)).toMatchObject({
        SerialNumber: IDENTITY.serial,
        PowerState: 'Off',
      })
      expect((await tool('Systems -F reset On', login)).code).toBe(0)
      expect((await tool('Systems -F reset PowerCycle', login)).code).toBe(0)
      expect(bmc.seen.verbs).toEqual(['on', 'cycle'])
      expect((await tool('Systems -F setBootOverride Once Pxe', login)).code).toBe(0)
      expect(bmc.seen.boot).toMatchObject({ device: 'network', persistent: false })
      expect((await tool('Systems -F setBootOverride Disabled', login)).code).toBe(0)
      expect(bmc.seen.boot).toBeUndefined()
      expect((await tool('Systems -F setIndicatorLed Lit', login)).code).toBe(0)
      expect(bmc.face.model.light).toBe('Lit')
    },
    60_000,
  )

  it('reads chassis, manager, logs and accounts', async () => {
    const said = async (command: string): Promise<unknown> =>
      JSON.parse((await tool(command, 'Basic')).output)
    expect(await said('Chassis -F Power')).toMatchObject({ PowerControl: [{ MemberId: '0' }] })
    expect(await said('Chassis -F Thermal')).toMatchObject({
      Temperatures: [{ Name: 'Inlet Temp', ReadingCelsius: 24 }, { Name: 'CPU1 Temp' }],
    })
    expect(await said('Managers -F')).toMatchObject({ FirmwareVersion: '2.14.0' })
    expect(await said('Systems -F Logs -i SEL')).toMatchObject({ Id: 'SEL' })
    expect(await said('AccountService Accounts -i 1')).toMatchObject({ UserName: USER })
  })
})

const SUSHY = `
import json, sys, sushy
url, user, password = sys.argv[1:]
bmc = sushy.Sushy(url, username=user, password=password, verify=False)
system = bmc.get_system(bmc.get_system_collection().members_identities[0])
out = {'serial': system.serial_number, 'before': system.power_state.value}
system.reset_system(sushy.ResetType.ON)
system.set_system_boot_options(sushy.BootSource.PXE,
    enabled=sushy.BootSourceOverrideEnabled.ONCE, mode=sushy.BootSourceOverrideMode.UEFI)
system.refresh(force=True)
out['after'] = [system.power_state.value, system.boot.target.value, system.boot.enabled.value]
system.bios.set_attribute('SriovGlobalEnable', 'Enabled', apply_time=sushy.ApplyTime.ON_RESET)
system.bios.refresh(force=True)
out['bios'] = [system.bios.attributes['SriovGlobalEnable'],
    system.bios.pending_attributes['SriovGlobalEnable']]
out['macs'] = [e.mac_address for e in system.ethernet_interfaces.get_members()]
out['drives'] = [d.capacity_bytes for d in system.storage.get_members()[0].drives]
out['secure'] = [system.secure_boot.enabled, system.secure_boot.mode.value]
system.secure_boot.set_enabled(True)
system.secure_boot.reset_keys(sushy.SecureBootResetKeysType.DELETE_PK)
system.reset_system(sushy.ResetType.FORCE_RESTART)
system.refresh(force=True)
system.bios.refresh(force=True)
system.secure_boot.refresh(force=True)
out['booted'] = [system.bios.attributes['SriovGlobalEnable'], system.secure_boot.enabled,
    system.secure_boot.current_boot.value, system.secure_boot.mode.value]
manager = bmc.get_manager_collection().get_members()[0]
out['manager'] = manager.firmware_version
cd = manager.virtual_media.get_members()[0]
cd.insert_media('http://127.0.0.1/x.iso')
cd.refresh(force=True)
out['media'] = [cd.inserted, cd.image]
cd.eject_media()
chassis = bmc.get_chassis_collection().get_members()[0]
out['thermal'] = [t.reading_celsius for t in chassis.thermal.temperatures]
updates = bmc.get_update_service()
out['firmware'] = {f.identity: f.version for f in updates.firmware_inventory.get_members()}
task = updates.simple_update('http://127.0.0.1/bmc-2.15.0.bin', targets=[
    '/redfish/v1/UpdateService/FirmwareInventory/BMC'])
out['task'] = [task.is_processing, task.get_task().task_state.value]
print(json.dumps(out))
`

needs({ pythonModules: ['sushy'] }).describe('sushy on our BMC', () => {
  it('finds, reads, changes and updates', async () => {
    const url = `https://127.0.0.1:${bmc.port}/redfish/v1`
    // With either of these set, the library beneath sushy checks certificates all the same.
    const unset = '-u REQUESTS_CA_BUNDLE -u CURL_CA_BUNDLE'.split(' ')
    const python = [...unset, '/usr/bin/python3', '-W', 'ignore', '-c', SUSHY]
    const { output } = await run('/usr/bin/env', [...python, url, USER, PASSWORD])
    expect(JSON.parse(output.trim().split('\n').at(-1) ?? '')).toEqual({
      serial: IDENTITY.serial,
      before: 'Off',
      after: ['On', 'Pxe', 'Once'],
      bios: ['Disabled', 'Enabled'],
      macs: [...IDENTITY.macs],
      drives: [960_197_124_096],
      secure: [false, 'UserMode'],
      // Without a platform key nothing is checked, whatever is switched on.
      booted: ['Enabled', true, 'Disabled', 'SetupMode'],
      manager: '2.14.0',
      media: [true, 'http://127.0.0.1/x.iso'],
      thermal: [24, 51],
      firmware: { BMC: '2.14.0', BIOS: '1.30', 'NIC-1': '22.31.6' },
      task: [true, 'Running'],
    })
  })
})

needs({ programs: ['curl'] }).describe('curl on our BMC', () => {
  it('pushes an image in a form of its own, as we do', async () => {
    const path = '/redfish/v1/UpdateService/MultipartUpload'
    const target = '/redfish/v1/UpdateService/FirmwareInventory/NIC-1'
    const folder = mkdtempSync(join(tmpdir(), 'push-'))
    const file = join(folder, 'nic.bin')
    writeFileSync(file, virtualImage('NIC-1', '22.40.1'))
    const parameters = JSON.stringify({ Targets: [target] })
    try {
      const { output } = await run(programPath('curl') ?? 'curl', [
        ...`-sk -w %{http_code} -u ${USER}:${PASSWORD}`.split(' '),
        '-F',
        `UpdateParameters=${parameters};type=application/json`,
        '-F',
        `UpdateFile=@${file};type=application/octet-stream`,
        `https://127.0.0.1:${bmc.port}${path}`,
      ])
      expect(output).toMatch(/"TaskState":"Running".*202$/)
      const image = {
        name: 'nic.bin',
        bytes: virtualImage('NIC-1', '22.41.0').length,
        async *open() {
          yield virtualImage('NIC-1', '22.41.0')
        },
      }
      const client = bmc.client()
      const update = { component: 'NIC-1', image } as const
      expect(await client.firmware?.update(update)).toMatchObject({
        ok: true,
        value: { end: 'applied', versionAfter: '22.41.0' },
      })
      await client.close()
    } finally {
      rmSync(folder, { recursive: true })
    }
  }, 120_000)
})

needs({ programs: ['ilorest'] }).describe('ilorest on our BMC', () => {
  it('logs in, crawls all of it, and changes', async () => {
    const other = await loopbackRedfish('plain')
    const cache = mkdtempSync(join(tmpdir(), 'ilorest-'))
    const rest = (...command: readonly string[]) =>
      run(programPath('ilorest') ?? 'ilorest', ['--nologo', '--cache-dir', cache, ...command])
    try {
      const login = ['login', `https://127.0.0.1:${other.port}`, '-u', USER, '-p', PASSWORD]
      expect((await rest(...login)).code).toBe(0)
      expect(other.face.sessions()).toBe(1)
      const system = await rest('rawget', '/redfish/v1/Systems/1')
      expect(system.output).toContain(`"SerialNumber": "${IDENTITY.serial}"`)
      expect((await rest('list', '--selector', 'Chassis.')).output).toContain('ChassisType=Sled')
      const reset = '/redfish/v1/Systems/1/Actions/ComputerSystem.Reset'
      const post = join(cache, 'reset.json')
      writeFileSync(post, JSON.stringify({ path: reset, body: { ResetType: 'On' } }))
      expect((await rest('rawpost', post)).code).toBe(0)
      expect(other.seen.verbs).toEqual(['on'])
      // Away from port 443 it loses the path of its session, so nothing is said of that one.
      expect((await rest('logout')).code).toBe(0)
    } finally {
      rmSync(cache, { recursive: true })
      await other.close()
    }
  }, 120_000)
})
