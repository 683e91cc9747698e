import type { Sensor, SledBmc } from '@brickyard/api/bmc-schemas'
import { ok, type Result } from '@brickyard/std/result'
import {
  ask,
  askRows,
  confirmed,
  numberOption,
  sledNamed,
  type Action,
  type Context,
} from '../context.ts'
import type { CliFailure } from '../exit-codes.ts'
import { facts, table, timeText } from '../output.ts'
import { act } from './sleds.ts'

const ROWS_DEFAULT = 50
const ROWS_MAX = 100_000

const LIMIT_WORDS: Readonly<Record<string, string>> = {
  lowerUnrecoverable: '<<<',
  lowerCritical: '<<',
  lowerWarning: '<',
  upperWarning: '>',
  upperCritical: '>>',
  upperUnrecoverable: '>>>',
}

const valueText = ({ value, unit, why }: Sensor): string => {
  if (value === null) return `no reading${why === null ? '' : `: ${why}`}`
  if (value === '') return 'no state holds'
  return unit === null ? String(value) : `${value} ${unit}`
}

const limitsText = ({ limits }: Sensor): string =>
  Object.keys(LIMIT_WORDS)
    .flatMap((name) => (limits[name] === undefined ? [] : [`${LIMIT_WORDS[name]}${limits[name]}`]))
    .join(' ')

async function bmcOf(context: Context): Promise<Result<SledBmc, CliFailure>> {
  const ref = sledNamed(context)
  if (!ref.ok) return ref
  return await ask(context.hub.sleds.bmc(ref.value.site, ref.value.sled))
}

const stale = (isStale: boolean): string => (isStale ? 'stale' : '')

/** Latest values of all sensors, what the sled draws, and how far its BMC can be relied on. */
export const sledSensors: Action = async (context) => {
  const bmc = await bmcOf(context)
  if (!bmc.ok) return bmc
  const { sensors, watts, reliability, reliabilityText, path } = bmc.value
  const head = facts([
    ['BMC', reliabilityText ?? 'never asked'],
    ['path', path],
    ['reliability', reliability === null ? null : `${reliability.value} of 100`],
    ['draws', watts === null ? null : `${watts.value} W${watts.stale ? ', stale' : ''}`],
  ])
  const rows = sensors.map((sensor) => [
    sensor.name,
    sensor.kind,
    sensor.stale ? `${sensor.health}?` : sensor.health,
    valueText(sensor),
    limitsText(sensor),
    timeText(sensor.atMs),
    stale(sensor.stale),
  ])
  const text =
    sensors.length === 0
      ? `${head}\nNo sensor was read yet.\n`
      : `${head}\n${table(['SENSOR', 'KIND', 'HEALTH', 'VALUE', 'LIMITS', 'READ', ''], rows)}`
  return ok({ json: bmc.value, text })
}

/** What is open on a BMC and which of its settings are as the site wants them. */
export const sledFindings: Action = async (context) => {
  const bmc = await bmcOf(context)
  if (!bmc.ok) return bmc
  const { intake, reliabilityText } = bmc.value
  if (intake === null) {
    return ok({ json: bmc.value, text: 'Nobody has looked over this BMC yet.\n' })
  }
  const head = facts([
    ['score', `${intake.score} of 100`],
    ['looked over', timeText(intake.atMs)],
    ['BMC', reliabilityText ?? 'never asked'],
  ])
  const findings = table(
    ['SEVERITY', 'FINDING', 'WHAT TO DO'],
    intake.findings.map(({ severity, text, advice }) => [severity, text, advice]),
  )
  const settings = table(
    ['SETTING', 'FOUND', 'WANTED', 'STATE', 'DETAIL'],
    intake.settings.map(({ name, found, wanted, state, detail }) => [
      name,
      found,
      wanted,
      wanted === null ? 'as found' : state,
      detail ?? '',
    ]),
  )
  const open = intake.findings.length === 0 ? 'Nothing is open.\n' : findings
  return ok({ json: bmc.value, text: `${head}\n${open}\n${settings}` })
}

/** The BMC's own event log, as the site told it, newest first. */
export const sledLog: Action = async (context) => {
  const ref = sledNamed(context)
  if (!ref.ok) return ref
  const limit = numberOption(context, 'limit', { min: 1, max: ROWS_MAX, otherwise: ROWS_DEFAULT })
  if (!limit.ok) return limit
  const { site, sled } = ref.value
  const found = await askRows(
    (page) => context.hub.events.list({ ...page, site, sled, kind: 'sled.log' }),
    limit.value,
  )
  if (!found.ok) return found
  const rows = found.value.map(({ atMs, body, text }) => {
    const entry = (body ?? {}) as Readonly<Record<string, unknown>>
    const bmcAtMs = entry['bmcAtMs']
    return [
      timeText(atMs),
      typeof bmcAtMs === 'number' ? timeText(bmcAtMs) : null,
      typeof entry['id'] === 'string' ? entry['id'] : null,
      typeof entry['health'] === 'string' ? entry['health'] : 'unknown',
      typeof entry['text'] === 'string' ? entry['text'] : text,
    ]
  })
  const head = ['READ', 'BMC SAYS', 'ENTRY', 'HEALTH', 'TEXT']
  const text = rows.length === 0 ? 'Its event log says nothing yet.\n' : table(head, rows)
  return ok({ json: found.value, text })
}

/** Gives a sled that ran before us to us. */
export const sledReleaseAdoption: Action = async (context) => {
  const ref = sledNamed(context)
  if (!ref.ok) return ref
  const { site, sled } = ref.value
  const question = `${site}/${sled} ran before us. Released, it is inspected: what runs on it is stopped. Do it?`
  const sure = await confirmed(context, question)
  if (!sure.ok) return sure
  return act(context, () => context.hub.sleds.releaseAdoption(site, sled))
}

/** Restarts the BMC; the sled runs on. */
export const sledRestartBmc: Action = async (context) => {
  const ref = sledNamed(context)
  if (!ref.ok) return ref
  return act(context, () => context.hub.sleds.restartBmc(ref.value.site, ref.value.sled))
}
