import type { SdrRepository } from '@brickyard/ipmi/sdr-walk'
import { readSdrRepository, sdrRepositoryInfo } from '@brickyard/ipmi/sdr-walk'
import { sensorTypeText } from '@brickyard/ipmi/event-words'
import {
  listSensors,
  sweepSensors,
  type ListedSensor,
  type SensorState,
} from '@brickyard/ipmi/sensor-sweep'
import type { Clock } from '@brickyard/runtime/clock'
import { ok, type Result } from '@brickyard/std/result'
import type { BmcFault } from '../fault.ts'
import type { SensorReader, SensorReading } from '../sensors.ts'
import { hold } from './ipmi-conversation.ts'
import type { IpmiSession } from './ipmi-session.ts'

/** The sensor records of one BMC, read once and again only when the BMC says they changed. */
export interface IpmiSensorRecords {
  read(): Promise<Result<SensorRecords, BmcFault>>
}

export interface SensorRecords {
  readonly repository: SdrRepository
  readonly sensors: readonly ListedSensor[]
}

export function createSensorRecords(session: IpmiSession, clock: Clock): IpmiSensorRecords {
  let known: SensorRecords | undefined
  return {
    async read() {
      if (known !== undefined) {
        const info = await hold(session, clock, sdrRepositoryInfo())
        if (!info.ok) return info
        const before = known.repository.info
        const { records, addedAtS, erasedAtS } = info.value
        const same =
          records === before.records &&
          addedAtS === before.addedAtS &&
          erasedAtS === before.erasedAtS
        if (same) return ok(known)
      }
      const repository = await hold(session, clock, readSdrRepository())
      if (!repository.ok) return repository
      const sensors = await hold(session, clock, listSensors(repository.value.records))
      if (!sensors.ok) return sensors
      known = { repository: repository.value, sensors: sensors.value }
      return ok(known)
    },
  }
}

/** Sensors by their data records and Get Sensor Reading. */
export const createIpmiSensors = (
  session: IpmiSession,
  clock: Clock,
  records: IpmiSensorRecords,
): SensorReader => ({
  async read() {
    const listed = await records.read()
    if (!listed.ok) return listed
    const states = await hold(session, clock, sweepSensors(listed.value.sensors))
    return states.ok ? ok(states.value.map(readingOf)) : states
  },
})

function readingOf(state: SensorState): SensorReading {
  const { sensor, health, reading, thresholds } = state
  return {
    name: sensor.name,
    kind: sensorTypeText(sensor.sensorType),
    health,
    reading:
      reading.kind === 'value'
        ? { kind: 'value', value: reading.value, unit: reading.unit }
        : reading.kind === 'states'
          ? { kind: 'states', states: reading.states }
          : reading,
    limits: {
      lowerWarning: thresholds.lowerNonCritical,
      lowerCritical: thresholds.lowerCritical,
      lowerUnrecoverable: thresholds.lowerNonRecoverable,
      upperWarning: thresholds.upperNonCritical,
      upperCritical: thresholds.upperCritical,
      upperUnrecoverable: thresholds.upperNonRecoverable,
    },
  }
}
