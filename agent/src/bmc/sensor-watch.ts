import type { Bmc } from '@brickyard/bmc/bmc'
import type { SensorReading } from '@brickyard/bmc/sensors'
import type { BmcFault } from '@brickyard/bmc/fault'
import type { SledName } from '@brickyard/model/names'
import type { Clock } from '@brickyard/runtime/clock'
import { ok, type Result } from '@brickyard/std/result'
import type { ReadingsBuffer } from '../hub-link/readings-buffer.ts'
import type { Troubles } from '../troubles.ts'
import type { BmcDesk } from './bmc-desk.ts'
import { type BmcPoll, createBmcPoll } from './bmc-poll.ts'
import { namedReadings, type SensorStates, takeSweep } from './sensor-health-machine.ts'

/** A value of every sensor goes up as a reading; these many of one sled at most. */
const READINGS_MAX = 64

export interface SensorWatchParts {
  readonly desk: Pick<BmcDesk, 'with'>
  readonly clock: Clock
  readonly everyMs: number
  readonly readings: Pick<ReadingsBuffer, 'put'>
  readonly troubles: Pick<Troubles, 'set'>
  readonly isOn: (sled: SledName) => boolean
}

/** Sweeps the sensors of every sled: values become readings, health that changed a trouble told once. */
export function createSensorWatch(parts: SensorWatchParts): BmcPoll {
  const { desk, readings, troubles } = parts
  const known = new Map<SledName, SensorStates>()

  function take(sled: SledName, sweep: readonly SensorReading[]): void {
    for (const [name, { reading }] of namedReadings(sweep).slice(0, READINGS_MAX)) {
      if (reading.kind === 'value') {
        readings.put(`sled/${sled}/sensor/${name}`, reading.value, reading.unit)
      }
    }
    const before = known.get(sled) ?? new Map()
    const { states, changes } = takeSweep(before, sweep, parts.isOn(sled))
    known.set(sled, states)
    for (const { sensor, health, says } of changes) {
      const reason = health === 'ok' ? undefined : `it is ${health}: ${says}`
      troubles.set(nameOf(sled, sensor), reason)
    }
  }

  const poll = createBmcPoll({
    ...parts,
    read: (sled) => desk.with(sled, readAll),
    // That a BMC does not answer is told by its power already.
    report(sled, sweep) {
      if (sweep.ok) take(sled, sweep.value)
    },
  })
  return {
    watch(sleds) {
      for (const [sled, states] of known) {
        if (sleds.includes(sled)) continue
        known.delete(sled)
        for (const sensor of states.keys()) troubles.set(nameOf(sled, sensor), undefined)
      }
      poll.watch(sleds)
    },
    stop: () => poll.stop(),
  }
}

const nameOf = (sled: SledName, sensor: string): string => `sensor ${sensor} of ${sled}`

/** A driver that reads no sensors has an empty sweep. */
const readAll = async ({ sensors }: Bmc): Promise<Result<readonly SensorReading[], BmcFault>> =>
  sensors === undefined ? ok([]) : sensors.read()
