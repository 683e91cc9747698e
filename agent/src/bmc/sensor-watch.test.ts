import type { Bmc } from '@brickyard/bmc/bmc'
import type { SensorReading } from '@brickyard/bmc/sensors'
import type { SledName } from '@brickyard/model/names'
import { virtualClock } from '@brickyard/sim/virtual-clock'
import { err, ok } from '@brickyard/std/result'
import { Minutes } from '@brickyard/std/units'
import { expect, it } from 'vitest'
import type { BmcDesk } from './bmc-desk.ts'
import { createSensorWatch } from './sensor-watch.ts'

const RPM = { kind: 'value', unit: 'RPM' } as const
const SLED = 'sled-01' as SledName

it('puts values into readings and tells of a health that changed, once, until it is well', async () => {
  const clock = virtualClock()
  let sweep: SensorReading[] | undefined
  const set = (value: number, health: SensorReading['health']): void => {
    const reading = { ...RPM, value }
    sweep = [{ name: 'FAN 1', kind: 'fan', health, reading, limits: { lowerCritical: 500 } }]
  }
  const desk: Pick<BmcDesk, 'with'> = {
    with: (_, work) =>
      work({
        sensors: {
          read: async () =>
            sweep === undefined ? err({ kind: 'timeout', message: 'silent' }) : ok(sweep),
        },
      } as Bmc),
  }
  const values: [string, unknown, string | null][] = []
  const told: [string, string | undefined][] = []
  const watch = createSensorWatch({
    desk,
    clock,
    everyMs: Minutes(1),
    readings: { put: (key, value, unit) => void values.push([key, value, unit]) },
    troubles: { set: (what, reason) => void told.push([what, reason]) },
    isOn: () => true,
  })
  watch.watch([SLED])
  set(4000, 'ok')
  await clock.advance(Minutes(2))
  expect(values.at(-1)).toEqual(['sled/sled-01/sensor/FAN 1', 4000, 'RPM'])
  expect(told).toEqual([])
  set(300, 'critical')
  await clock.advance(Minutes(5))
  sweep = undefined
  await clock.advance(Minutes(5))
  set(4000, 'ok')
  await clock.advance(Minutes(30))
  expect(told).toEqual([
    ['sensor FAN 1 of sled-01', 'it is critical: 300 RPM, limit 500'],
    ['sensor FAN 1 of sled-01', undefined],
  ])
  const fan = { name: 'FAN 1', kind: 'fan', health: 'ok', limits: {} } as const
  sweep = [
    { ...fan, reading: { ...RPM, value: 4000 } },
    { ...fan, reading: { ...RPM, value: 3900 } },
  ]
  await clock.advance(Minutes(1))
  const second = values.findLast(([key]) => key === 'sled/sled-01/sensor/FAN 1 (2)')
  expect(second).toEqual(['sled/sled-01/sensor/FAN 1 (2)', 3900, 'RPM'])
  told.length = 0
  watch.watch([])
  expect(told).toContainEqual(['sensor FAN 1 of sled-01', undefined])
  watch.stop()
  expect(clock.timerCount).toBe(0)
})

it('shows a sensor without a reading as unknown, with the reason, and the power it draws', async () => {
  const clock = virtualClock()
  const sweep: SensorReading[] = [
    { name: 'P1', kind: 'fan', health: 'ok', reading: { kind: 'none', why: 'absent' }, limits: {} },
    {
      name: 'T1',
      kind: 'temperature',
      health: 'ok',
      reading: { kind: 'value', value: 41, unit: '°C' },
      limits: { upperCritical: 90 },
    },
    {
      name: 'S1',
      kind: 'power supply',
      health: 'ok',
      reading: { kind: 'states', states: ['present'] },
      limits: {},
    },
  ]
  const refused = async () => err({ kind: 'refused', message: 'not scripted' } as const)
  let draws = 0
  let watts: number | undefined = 180
  const powerLimit = {
    readDraw: async () => {
      draws += 1
      return watts === undefined
        ? err({ kind: 'refused', message: 'no meter' } as const)
        : ok({
            watts,
            wattsMin: undefined,
            wattsMax: undefined,
            wattsAverage: undefined,
            periodMs: undefined,
          })
    },
  }
  const bmc: Pick<Bmc, 'sensors' | 'powerLimit'> = {
    sensors: { read: async () => ok(sweep) },
    powerLimit: { ...powerLimit, readLimit: refused, setLimit: refused },
  }
  const desk: Pick<BmcDesk, 'with'> = {
    with: (_, work) => work(bmc as Bmc),
  }
  const put = new Map<string, unknown[]>()
  const watch = createSensorWatch({
    desk,
    clock,
    everyMs: Minutes(1),
    readings: { put: (key, ...rest) => void put.set(key.slice('sled/sled-01/'.length), rest) },
    troubles: { set: () => undefined },
    isOn: () => true,
  })
  watch.watch([SLED])
  await clock.advance(Minutes(2))
  expect(Object.fromEntries(put)).toEqual(
    Object.fromEntries([
      ['sensor/P1', [null, null, { kind: 'fan', health: 'unknown', limits: {}, why: 'absent' }]],
      [
        'sensor/T1',
        [41, '°C', { kind: 'temperature', health: 'ok', limits: { upperCritical: 90 } }],
      ],
      ['sensor/S1', ['present', null, { kind: 'power supply', health: 'ok', limits: {} }]],
      ['watts', [180, 'W']],
    ]),
  )
  expect(draws).toBe(3)
  watts = undefined
  await clock.advance(Minutes(30))
  expect(draws).toBe(4)
  watch.stop()
})
