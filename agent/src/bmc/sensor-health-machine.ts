import type { SensorHealth, SensorReading } from '@brickyard/bmc/sensors'

/** What is known of one sensor: what people were told, and what the last sweeps said. */
export interface SensorState {
  readonly told: SensorHealth
  readonly seen: SensorHealth
  /** Sweeps in a row that said `seen`. */
  readonly times: number
}

export type SensorStates = ReadonlyMap<string, SensorState>

/** A sensor whose health is to be told. */
export interface SensorChange {
  readonly sensor: string
  readonly health: SensorHealth
  /** In words: the value and its limit, the states, or why there is no reading. */
  readonly says: string
}

/** A value at its limit swings over it: worse is believed the second time, better the third. */
const SWEEPS_FOR_WORSE = 2
const SWEEPS_FOR_BETTER = 3
/** What cannot wait for a second look. */
const AT_ONCE: ReadonlySet<SensorHealth> = new Set(['critical', 'unrecoverable'])
const RANK: readonly SensorHealth[] = ['ok', 'unknown', 'warning', 'critical', 'unrecoverable']
/** More sensors than a server has; beyond it a BMC is not believed. */
const SENSORS_MAX = 512

/**
 * Takes one sweep over the sensors of a sled. A sensor that is gone from it, or gives no reading, is
 * `unknown`; while the sled is off most give none, and then such a sensor keeps what was known.
 */
export function takeSweep(
  before: SensorStates,
  sweep: readonly SensorReading[],
  isOn: boolean,
): { readonly states: SensorStates; readonly changes: readonly SensorChange[] } {
  const states = new Map<string, SensorState>()
  const changes: SensorChange[] = []
  const take = (sensor: string, health: SensorHealth, says: string): void => {
    const state = step(before.get(sensor), health)
    if (state.told !== (before.get(sensor)?.told ?? 'ok')) {
      changes.push({ sensor, health: state.told, says })
    }
    states.set(sensor, state)
  }
  for (const [sensor, reading] of namedReadings(sweep)) {
    const held = before.get(sensor)
    if (reading.reading.kind === 'none' && !isOn && held !== undefined) states.set(sensor, held)
    else take(sensor, healthOf(reading, isOn), inWords(reading))
  }
  for (const [sensor, held] of before) {
    if (states.has(sensor)) continue
    if (isOn) take(sensor, 'unknown', 'the BMC no longer names it')
    else states.set(sensor, held)
  }
  return { states, changes }
}

/** First sight of a sensor is believed to be well until sweeps say otherwise. */
function step(before: SensorState | undefined, health: SensorHealth): SensorState {
  const told = before?.told ?? 'ok'
  const times = before?.seen === health ? before.times + 1 : 1
  if (health === told) return { told, seen: health, times }
  const worse = RANK.indexOf(health) > RANK.indexOf(told)
  const needed = AT_ONCE.has(health) && worse ? 1 : worse ? SWEEPS_FOR_WORSE : SWEEPS_FOR_BETTER
  return { told: times >= needed ? health : told, seen: health, times }
}

/** Without a reading nothing is green; that a sled which is off has none is no news. */
const healthOf = ({ reading, health }: SensorReading, isOn: boolean): SensorHealth =>
  reading.kind === 'none' ? (isOn ? 'unknown' : 'ok') : health

/** Names are the maker's and not always unique: the second of a name is `NAME (2)`. */
export function namedReadings(sweep: readonly SensorReading[]): [string, SensorReading][] {
  const counts = new Map<string, number>()
  return sweep.slice(0, SENSORS_MAX).map((reading) => {
    const count = (counts.get(reading.name) ?? 0) + 1
    counts.set(reading.name, count)
    return [count === 1 ? reading.name : `${reading.name} (${count})`, reading]
  })
}

function inWords({ reading, limits }: SensorReading): string {
  switch (reading.kind) {
    case 'none':
      return `no reading: ${reading.why}`
    case 'states':
      return reading.states.length === 0 ? 'no state holds' : reading.states.join(', ')
    case 'value': {
      const limit = passedLimit(reading.value, limits)
      return `${reading.value} ${reading.unit}${limit === undefined ? '' : `, limit ${limit}`}`
    }
  }
}

function passedLimit(value: number, limits: SensorReading['limits']): number | undefined {
  const upper = [limits.upperUnrecoverable, limits.upperCritical, limits.upperWarning]
  const lower = [limits.lowerUnrecoverable, limits.lowerCritical, limits.lowerWarning]
  return (
    upper.find((limit) => limit !== undefined && value >= limit) ??
    lower.find((limit) => limit !== undefined && value <= limit)
  )
}
