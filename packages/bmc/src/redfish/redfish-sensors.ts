import { membersIn, resourcesOf } from '@brickyard/redfish/collection'
import type { JsonObject } from '@brickyard/redfish/loose-json'
import type { Chassis } from '@brickyard/redfish/resources/chassis'
import { parsePower, type PowerSupply } from '@brickyard/redfish/resources/power'
import { parsePowerSubsystem, parsePowerSupply } from '@brickyard/redfish/resources/power-subsystem'
import { parseSensor, type Reading } from '@brickyard/redfish/resources/sensor'
import { parseThermal } from '@brickyard/redfish/resources/thermal'
import { err, ok, type Result } from '@brickyard/std/result'
import type { BmcFault } from '../fault.ts'
import type { SensorHealth, SensorReader, SensorReading } from '../sensors.ts'
import { named, type RedfishSession } from './redfish-session.ts'

/** Sensors read of one sled; the fullest real ones have about 200. */
const SENSORS_MAX = 512
const SUPPLIES_MAX = 16

type Found = Result<readonly SensorReading[], BmcFault>

/**
 * Readings of the chassis. The old form (Thermal and Power) gives all in two requests and goes first;
 * the new one (Sensors) takes one per sensor, unless the service sends members along. That an
 * old form is linked and gives nothing is remembered.
 */
export function createRedfishSensors(session: RedfishSession): SensorReader {
  let oldFormIsEmpty = false

  async function get(path: string | undefined): Promise<Result<JsonObject | undefined, BmcFault>> {
    if (path === undefined) return ok(undefined)
    const answer = await session.client.get(path)
    if (answer.ok) return ok(answer.value.body)
    const { kind } = answer.error
    return kind === 'refused' || kind === 'protocol'
      ? ok(undefined)
      : err(named(answer.error, undefined))
  }

  async function byOldForm(chassis: Chassis): Promise<Found> {
    const thermal = await get(chassis.thermal)
    if (!thermal.ok) return thermal
    const power = await get(chassis.power)
    if (!power.ok) return power
    const voltages = power.value === undefined ? undefined : parsePower(power.value)
    const readings = [
      ...(thermal.value === undefined ? [] : parseThermal(thermal.value)),
      ...(voltages?.voltages ?? []),
    ]
    return ok([...readings.map(sensorOf), ...(voltages?.supplies ?? []).map(supplyOf)])
  }

  async function byNewForm(chassis: Chassis): Promise<Found> {
    const where = await session.whereabouts()
    if (!where.ok) return where
    const sensors =
      chassis.sensors === undefined
        ? ok([])
        : await all(chassis.sensors, SENSORS_MAX, where.value.root.expandsMembers)
    if (!sensors.ok) return sensors
    const subsystem = await get(chassis.powerSubsystem)
    if (!subsystem.ok) return subsystem
    const path =
      subsystem.value === undefined ? undefined : parsePowerSubsystem(subsystem.value).powerSupplies
    const supplies = path === undefined ? ok([]) : await all(path, SUPPLIES_MAX, false)
    if (!supplies.ok) return supplies
    return ok([
      ...sensors.value.map((body) => sensorOf(parseSensor(body))),
      ...supplies.value.map((body) => supplyOf(parsePowerSupply(body))),
    ])
  }

  async function all(
    path: string,
    membersMax: number,
    expand: boolean,
  ): Promise<Result<readonly JsonObject[], BmcFault>> {
    if (expand) {
      const answer = await session.client.get(`${path}?$expand=.($levels=1)`)
      const bodies = answer.ok ? membersIn(answer.value.body).map(({ body }) => body) : []
      const whole = bodies.filter((body) => body !== undefined)
      const more = answer.ok && answer.value.body['Members@odata.nextLink'] !== undefined
      if (whole.length > 0 && whole.length === bodies.length && !more) return ok(whole)
    }
    const found = await resourcesOf(session.client, path, membersMax)
    return found.ok ? ok(found.value.map(({ body }) => body)) : err(named(found.error, undefined))
  }

  return {
    async read() {
      const chassis = await session.chassis()
      if (!chassis.ok) return chassis
      const { value } = chassis.value
      if (!oldFormIsEmpty && (value.thermal ?? value.power) !== undefined) {
        const found = await byOldForm(value)
        if (!found.ok || found.value.length > 0) return found
      }
      const found = await byNewForm(value)
      if (found.ok && found.value.length > 0) oldFormIsEmpty = true
      return found
    },
  }
}

const HEALTHS: Readonly<Record<'ok' | 'warning' | 'critical', SensorHealth>> = {
  ok: 'ok',
  warning: 'warning',
  critical: 'critical',
}

const UNITS: Readonly<Record<string, string>> = { Cel: '°C', RPM: 'RPM', '%': '%' }

function sensorOf({ name, kind, value, unit, status, thresholds }: Reading): SensorReading {
  const state = status.state === undefined || status.state === 'Enabled' ? undefined : status.state
  return {
    name,
    kind,
    health: status.health === undefined ? 'unknown' : HEALTHS[status.health],
    reading:
      value === undefined
        ? { kind: 'none', why: state ?? 'the BMC gives no reading' }
        : { kind: 'value', value, unit: UNITS[unit ?? ''] ?? unit ?? '' },
    limits: {
      lowerWarning: thresholds.lowerWarning,
      lowerCritical: thresholds.lowerCritical,
      lowerUnrecoverable: thresholds.lowerFatal,
      upperWarning: thresholds.upperWarning,
      upperCritical: thresholds.upperCritical,
      upperUnrecoverable: thresholds.upperFatal,
    },
  }
}

const supplyOf = ({ name, status }: PowerSupply): SensorReading => ({
  name,
  kind: 'power supply',
  health: status.health === undefined ? 'unknown' : HEALTHS[status.health],
  reading: { kind: 'states', states: status.state === undefined ? [] : [status.state] },
  limits: {},
})
