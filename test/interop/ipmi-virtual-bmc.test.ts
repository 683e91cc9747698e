import type { CipherSuiteId } from '@brickyard/ipmi/cipher-suite'
import { decodeSystemGuid } from '@brickyard/ipmi/commands/system-guid'
import type { VirtualBmc } from '@brickyard/sim/virtual-bmc'
import { afterAll, beforeAll, beforeEach, describe as vitestDescribe, expect, it, vi } from 'vitest'
import { needs, programPath } from '../needs.ts'
import { obedientHost } from '@brickyard/sim/obedient-host'
import {
  FRU,
  GUID,
  loopbackBmc,
  NETWORK_ONCE_UEFI,
  ourClient,
  PASSWORD,
  run,
  USER,
} from './ipmi-rig.ts'

const { host, seen } = obedientHost()
let bmc: VirtualBmc

beforeAll(async () => {
  bmc = await loopbackBmc(host)
})
beforeEach(() => {
  Object.assign(seen, { power: 'off', verbs: [], boot: undefined, identify: [] })
})
afterAll(() => bmc.close())

const tool = (suite: CipherSuiteId, command: string, password = PASSWORD) =>
  run(programPath('ipmitool') ?? 'ipmitool', [
    ...`-I lanplus -C ${suite} -H 127.0.0.1 -p ${bmc.address.port}`.split(' '),
    ...`-U ${USER} -P ${password} -N 2 -R 2`.split(' '),
    ...command.split(' '),
  ])

needs({ programs: ['ipmitool'] }).describe('ipmitool on our BMC', () => {
  vitestDescribe.each([3, 17] as const)('cipher suite %i', (suite) => {
    it('reads and changes the power', async () => {
      const status = () => tool(suite, 'chassis power status')
      expect(await status()).toEqual({ code: 0, output: 'Chassis Power is off\n' })
      expect((await tool(suite, 'chassis power on')).code).toBe(0)
      expect((await status()).output).toBe('Chassis Power is on\n')
      for (const verb of ['cycle', 'reset', 'soft', 'off']) {
        expect(await tool(suite, `chassis power ${verb}`)).toMatchObject({ code: 0 })
      }
      expect(seen.verbs).toEqual(['on', 'cycle', 'reset', 'soft', 'off'])
      expect((await tool(suite, 'chassis power cycle')).output).toContain(
        'Command not supported in present state',
      )
    })

    it('sets the boot device once and persistently, and reads it back', async () => {
      expect((await tool(suite, 'chassis bootdev pxe')).code).toBe(0)
      expect(seen.boot).toEqual({ device: 'network', persistent: false, efi: false })
      expect((await tool(suite, 'chassis bootdev pxe options=efiboot,persistent')).code).toBe(0)
      expect(seen.boot).toEqual({ device: 'network', persistent: true, efi: true })
      const { code, output } = await tool(suite, 'chassis bootparam get 5')
      expect(code).toBe(0)
      expect(output).toContain('Boot Flag Valid')
      expect(output).toContain('Options apply to all future boots')
      expect(output).toContain('BIOS EFI boot')
      expect(output).toContain('Force PXE')
      expect((await tool(suite, 'chassis bootdev none')).code).toBe(0)
      expect(seen.boot).toBeUndefined()
    })

    it('reads who the BMC is', async () => {
      const info = await tool(suite, 'mc info')
      expect(info.code).toBe(0)
      expect(info.output).toMatch(/Firmware Revision +: 2\.14/)
      expect(info.output).toMatch(/IPMI Version +: 2\.0/)
      expect(info.output).toMatch(/Manufacturer ID +: 10876/)
      expect(info.output).toMatch(/Product ID +: 2137/)
    })

    it('reads the GUID in every byte order as we do', async () => {
      const guid = decodeSystemGuid(GUID)
      if (!guid.ok) throw new Error(guid.error)
      const said = async (form: string) => (await tool(suite, `mc guid ${form}`)).output
      expect(await said('ipmi')).toContain(guid.value.canonical)
      expect(await said('smbios')).toContain(guid.value.swapped)
      expect(await said('rfc')).toContain(guid.value.asSent)
    })

    it('reads the inventory', async () => {
      const { code, output } = await tool(suite, 'fru print')
      expect(code).toBe(0)
      for (const text of [
        `Chassis Serial        : ${FRU.chassis.serial}`,
        `Board Serial          : ${FRU.board.serial}`,
        `Product Manufacturer  : ${FRU.product.manufacturer}`,
        `Product Name          : ${FRU.product.product}`,
        `Product Serial        : ${FRU.product.serial}`,
        `Product Asset Tag     : ${FRU.product.assetTag}`,
      ]) {
        expect(output).toContain(text)
      }
    })

    it('lights and darkens the sled', async () => {
      expect((await tool(suite, 'chassis identify 5')).code).toBe(0)
      expect((await tool(suite, 'chassis identify 0')).code).toBe(0)
      expect((await tool(suite, 'chassis identify force')).code).toBe(0)
      expect(seen.identify).toEqual([5, 0, Infinity])
    })

    it('sets what happens when mains power comes back, as we read it', async () => {
      const client = ourClient(bmc.address.port, suite)
      for (const [word, policy] of [
        ['always-on', 'turn-on'],
        ['always-off', 'stay-off'],
        ['previous', 'as-before'],
      ] as const) {
        expect((await tool(suite, `chassis policy ${word}`)).code).toBe(0)
        expect(await client.restorePolicy?.read()).toEqual({ ok: true, value: policy })
      }
      expect(await client.restorePolicy?.set('turn-on')).toEqual({ ok: true, value: undefined })
      expect((await tool(suite, 'chassis status')).output).toMatch(
        /Power Restore Policy +: always-on/,
      )
      await client.close()
    })

    it('is refused with a wrong password', async () => {
      const { code, output } = await tool(suite, 'chassis power status', 'wrong')
      expect(code).not.toBe(0)
      expect(output).toContain('Unable to establish IPMI v2 / RMCP+ session')
    })
  })

  it('restarts a BMC: its sessions are gone, it is away, and the sled runs on', async () => {
    const own = obedientHost()
    const other = await loopbackBmc(own.host)
    const restart = (...words: readonly string[]) =>
      run(programPath('ipmitool') ?? 'ipmitool', [
        ...`-I lanplus -C 17 -N 1 -R 1 -H 127.0.0.1 -p ${other.address.port}`.split(' '),
        ...`-U ${USER} -P ${PASSWORD}`.split(' '),
        ...words,
      ])
    try {
      expect((await restart('chassis', 'power', 'on')).code).toBe(0)
      const said = await restart('mc', 'reset', 'warm')
      expect(said).toMatchObject({ code: 0, output: expect.stringContaining('warm reset') })
      // It begins a moment after its answer, and then answers nobody.
      await vi.waitFor(
        async () => expect((await restart('chassis', 'power', 'status')).code).not.toBe(0),
        { timeout: 8000 },
      )
      expect(other.sessions()).toBe(0)
      expect(own.host.power()).toBe('on')
    } finally {
      other.close()
    }
  }, 60_000)

  it('finds a cipher suite by itself', async () => {
    const args = ['-I', 'lanplus', '-H', '127.0.0.1', '-p', String(bmc.address.port)]
    const login = ['-U', USER, '-P', PASSWORD, 'chassis', 'power', 'status']
    const { code } = await run(programPath('ipmitool') ?? 'ipmitool', [...args, ...login])
    expect(code).toBe(0)
  })
})

needs({ programs: ['ipmipower'] }).describe('freeipmi on our BMC', () => {
  const power = (suite: CipherSuiteId, verb: string, password = PASSWORD) =>
    run(programPath('ipmipower') ?? 'ipmipower', [
      ...`-D LAN_2_0 -I ${suite} -h 127.0.0.1:${bmc.address.port}`.split(' '),
      ...`-u ${USER} -p ${password} -l ADMIN --${verb}`.split(' '),
    ])

  it.each([3, 17] as const)('reads and changes the power with suite %i', async (suite) => {
    const said = async (verb: string) => (await power(suite, verb)).output
    expect(await said('stat')).toBe('127.0.0.1: off\n')
    for (const verb of ['on', 'cycle', 'reset', 'soft', 'off']) {
      if (verb === 'cycle') expect(await said('stat')).toBe('127.0.0.1: on\n')
      expect(await said(verb)).toBe('127.0.0.1: ok\n')
    }
    expect(seen.verbs).toEqual(['on', 'cycle', 'reset', 'soft', 'off'])
  })

  it('is refused with a wrong password', async () => {
    expect((await power(17, 'stat', 'wrong')).output).toBe('127.0.0.1: password invalid\n')
  })
})

vitestDescribe.each([3, 17] as const)('our client on our BMC, real sockets, suite %i', (suite) => {
  // Its own BMC: ipmipower leaves its session open after a reset, and sessions are counted here.
  let own: VirtualBmc
  beforeAll(async () => {
    own = await loopbackBmc(host)
  })
  afterAll(() => own.close())

  it('does everything a sled needs', async () => {
    const client = ourClient(own.address.port, suite)
    expect(await client.power.set('on')).toEqual({ ok: true, value: undefined })
    expect(await client.power.read()).toEqual({ ok: true, value: 'on' })
    expect(await client.boot.setNextBoot(NETWORK_ONCE_UEFI)).toEqual({
      ok: true,
      value: NETWORK_ONCE_UEFI,
    })
    expect(await client.identify.light(30)).toEqual({ ok: true, value: undefined })
    expect(await client.inventory.read()).toMatchObject({
      ok: true,
      value: { serial: FRU.product.serial, boardSerial: FRU.board.serial, bmcVersion: '2.14' },
    })
    expect(own.sessions()).toBe(1)
    await client.close()
    expect(own.sessions()).toBe(0)
  })

  it('is refused with a wrong password', async () => {
    const client = ourClient(own.address.port, suite, 'wrong')
    expect(await client.power.read()).toMatchObject({ ok: false, error: { kind: 'auth' } })
    await client.close()
  })
})
