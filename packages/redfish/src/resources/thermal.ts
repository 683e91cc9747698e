import { fieldOf, listOf, numberOf, textOf, type JsonObject } from '../loose-json.ts'
import { oldThresholds, valueOf, type Reading } from './sensor.ts'
import { isAbsent, statusOf } from './status.ts'

/** `Thermal`, the old form: temperatures and fans in one resource. Absent parts are left out. */
export const parseThermal = (body: JsonObject): readonly Reading[] =>
  [
    ...listOf(body['Temperatures']).map((one) => ({
      name: nameOf(one),
      kind: 'temperature' as const,
      value: valueOf(fieldOf(one, 'ReadingCelsius'), statusOf(one)),
      unit: 'Cel',
      status: statusOf(one),
      thresholds: oldThresholds(one),
    })),
    ...listOf(body['Fans']).map((one) => ({
      name: nameOf(one),
      kind: 'fan' as const,
      // The oldest services write ReadingRPM and CurrentReading.
      value: valueOf(
        fieldOf(one, 'Reading') ?? fieldOf(one, 'ReadingRPM') ?? fieldOf(one, 'CurrentReading'),
        statusOf(one),
      ),
      unit: fanUnitOf(one),
      status: statusOf(one),
      thresholds: oldThresholds(one),
    })),
  ].filter(({ status }) => !isAbsent(status))

export const nameOf = (one: unknown): string =>
  textOf(fieldOf(one, 'Name')) ??
  textOf(fieldOf(one, 'FanName')) ??
  textOf(fieldOf(one, 'MemberId')) ??
  'unnamed'

function fanUnitOf(fan: unknown): string | undefined {
  const unit = textOf(fieldOf(fan, 'ReadingUnits')) ?? textOf(fieldOf(fan, 'Units'))
  if (unit === undefined)
    return numberOf(fieldOf(fan, 'ReadingRPM')) === undefined ? undefined : 'RPM'
  return unit.toLowerCase() === 'percent' ? '%' : unit
}
