import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { encodeFru } from '@brickyard/ipmi/fru'
import { withFruRecords } from '@brickyard/ipmi/fru-records'
import type { VirtualBmc } from '@brickyard/sim/virtual-bmc'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { needs, programPath } from '../needs.ts'
import { obedientHost } from '@brickyard/sim/obedient-host'
import { FRU, loopbackBmc, PASSWORD, run, USER } from './ipmi-rig.ts'

const INVENTORY = withFruRecords(encodeFru(FRU), [
  {
    kind: 'power-supply',
    capacityWatts: 800,
    peakVoltAmperes: 900,
    inputMillivoltsMin: 180_000,
    inputMillivoltsMax: 264_000,
    hotSwap: true,
    predictsFailure: false,
  },
  {
    kind: 'dc-output',
    output: 1,
    nominalMillivolts: 12_000,
    millivoltsMin: 11_400,
    millivoltsMax: 12_600,
    milliamperesMin: 0,
    milliamperesMax: 60_000,
  },
  { kind: 'management-access', what: 1, text: 'https://sled.example/' },
])

let bmc: VirtualBmc
beforeAll(async () => {
  bmc = await loopbackBmc(obedientHost().host, undefined, { fru: INVENTORY })
})
afterAll(() => bmc.close())

needs({ programs: ['ipmitool'] }).describe('ipmitool on our multi-record inventory', () => {
  it('reads the supply and its output as they were written', async () => {
    const login = `-I lanplus -C 17 -H 127.0.0.1 -p ${bmc.address.port} -U ${USER} -P ${PASSWORD}`
    // Without -v it reads the area and shows nothing of it.
    const args = [...login.split(' '), '-v', 'fru', 'print']
    const { code, output } = await run(programPath('ipmitool') ?? 'ipmitool', args)
    expect({ code, output }).toMatchObject({ code: 0 })
    expect(output).toContain(`Product Serial        : ${FRU.product.serial}`)
    expect(output).toMatch(/Capacity +: 800 W/)
    expect(output).toMatch(/Input Voltage Range 1 +: 180-264 V/)
    expect(output).toMatch(/Nominal voltage +: 12\.00 V/)
    expect(output).toMatch(/Maximum current draw +: 60\.000 A/)
  })
})

needs({ programs: ['ipmi-fru'] }).describe('freeipmi on our multi-record inventory', () => {
  it('agrees', async () => {
    const cache = await mkdtemp(join(tmpdir(), 'brickyard-freeipmi-'))
    const login = `-D LAN_2_0 -I 17 -h 127.0.0.1:${bmc.address.port} -u ${USER} -p ${PASSWORD}`
    const more = ['-l', 'ADMIN', `--sdr-cache-directory=${cache}`, '--quiet-cache']
    const args = [...login.split(' '), ...more]
    const { code, output } = await run(programPath('ipmi-fru') ?? 'ipmi-fru', args)
    await rm(cache, { recursive: true, force: true })
    expect({ code, output }).toMatchObject({ code: 0 })
    expect(output).toContain(FRU.product.serial)
    expect(output).toMatch(/Overall Capacity: 800 Watts/)
    expect(output).toMatch(/12000 mV/)
  })
})
