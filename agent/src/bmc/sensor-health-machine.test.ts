import type { SensorHealth, SensorReading } from '@brickyard/bmc/sensors'
import { describe, expect, it } from 'vitest'
import { type SensorChange, type SensorStates, takeSweep } from './sensor-health-machine.ts'

const sensor = (
  health: SensorHealth,
  value: number | null = 40,
  name = 'Inlet Temp',
): SensorReading => ({
  name,
  kind: 'temperature',
  health,
  reading:
    value === null ? { kind: 'none', why: 'powered off' } : { kind: 'value', value, unit: '°C' },
  limits: { upperWarning: 42, upperCritical: 47 },
})

/** What is told after each of the sweeps. */
function told(sweeps: readonly (readonly SensorReading[])[], isOn = true): SensorChange[][] {
  let states: SensorStates = new Map()
  return sweeps.map((sweep) => {
    const taken = takeSweep(states, sweep, isOn)
    states = taken.states
    return [...taken.changes]
  })
}
const healths = (changes: SensorChange[][]): string[] =>
  changes.map((one) => one.map(({ health }) => health).join())

describe('the health of sensors', () => {
  it('is told at the second warning and lifted at the third good sweep', () => {
    const [good, warm] = [[sensor('ok')], [sensor('warning', 43)]]
    const all = told([good, warm, good, warm, warm, good, good, good, good])
    expect(healths(all)).toEqual(['', '', '', '', 'warning', '', '', 'ok', ''])
    expect(all[4]).toEqual([{ sensor: 'Inlet Temp', health: 'warning', says: '43 °C, limit 42' }])
  })

  it('does not wait for a second look at what is critical', () => {
    expect(healths(told([[sensor('critical', 50)]]))).toEqual(['critical'])
    const rising = told([
      [sensor('warning', 43)],
      [sensor('critical', 50)],
      [sensor('warning', 43)],
    ])
    expect(healths(rising)).toEqual(['', 'critical', ''])
  })

  it('is unknown when the reading is lost, and when the sensor is', () => {
    const lost = [sensor('ok', null)]
    expect(healths(told([[sensor('ok')], lost, lost]))).toEqual(['', '', 'unknown'])
    const gone = told([[sensor('ok')], [], []])
    expect(gone[2]).toEqual([
      { sensor: 'Inlet Temp', health: 'unknown', says: 'the BMC no longer names it' },
    ])
  })

  it('keeps quiet about sensors that have no reading while the sled is off', () => {
    const lost = [sensor('ok', null)]
    expect(healths(told([lost, lost, lost, []], false))).toEqual(['', '', '', ''])
    const warm = [sensor('critical', 50)]
    let states = takeSweep(new Map(), warm, true).states
    states = takeSweep(states, lost, false).states
    expect(states.get('Inlet Temp')?.told).toBe('critical')
  })

  it('tells two sensors of one name apart', () => {
    const sweep = [sensor('ok'), sensor('critical', 50)]
    expect(told([sweep])[0]?.map((change) => change.sensor)).toEqual(['Inlet Temp (2)'])
  })
})
