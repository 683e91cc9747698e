import { encodeSdrRecord } from '@brickyard/ipmi/sdr-record'
import { ALONE } from '@brickyard/ipmi/sdr-sensor'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { needs } from '../needs.ts'
import { startIpmiSimulator, type IpmiSimulator } from './ipmi-sim-rig.ts'
import { ourClient } from './ipmi-rig.ts'

/** A record in the emulator's own language; it numbers the records itself. */
const sdrLine = (record: Uint8Array): string =>
  `main_sdr_add 0x20 ${Array.from(record, (byte) => `0x${byte.toString(16)}`).join(' ')}`

/** Written by hand from IPMI 2.0 §43.1: temperature, thresholds, unsigned °C, upper 80/96/112, 'CPUTMP'. */
const CPU_TEMPERATURE =
  'main_sdr_add 0x20 0x00 0x00 0x51 0x01 0x31 0x20 0x00 0x01 0x03 0x01 0x7f 0x68 0x01 0x01 0x00 0x7a ' +
  '0x00 0x7a 0x38 0x38 0x00 0x01 0x00 0x00 0x01 0x00 0x00 0x00 0x00 0x00 0x07 0x2a 0x60 0x10 0xff 0x00 ' +
  '0x70 0x60 0x50 0x00 0x00 0x00 0x02 0x02 0x00 0x00 0x00 0xc6 0x43 0x50 0x55 0x54 0x4d 0x50'

const SUPPLY = encodeSdrRecord(2, {
  kind: 'compact',
  owner: 0x20,
  ownerChannel: 0,
  ownerLun: 0,
  number: 2,
  entityId: 10,
  entityInstance: 1,
  sensorType: 8,
  eventType: 0x6f,
  name: 'PSU',
  unit: { percentage: false, base: 0, modifier: 0, modifierUse: 'none', rate: 0 },
  share: ALONE,
})

const EMULATED = [
  'sel_enable 0x20 1000 0x0a',
  'sensor_add 0x20 0 1 1 1',
  'sensor_set_threshold 0x20 0 1 settable 111000 0x70 0x60 0x50 0x00 0x00 0x00',
  'sensor_set_event_support 0x20 0 1 enable scanning per-state 000111111000000 000111111000000 000111111000000 000111111000000',
  'sensor_set_value 0x20 0 1 0x61 0',
  CPU_TEMPERATURE,
  'sensor_add 0x20 0 2 8 0x6f',
  'sensor_set_event_support 0x20 0 2 disable scanning per-state 000000000001001 000000000001001 000000000000000 000000000000000',
  'sensor_set_bit 0x20 0 2 0 1 0',
  'sensor_set_bit 0x20 0 2 3 1 0',
  sdrLine(SUPPLY),
  // Upper critical going high, reading 0x61, threshold 0x60.
  'sel_add 0x20 0x02 0x00 0x00 0x00 0x00 0x20 0x00 0x04 0x01 0x01 0x01 0x59 0x61 0x60',
  'sel_add 0x20 0x02 0x00 0x00 0x00 0x00 0x20 0x00 0x04 0x08 0x02 0x6f 0x03 0xff 0xff',
]

needs({ programs: ['ipmi_sim'] }).describe('our client on the sensors of ipmi_sim', () => {
  let simulator: IpmiSimulator
  beforeAll(async () => {
    simulator = await startIpmiSimulator({ emulated: EMULATED })
  })
  afterAll(() => simulator.stop())

  it('reads values, states, limits and health', async () => {
    const client = ourClient(simulator.port, 3)
    const swept = await client.sensors?.read()
    expect(swept).toMatchObject({
      ok: true,
      value: [
        {
          name: 'CPUTMP',
          kind: 'temperature',
          health: 'critical',
          reading: { kind: 'value', value: 97, unit: '°C' },
          limits: { upperWarning: 80, upperCritical: 96, upperUnrecoverable: 112 },
        },
        {
          name: 'PSU',
          kind: 'power supply',
          health: 'critical',
          reading: { kind: 'states', states: ['present', 'input lost'] },
        },
      ],
    })
    await client.close()
  })

  it('reads the event log in words, clears it, and does not lose what came meanwhile', async () => {
    const client = ourClient(simulator.port, 3)
    expect(await client.log?.read({ entriesMax: 1 })).toMatchObject({
      ok: true,
      value: { entries: [{ id: '1' }], more: true },
    })
    const log = await client.log?.read({ entriesMax: 1 })
    if (log?.ok !== true) throw new Error('no log')
    expect(log.value.overflowed).toBe(false)
    expect(log.value.entries.map(({ text, health }) => [text, health])).toEqual([
      [
        "temperature 'CPUTMP': upper critical going high, reading 97 °C, threshold 96 °C",
        'critical',
      ],
      ["power supply 'PSU': input lost", 'critical'],
    ])
    expect(await client.log?.clear(log.value)).toEqual({ ok: true, value: undefined })
    expect(await client.log?.read()).toMatchObject({ ok: true, value: { entries: [] } })
    await client.close()
  })
})
