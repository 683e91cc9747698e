import type { Bmc } from '@brickyard/bmc/bmc'
import type { SensorReading } from '@brickyard/bmc/sensors'
import type { BmcFault } from '@brickyard/bmc/fault'
import type { SledName } from '@brickyard/model/names'
import type { Clock } from '@brickyard/runtime/clock'
import type { Reading, SensorDetail } from '@brickyard/protocol/frames'
import { ok, type Result } from '@brickyard/std/result'
import { Hours } from '@brickyard/std/units'
import type { ReadingsBuffer } from '../hub-link/readings-buffer.ts'
import type { Troubles } from '../troubles.ts'
import type { BmcDesk } from './bmc-desk.ts'
import { type BmcPoll, createBmcPoll } from './bmc-poll.ts'
import { namedReadings, type SensorStates, takeSweep } from './sensor-health-machine.ts'

/** Every sensor goes up as a reading; these many of one sled at most. */
const READINGS_MAX = 64
const KEY_CHARS_MAX = 200
const UNIT_CHARS_MAX = 20
const TEXT_CHARS_MAX = 200
/** A BMC that has no power reading is not asked for one every time. */
const NO_DRAW_HOLD_MS = Hours(1)

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
  const { desk, clock, readings, troubles } = parts
  const known = new Map<SledName, SensorStates>()
  const noDrawUntilMs = new Map<SledName, number>()

  function take(sled: SledName, sweep: readonly SensorReading[]): void {
    for (const [name, sensor] of namedReadings(sweep).slice(0, READINGS_MAX)) {
      const { value, unit } = valueOf(sensor)
      const key = `sled/${sled}/sensor/${name}`.slice(0, KEY_CHARS_MAX)
      readings.put(key, value, unit, detailOf(sensor))
    }
    const before = known.get(sled) ?? new Map()
    const { states, changes } = takeSweep(before, sweep, parts.isOn(sled))
    known.set(sled, states)
    for (const { sensor, health, says } of changes) {
      const reason = health === 'ok' ? undefined : `it is ${health}: ${says}`
      troubles.set(nameOf(sled, sensor), reason)
    }
  }

  async function readDraw(sled: SledName): Promise<void> {
    const nowMs = clock.monotonicMs()
    if (nowMs < (noDrawUntilMs.get(sled) ?? 0)) return
    const draw = await desk.with(sled, drawOf)
    if (draw.ok && draw.value !== undefined) {
      readings.put(`sled/${sled}/watts`, draw.value, 'W')
    } else if (draw.ok || draw.error.kind === 'refused') {
      noDrawUntilMs.set(sled, nowMs + NO_DRAW_HOLD_MS)
    }
  }

  const poll = createBmcPoll({
    ...parts,
    async read(sled) {
      const sweep = await desk.with(sled, readAll)
      if (sweep.ok) await readDraw(sled)
      return sweep
    },
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
    soon: (sled, delayMs) => poll.soon(sled, delayMs),
    stop: () => poll.stop(),
  }
}

const nameOf = (sled: SledName, sensor: string): string => `sensor ${sensor} of ${sled}`

/** A driver that reads no sensors has an empty sweep. */
const readAll = async ({ sensors }: Bmc): Promise<Result<readonly SensorReading[], BmcFault>> =>
  sensors === undefined ? ok([]) : sensors.read()

/** What the sled draws by its BMC's own meter; undefined where it has none. */
const drawOf = async ({ powerLimit }: Bmc): Promise<Result<number | undefined, BmcFault>> => {
  if (powerLimit === undefined) return ok(undefined)
  const draw = await powerLimit.readDraw()
  return draw.ok ? ok(draw.value.watts) : draw
}

function valueOf({ reading }: SensorReading): Pick<Reading, 'value' | 'unit'> {
  switch (reading.kind) {
    case 'value':
      return { value: reading.value, unit: reading.unit.slice(0, UNIT_CHARS_MAX) }
    case 'states':
      return { value: reading.states.join(', ').slice(0, TEXT_CHARS_MAX), unit: null }
    case 'none':
      return { value: null, unit: null }
  }
}

function detailOf({ kind, health, reading, limits }: SensorReading): SensorDetail {
  const set = Object.entries(limits).filter((one): one is [string, number] => one[1] !== undefined)
  const detail = { kind: kind.slice(0, 80), health, limits: Object.fromEntries(set) }
  return reading.kind === 'none'
    ? { ...detail, health: 'unknown', why: reading.why.slice(0, TEXT_CHARS_MAX) }
    : detail
}
