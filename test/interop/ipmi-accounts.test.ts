import { createIpmiSession } from '@brickyard/bmc/ipmi/ipmi-session'
import { probeCipherZero, readIpmiExposure } from '@brickyard/bmc/ipmi/ipmi-exposure'
import { systemClock } from '@brickyard/runtime/node/clock'
import type { VirtualBmc } from '@brickyard/sim/virtual-bmc'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { needs, programPath } from '../needs.ts'
import { startIpmiSimulator, type IpmiSimulator } from './ipmi-sim-rig.ts'
import { obedientHost } from '@brickyard/sim/obedient-host'
import { LOOPBACK, loopbackBmc, ourClient, PASSWORD, PORTS, run, USER } from './ipmi-rig.ts'

const NEW = {
  name: 'yard-b',
  password: 'twenty characters!!!',
  privilege: 'administrator',
} as const

let bmc: VirtualBmc
beforeEach(async () => {
  bmc = await loopbackBmc(obedientHost().host)
})
afterEach(() => bmc.close())

const ipmitool = async (login: readonly string[], ...words: string[]) => {
  const where = `-I lanplus -C 17 -N 1 -R 1 -H 127.0.0.1 -p ${bmc.address.port}`.split(' ')
  return await run(programPath('ipmitool') ?? 'ipmitool', [...where, ...login, ...words])
}
const ADMIN = ['-U', USER, '-P', PASSWORD]

needs({ programs: ['ipmitool'] }).describe('ipmitool on the users and channel of our BMC', () => {
  const does = async (...words: string[]) => {
    const ran = await ipmitool(ADMIN, ...words)
    expect(ran).toMatchObject({ code: 0 })
    return ran.output
  }

  it('makes a user with a long password, who then logs in and is taken away again', async () => {
    await does('user', 'set', 'name', '4', NEW.name)
    await does('user', 'set', 'password', '4', NEW.password, '20')
    await does('channel', 'setaccess', '1', '4', 'ipmi=on', 'privilege=4')
    await does('user', 'enable', '4')
    expect(await does('user', 'test', '4', '20', NEW.password)).toContain('Success')
    expect(await does('user', 'list', '1')).toMatch(/4 +yard-b +true +false +true +ADMINISTRATOR/)
    const login = ['-U', NEW.name, '-P', NEW.password]
    expect(await ipmitool(login, 'chassis', 'power', 'status')).toMatchObject({ code: 0 })
    await does('user', 'disable', '4')
    expect((await ipmitool(login, 'chassis', 'power', 'status')).code).not.toBe(0)
    const client = ourClient(bmc.address.port, 17)
    expect(await client.accounts?.list()).toMatchObject({
      ok: true,
      value: expect.arrayContaining([
        { slot: '4', name: NEW.name, enabled: false, privilege: 'administrator' },
      ]),
    })
    await client.close()
  })

  it('logs in with a user that we made, and not after we switched it off', async () => {
    const client = ourClient(bmc.address.port, 17)
    expect(await client.accounts?.set('5', NEW)).toEqual({ ok: true, value: undefined })
    const login = ['-U', NEW.name, '-P', NEW.password]
    expect(await ipmitool(login, 'chassis', 'power', 'status')).toMatchObject({ code: 0 })
    expect(await client.accounts?.verify('5', 'another')).toEqual({ ok: true, value: false })
    expect(await client.accounts?.disable('5')).toEqual({ ok: true, value: undefined })
    expect((await ipmitool(login, 'chassis', 'power', 'status')).code).not.toBe(0)
    await client.close()
  })

  it('reads and sets LAN parameters', async () => {
    await does('lan', 'set', '1', 'ipaddr', '10.1.2.3')
    const lan = await does('lan', 'print', '1')
    expect(lan).toMatch(/IP Address +: 10\.1\.2\.3\n/)
    expect(lan).toMatch(/RMCP\+ Cipher Suites +: 3,17\n/)
    expect(lan).toMatch(/Cipher Suite Priv Max +: aaXXXXXXXXXXXXX\n/)
  })

  it('tells what the channel is, and sends an event over it', async () => {
    expect(await does('channel', 'info', '1')).toContain('802.3 LAN')
    expect(await does('channel', 'getciphers', 'ipmi', '1')).toMatch(/\n17 .*sha256_128/)
    await does('event', '1')
    expect(await does('sel', 'elist')).toContain('Upper Critical going high')
  })
})

describe('a BMC with a key of its own', () => {
  it('takes logins with password and key, ours and ipmitool’s', async () => {
    bmc.close()
    bmc = await loopbackBmc(obedientHost().host, undefined, { bmcKey: 'the-bmc-key' })
    const where = { protocol: 'ipmi', address: LOOPBACK, port: bmc.address.port } as const
    const declaration = { ...where, user: USER, cipherSuite: 17 } as const
    for (const [key, ok] of [
      ['the-bmc-key', true],
      ['another', false],
      [undefined, false],
    ] as const) {
      const session = createIpmiSession(declaration, PASSWORD, PORTS, {}, key)
      expect(await readIpmiExposure(session, systemClock)).toMatchObject({ ok })
      await session.close()
    }
    if (programPath('ipmitool') === undefined) return
    const power = ['chassis', 'power', 'status']
    expect(await ipmitool([...ADMIN, '-k', 'the-bmc-key'], ...power)).toMatchObject({ code: 0 })
    expect((await ipmitool([...ADMIN, '-k', 'another'], ...power)).code).not.toBe(0)
  })
})

needs({ programs: ['ipmi_sim'] }).describe('what ipmi_sim gives away, and its users', () => {
  let simulator: IpmiSimulator
  beforeAll(async () => {
    simulator = await startIpmiSimulator()
  })
  afterAll(() => simulator.stop())

  it('takes cipher suite 0, which ours does not', async () => {
    const at = (port: number) => ({ address: LOOPBACK, port })
    expect(await probeCipherZero(at(simulator.port), PORTS)).toBe('taken')
    expect(await probeCipherZero(at(bmc.address.port), PORTS)).toBe('refused')
  })

  it('is unknown where it does not tell, and told where it does', async () => {
    const told = async (port: number, cipherSuite: 3 | 17) => {
      const where = { protocol: 'ipmi', address: LOOPBACK, user: USER, port, cipherSuite } as const
      const session = createIpmiSession(where, PASSWORD, PORTS)
      const exposure = await readIpmiExposure(session, systemClock)
      await session.close()
      return exposure.ok ? exposure.value : exposure.error
    }
    const theirs = ourClient(simulator.port, 3)
    const offered = await theirs.exposure?.read()
    await theirs.close()
    expect(offered).toMatchObject({ ok: true, value: { nullUsers: undefined, open: ['ipmi'] } })
    // ipmi_sim refuses one of the questions within a session.
    expect(await told(simulator.port, 3)).toMatchObject({ logins: undefined })
    const logins = { anonymous: false, nullUsers: false, bmcKeyNeeded: false, old: [] }
    expect(await told(bmc.address.port, 17)).toEqual({ cipherSuites: [3, 17], logins })
  })

  it('keeps users that we make', async () => {
    const client = ourClient(simulator.port, 3)
    // Longer passwords it takes, tests as right, and then logs nobody in with.
    const short = { ...NEW, password: 'sixteen chars!!!' }
    expect(await client.accounts?.set('5', short)).toEqual({ ok: true, value: undefined })
    await client.close()
    const made = ourClient(simulator.port, 3, short.password, short.name)
    expect(await made.power.read()).toMatchObject({ ok: true })
    await made.close()
  })
})
