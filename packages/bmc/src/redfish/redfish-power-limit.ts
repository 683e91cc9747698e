import { parseEnvironmentMetrics } from '@brickyard/redfish/resources/environment-metrics'
import { parsePower, type PowerControlReading } from '@brickyard/redfish/resources/power'
import type { JsonObject } from '@brickyard/redfish/loose-json'
import { err, ok, type Result } from '@brickyard/std/result'
import { Minutes } from '@brickyard/std/units'
import type { BmcFault } from '../fault.ts'
import type { PowerLimit, PowerLimitControl } from '../power-limit.ts'
import { named, type RedfishSession } from './redfish-session.ts'

/** What either form tells of draw and limit, and how its limit is written. */
interface Place {
  readonly path: string
  readonly etag: string | undefined
  readonly reading: PowerControlReading
  readonly change: (watts: number | undefined) => JsonObject
}

/** Draw and limit by Power (old form) or EnvironmentMetrics (new form), whichever tells of them. */
export function createRedfishPowerLimit(session: RedfishSession): PowerLimitControl {
  async function place(): Promise<Result<Place, BmcFault>> {
    const chassis = await session.chassis()
    if (!chassis.ok) return chassis
    const { power, environmentMetrics } = chassis.value.value
    for (const [path, form] of [
      [power, 'old'],
      [environmentMetrics, 'new'],
    ] as const) {
      if (path === undefined) continue
      const answer = await session.client.get(path)
      if (!answer.ok && answer.error.kind !== 'refused') return err(named(answer.error, undefined))
      if (!answer.ok) continue
      const found = form === 'old' ? oldPlace(answer.value.body) : newPlace(answer.value.body)
      if (found !== undefined) return ok({ path, etag: answer.value.etag, ...found })
    }
    return err({ kind: 'refused', message: 'the BMC tells nothing of the power drawn' })
  }

  async function readLimit(): Promise<Result<PowerLimit, BmcFault>> {
    const at = await place()
    return at.ok ? ok({ watts: at.value.reading.limitWatts ?? undefined }) : at
  }

  return {
    readLimit,
    async readDraw() {
      const at = await place()
      if (!at.ok) return at
      const { consumedWatts, minWatts, maxWatts, averageWatts, intervalMinutes } = at.value.reading
      // A BMC that answers is fed: 0 W is how some say that they do not measure.
      if (consumedWatts === undefined || consumedWatts <= 0) {
        return err({ kind: 'refused', message: 'the BMC has no power reading now' })
      }
      return ok({
        watts: consumedWatts,
        wattsMin: minWatts,
        wattsMax: maxWatts,
        wattsAverage: averageWatts,
        periodMs: intervalMinutes === undefined ? undefined : Minutes(intervalMinutes),
      })
    },
    async setLimit(watts) {
      const at = await place()
      if (!at.ok) return at
      const { path, etag, change } = at.value
      const answer = await session.write('other', (client) =>
        client.patch(path, change(watts), etag),
      )
      if (!answer.ok && answer.error.kind !== 'refused') return answer
      const now = await readLimit()
      if (!now.ok) return now
      if (now.value.watts === watts) return now
      if (!answer.ok) return answer
      const shown = (one: number | undefined): string => (one === undefined ? 'none' : `${one} W`)
      const message = `power limit: asked for ${shown(watts)}, reads back ${shown(now.value.watts)}`
      return err({ kind: 'refused', message })
    },
  }
}

function oldPlace(body: JsonObject): Pick<Place, 'reading' | 'change'> | undefined {
  const { control } = parsePower(body)
  if (control === undefined) return undefined
  return {
    reading: control,
    change: (watts) => ({ PowerControl: [{ PowerLimit: { LimitInWatts: watts ?? null } }] }),
  }
}

function newPlace(body: JsonObject): Pick<Place, 'reading' | 'change'> | undefined {
  const { powerWatts, powerLimit } = parseEnvironmentMetrics(body)
  if (powerWatts === undefined && powerLimit === undefined) return undefined
  const off = powerLimit?.controlMode === 'Disabled'
  return {
    reading: {
      consumedWatts: powerWatts,
      capacityWatts: undefined,
      averageWatts: undefined,
      minWatts: undefined,
      maxWatts: undefined,
      intervalMinutes: undefined,
      limitWatts: off ? null : powerLimit?.setPointWatts,
      limitException: undefined,
    },
    change: (watts) => ({
      PowerLimitWatts:
        watts === undefined
          ? { SetPoint: null, ControlMode: 'Disabled' }
          : { SetPoint: watts, ControlMode: 'Automatic' },
    }),
  }
}
