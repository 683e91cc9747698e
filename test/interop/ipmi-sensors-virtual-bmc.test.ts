import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { VirtualBmc } from '@brickyard/sim/virtual-bmc'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { needs, programPath } from '../needs.ts'
import { obedientHost } from '@brickyard/sim/obedient-host'
import { loopbackBmc, ourClient, PASSWORD, run, USER } from './ipmi-rig.ts'

const { host, seen } = obedientHost()
let bmc: VirtualBmc
let cache = ''

beforeAll(async () => {
  cache = await mkdtemp(join(tmpdir(), 'brickyard-freeipmi-'))
})
afterAll(() => rm(cache, { recursive: true, force: true }))
beforeEach(async () => {
  seen.power = 'on'
  bmc = await loopbackBmc(host)
})
afterEach(() => bmc.close())

const ipmitool = async (...words: string[]) => {
  const login = `-I lanplus -C 17 -H 127.0.0.1 -p ${bmc.address.port} -U ${USER} -P ${PASSWORD}`
  const ran = await run(programPath('ipmitool') ?? 'ipmitool', [...login.split(' '), ...words])
  expect(ran).toMatchObject({ code: 0 })
  return ran.output
}

/** Lines of a table, cells trimmed. */
const rows = (output: string): readonly (readonly string[])[] =>
  output
    .split('\n')
    .filter((line) => line.includes('|'))
    .map((line) => line.split('|').map((cell) => cell.trim()))

needs({ programs: ['ipmitool'] }).describe('ipmitool on our sensors and event log', () => {
  it('lists every sensor with its value, unit, state and entity', async () => {
    expect(rows(await ipmitool('sdr', 'elist'))).toEqual([
      ['Inlet Temp', '01h', 'ok', '55.1', '23 degrees C'],
      ['CPU Temp', '02h', 'ok', '3.1', '48 degrees C'],
      ['P12V', '03h', 'ok', '7.1', '12.06 Volts'],
      ['Fan 1', '04h', 'ok', '29.1', '5400 RPM'],
      ['Fan 2', '05h', 'ok', '29.1', '5280 RPM'],
      ['Sled Power', '06h', 'ok', '7.1', '184 Watts'],
      ['CPU', '07h', 'ok', '3.1', 'Presence detected'],
      ['PSU', '08h', 'ok', '10.1', 'Presence detected'],
      ['Intrusion', '09h', 'ok', '23.1', ''],
    ])
  })

  it('shows the thresholds, and sets one', async () => {
    const line = async (name: string) =>
      rows(await ipmitool('sensor')).find(([first]) => first === name)
    expect(await line('Inlet Temp')).toEqual(
      'Inlet Temp|23.000|degrees C|ok|na|-7.000|3.000|38.000|42.000|48.000'.split('|'),
    )
    await ipmitool('sensor', 'thresh', 'Fan 1', 'lnc', '1800')
    expect((await line('Fan 1'))?.slice(5, 7)).toEqual(['600.000', '1800.000'])
  })

  it('shows no reading for what has no power', async () => {
    seen.power = 'off'
    const table = rows(await ipmitool('sdr', 'elist'))
    expect(table.find(([name]) => name === 'CPU Temp')?.[4]).toBe('No Reading')
    expect(table.find(([name]) => name === 'Inlet Temp')?.[4]).toBe('21 degrees C')
  })

  it('reads our events as we do, and clears them', async () => {
    const client = ourClient(bmc.address.port, 17)
    bmc.setSensor('CPU Temp', 97)
    bmc.setSensor('PSU', 0b1001)
    const log = await client.log?.read()
    expect(log).toMatchObject({
      ok: true,
      value: {
        entries: [
          {
            text: expect.stringContaining("'CPU Temp': upper non-critical going high, reading 97"),
          },
          { text: expect.stringContaining("'CPU Temp': upper critical going high, reading 97") },
          { text: "power supply 'PSU': input lost" },
        ],
      },
    })
    const theirs = rows(await ipmitool('sel', 'elist')).map((cells) => cells.slice(3).join(', '))
    expect(theirs).toEqual([
      'Temperature CPU Temp, Upper Non-critical going high, Asserted, Reading 97 > Threshold 85 degrees C',
      'Temperature CPU Temp, Upper Critical going high, Asserted, Reading 97 > Threshold 95 degrees C',
      'Power Supply PSU, Power Supply AC lost (), Asserted',
    ])
    expect(rows(await ipmitool('sdr', 'elist'))[1]?.slice(2)).toEqual([
      'ucr',
      '3.1',
      '97 degrees C',
    ])
    await ipmitool('sel', 'clear')
    expect(await ipmitool('sel', 'list')).toContain('SEL has no entries')
    expect(await client.log?.read()).toMatchObject({ ok: true, value: { entries: [] } })
    await client.close()
  })

  it('sets the clock and tells how full the log is', async () => {
    bmc.setSensor('CPU Temp', 86)
    const info = await ipmitool('sel', 'info')
    expect(info).toMatch(/Entries +: 1\n/)
    expect(info).toMatch(/# Free Units +: 511\n/)
    expect(await ipmitool('sel', 'time', 'set', 'now')).toMatch(/^\d\d\/\d\d\/\d\d/)
  })
})

needs({ programs: ['ipmi-sensors', 'ipmi-sel'] }).describe(
  'freeipmi on our sensors and log',
  () => {
    const freeipmi = (program: string, ...words: string[]) =>
      run(programPath(program) ?? program, [
        ...`-D LAN_2_0 -I 17 -h 127.0.0.1:${bmc.address.port} -u ${USER} -p ${PASSWORD}`.split(' '),
        '-l',
        'ADMIN',
        `--sdr-cache-directory=${cache}`,
        '--sdr-cache-recreate',
        ...words,
      ])

    it('agrees on values, states and limits', async () => {
      bmc.setSensor('CPU Temp', 97)
      const { code, output } = await freeipmi(
        'ipmi-sensors',
        '--quiet-cache',
        '--output-sensor-state',
        '--output-sensor-thresholds',
        '--no-header-output',
      )
      expect(code).toBe(0)
      const table = rows(output)
      expect(table).toHaveLength(9)
      expect(table[0]?.slice(1)).toEqual(
        "Inlet Temp|Temperature|Nominal|23.00|C|N/A|-7.00|3.00|38.00|42.00|48.00|'OK'".split('|'),
      )
      expect(table[1]?.slice(1, 5)).toEqual(['CPU Temp', 'Temperature', 'Critical', '97.00'])
      expect(table[2]?.slice(1, 6)).toEqual(['P12V', 'Voltage', 'Nominal', '12.06', 'V'])
      expect(table[7]?.at(-1)).toBe("'Presence detected'")
    })

    it('agrees on the event log', async () => {
      bmc.setSensor('Fan 2', 540)
      const { code, output } = await freeipmi('ipmi-sel', '--quiet-cache', '--no-header-output')
      expect(code).toBe(0)
      expect(rows(output).map((cells) => cells.slice(3).join(', '))).toEqual([
        'Fan 2, Fan, Lower Non-critical - going low ; Sensor Reading = 540.00 RPM ; Threshold = 1200.00 RPM',
        'Fan 2, Fan, Lower Critical - going low ; Sensor Reading = 540.00 RPM ; Threshold = 600.00 RPM',
      ])
    })
  },
)

describe('our client on our sensors', () => {
  it('sweeps them, and says why there is no reading', async () => {
    const client = ourClient(bmc.address.port, 17)
    expect(await client.sensors?.read()).toMatchObject({
      ok: true,
      value: [
        { name: 'Inlet Temp', health: 'ok', reading: { value: 23, unit: '°C' } },
        { name: 'CPU Temp', reading: { value: 48 }, limits: { upperCritical: 95 } },
        { name: 'P12V', reading: { value: 12.06, unit: 'V' } },
        { name: 'Fan 1', reading: { value: 5400, unit: 'RPM' } },
        { name: 'Fan 2' },
        { name: 'Sled Power', reading: { value: 184, unit: 'W' } },
        { name: 'CPU', reading: { states: ['present'] } },
        { name: 'PSU', health: 'ok', reading: { states: ['present'] } },
        { name: 'Intrusion', reading: { states: [] } },
      ],
    })
    seen.power = 'off'
    const off = await client.sensors?.read()
    expect(off?.ok === true && off.value[1]).toMatchObject({
      health: 'unknown',
      reading: { kind: 'none', why: 'no reading available' },
    })
    await client.close()
  })
})
