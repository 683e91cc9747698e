import type { VirtualBmc } from '@brickyard/sim/virtual-bmc'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { needs, programPath } from '../needs.ts'
import { obedientHost } from '@brickyard/sim/obedient-host'
import { loopbackBmc, ourClient, PASSWORD, run, USER } from './ipmi-rig.ts'

const { host, seen } = obedientHost()
let bmc: VirtualBmc
beforeEach(async () => {
  seen.power = 'on'
  bmc = await loopbackBmc(host)
})
afterEach(() => bmc.close())

describe('our client on the power manager of our BMC', () => {
  it('reads the draw, caps it, and lifts the cap', async () => {
    const client = ourClient(bmc.address.port, 17)
    const power = client.powerLimit
    expect(await power?.readDraw()).toMatchObject({ ok: true, value: { watts: 184 } })
    expect(await power?.readLimit()).toEqual({ ok: true, value: { watts: undefined } })
    expect(await power?.setLimit(150)).toEqual({ ok: true, value: { watts: 150 } })
    expect(await power?.readDraw()).toMatchObject({ value: { watts: 150, wattsMax: 184 } })
    // Less than what the sled draws idle: the BMC refuses, and the limit stays.
    expect(await power?.setLimit(10)).toMatchObject({ ok: false, error: { kind: 'refused' } })
    expect(await power?.readLimit()).toEqual({ ok: true, value: { watts: 150 } })
    expect(await power?.setLimit(undefined)).toEqual({ ok: true, value: { watts: undefined } })
    expect(await power?.readDraw()).toMatchObject({ value: { watts: 184, wattsMin: 150 } })
    expect(await power?.setLimit(1.5)).toMatchObject({ ok: false })
    await client.close()
  })
})

needs({ programs: ['ipmitool'] }).describe('ipmitool dcmi on our BMC', () => {
  const dcmi = async (...words: string[]) => {
    const login = `-I lanplus -C 17 -H 127.0.0.1 -p ${bmc.address.port} -U ${USER} -P ${PASSWORD}`
    const args = [...login.split(' '), 'dcmi', ...words]
    return (await run(programPath('ipmitool') ?? 'ipmitool', args)).output
  }

  it('discovers it, reads the draw, sets and activates a limit', async () => {
    expect(await dcmi('discover')).toContain('Power management available')
    expect(await dcmi('power', 'reading')).toMatch(/Instantaneous power reading: +184 Watts/)
    await dcmi('power', 'set_limit', 'limit', '150')
    await dcmi('power', 'activate')
    expect(await dcmi('power', 'get_limit')).toMatch(/Power Limit: +150 +Watts/)
    expect(await dcmi('power', 'reading')).toMatch(/Instantaneous power reading: +150 Watts/)
    const client = ourClient(bmc.address.port, 17)
    expect(await client.powerLimit?.readLimit()).toEqual({ ok: true, value: { watts: 150 } })
    await client.close()
  })
})

needs({ programs: ['ipmi-dcmi'] }).describe('freeipmi dcmi on our BMC', () => {
  it('agrees on draw and limit', async () => {
    const client = ourClient(bmc.address.port, 17)
    await client.powerLimit?.setLimit(150)
    await client.close()
    const login = `-D LAN_2_0 -I 17 -h 127.0.0.1:${bmc.address.port} -u ${USER} -p ${PASSWORD}`
    const asks = async (what: string) => {
      const args = [...login.split(' '), '-l', 'ADMIN', what]
      return (await run(programPath('ipmi-dcmi') ?? 'ipmi-dcmi', args)).output
    }
    expect(await asks('--get-system-power-statistics')).toMatch(/Current Power +: 150 Watts/)
    expect(await asks('--get-power-limit')).toMatch(/Power Limit Requested +: 150 watts/)
  })
})
