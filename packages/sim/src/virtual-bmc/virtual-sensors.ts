import {
  createSensorDevice,
  measure,
  type Measured,
  type SensorChange,
  type SensorDevice,
} from '@brickyard/ipmi/bmc-sensors'
import { THRESHOLDS, type ThresholdName } from '@brickyard/ipmi/commands/sensor-thresholds'
import { EVENT_TYPE_SENSOR_SPECIFIC, EVENT_TYPE_THRESHOLD } from '@brickyard/ipmi/event-words'
import type { SdrRecord } from '@brickyard/ipmi/sdr-record'
import { ALONE, type CompactSensor, type FullSensor } from '@brickyard/ipmi/sdr-sensor'
import { convertRaw, nearestRaw, type ReadingFactors } from '@brickyard/ipmi/sensor-conversion'
import { UNIT, type SensorUnit } from '@brickyard/ipmi/sensor-unit'

/** Sensor types and entities (IPMI 2.0 tables 42-3 and 43-13) of a half-width sled. */
const KIND = {
  temperature: 1,
  voltage: 2,
  fan: 4,
  intrusion: 5,
  processor: 7,
  supply: 8,
  watts: 11,
}
const ENTITY = { processor: 3, board: 7, supply: 10, chassis: 23, fan: 29, airInlet: 55 }
const BMC = { owner: 0x20, ownerChannel: 0, ownerLun: 0 } as const
/** What a sensor may report when somebody changes its thresholds: all of them. */
const ALL_SETTABLE = 0x3f

/** A sensor of a virtual sled, with what it reads while the host has power and while not. */
export interface VirtualSensor {
  readonly record: FullSensor | CompactSensor
  /** A value in the sensor's unit or a mask of states; undefined: no reading. */
  readonly whileOn: number | undefined
  readonly whileOff: number | undefined
}

type Limits = Readonly<Partial<Record<ThresholdName, number>>>

const factors = (m: number, resultExponent: number, format: ReadingFactors['format']) => ({
  format,
  linearization: 'linear' as const,
  m,
  b: 0,
  bExponent: 0,
  resultExponent,
  tolerance: 0,
})

/** Whole degrees from −128 to 127; 60 mV; 60 revolutions; 4 W: what one byte must carry. */
const SCALE = {
  celsius: factors(1, 0, 'twos-complement'),
  volts: factors(6, -2, 'unsigned'),
  rpm: factors(60, 0, 'unsigned'),
  watts: factors(4, 0, 'unsigned'),
} as const

function analog(
  number: number,
  name: string,
  what: { readonly type: number; readonly entity: number; readonly scale: keyof typeof SCALE },
  limits: Limits,
): FullSensor {
  const scale: ReadingFactors = SCALE[what.scale]
  const thresholds: Partial<Record<ThresholdName, number>> = {}
  for (const threshold of THRESHOLDS) {
    const limit = limits[threshold]
    if (limit !== undefined) thresholds[threshold] = nearestRaw(scale, limit)
  }
  return {
    kind: 'full',
    ...BMC,
    number,
    entityId: what.entity,
    entityInstance: 1,
    sensorType: what.type,
    eventType: EVENT_TYPE_THRESHOLD,
    name,
    unit: unit(UNIT[what.scale]),
    factors: scale,
    thresholds,
    settable: ALL_SETTABLE,
    hysteresis: { positive: 1, negative: 1 },
  }
}

const unit = (base: number): SensorUnit => ({
  percentage: false,
  base,
  modifier: 0,
  modifierUse: 'none',
  rate: 0,
})

const discrete = (number: number, name: string, sensorType: number, entityId: number) =>
  ({
    kind: 'compact',
    ...BMC,
    number,
    entityId,
    entityInstance: 1,
    sensorType,
    eventType: EVENT_TYPE_SENSOR_SPECIFIC,
    name,
    unit: unit(UNIT.unspecified),
    share: ALONE,
  }) as const

const warm = { type: KIND.temperature, scale: 'celsius' } as const
const spin = { type: KIND.fan, scale: 'rpm', entity: ENTITY.fan } as const
const fan: Limits = { lowerNonCritical: 1200, lowerCritical: 600 }

/** The sensor of what the sled draws. */
export const POWER_SENSOR = 'Sled Power'

/** What a half-width sled measures. */
export const sledSensors = (): readonly VirtualSensor[] => [
  {
    record: analog(
      1,
      'Inlet Temp',
      { ...warm, entity: ENTITY.airInlet },
      {
        lowerCritical: -7,
        lowerNonCritical: 3,
        upperNonCritical: 38,
        upperCritical: 42,
        upperNonRecoverable: 48,
      },
    ),
    whileOn: 23,
    whileOff: 21,
  },
  {
    record: analog(
      2,
      'CPU Temp',
      { ...warm, entity: ENTITY.processor },
      {
        upperNonCritical: 85,
        upperCritical: 95,
        upperNonRecoverable: 100,
      },
    ),
    whileOn: 48,
    whileOff: undefined,
  },
  {
    record: analog(
      3,
      'P12V',
      { type: KIND.voltage, scale: 'volts', entity: ENTITY.board },
      {
        lowerCritical: 10.8,
        lowerNonCritical: 11.4,
        upperNonCritical: 12.6,
        upperCritical: 13.2,
      },
    ),
    whileOn: 12.06,
    whileOff: undefined,
  },
  { record: analog(4, 'Fan 1', spin, fan), whileOn: 5400, whileOff: undefined },
  { record: analog(5, 'Fan 2', spin, fan), whileOn: 5280, whileOff: undefined },
  {
    record: analog(
      6,
      'Sled Power',
      { type: KIND.watts, scale: 'watts', entity: ENTITY.board },
      {
        upperNonCritical: 400,
      },
    ),
    whileOn: 184,
    whileOff: 8,
  },
  // Bit 7 is "processor present", bit 0 "supply present", no bit "not opened" (table 42-3).
  { record: discrete(7, 'CPU', KIND.processor, ENTITY.processor), whileOn: 0x80, whileOff: 0x80 },
  { record: discrete(8, 'PSU', KIND.supply, ENTITY.supply), whileOn: 0x01, whileOff: 0x01 },
  { record: discrete(9, 'Intrusion', KIND.intrusion, ENTITY.chassis), whileOn: 0, whileOff: 0 },
]

/** The BMC itself, which consoles look for when they read inventories (§43.9). */
const ITSELF: SdrRecord = {
  kind: 'controller-locator',
  address: 0x20,
  channel: 0,
  capabilities: 0x8f,
  entityId: 6,
  entityInstance: 1,
  name: 'BMC',
}

export interface SensorBank {
  device(): SensorDevice
  replace(device: SensorDevice): void
  /** Readings as they are with the host's present power, but for those set by hand. */
  follow(powered: boolean): readonly SensorChange[]
  /** The value a sensor shows now; undefined when it has none. */
  value(name: string): number | undefined
  /** Sets a sensor by hand: a value in its unit, a mask of states, or no reading. Unknown names throw. */
  set(name: string, reading: number | undefined): readonly SensorChange[]
}

export function createSensorBank(sensors: readonly VirtualSensor[], nowS: number): SensorBank {
  let device = createSensorDevice([ITSELF, ...sensors.map(({ record }) => record)], nowS)
  let powered: boolean | undefined
  const byHand = new Set<string>()

  function read(sensor: VirtualSensor, reading: number | undefined): readonly SensorChange[] {
    const measured = measure(device, sensor.record.number, measuredOf(sensor.record, reading))
    device = measured.device
    return measured.changes
  }
  return {
    device: () => device,
    replace(next) {
      device = next
    },
    follow(now) {
      if (now === powered) return []
      const first = powered === undefined
      powered = now
      const changes = sensors
        .filter(({ record }) => !byHand.has(record.name))
        .flatMap((sensor) => read(sensor, now ? sensor.whileOn : sensor.whileOff))
      // What is there when the BMC starts has not just happened.
      return first ? [] : changes
    },
    value(name) {
      const record = sensors.find((sensor) => sensor.record.name === name)?.record
      const reading = record === undefined ? undefined : device.readings.get(record.number)
      if (record?.kind !== 'full' || record.factors === undefined) return undefined
      return reading === undefined || reading.unavailable
        ? undefined
        : convertRaw(record.factors, reading.raw)
    },
    set(name, reading) {
      const sensor = sensors.find(({ record }) => record.name === name)
      if (sensor === undefined) throw new Error(`the virtual BMC has no sensor '${name}'`)
      byHand.add(name)
      return read(sensor, reading)
    },
  }
}

function measuredOf(record: FullSensor | CompactSensor, reading: number | undefined): Measured {
  if (reading === undefined) return { unavailable: true }
  if (record.kind === 'compact' || record.factors === undefined) return { states: reading }
  return { raw: nearestRaw(record.factors, reading) }
}
