import type { BmcFinding, BmcSetting, Sensor, SledBmc } from '@brickyard/api/bmc-schemas'
import type { BmcDeclaration } from '@brickyard/model/rack'
import type { Reading } from '@brickyard/protocol/frames'
import { Minutes } from '@brickyard/std/units'
import type { AgentLinks } from '../agent-link/links.ts'
import { declarationOf } from './sled-view.ts'
import type { SledRow } from '../store/sled-queries.ts'

/** A site reads sensors every minute and power every 15 s; what is older than this was missed often. */
const STALE_MS = Minutes(5)
/** What a finding costs of the 100 of a BMC with nothing open. */
const COSTS: Readonly<Record<BmcFinding['severity'], number>> = {
  critical: 40,
  warning: 15,
  info: 3,
}

interface StoredIntake {
  readonly findings: readonly BmcFinding[]
  readonly settings: readonly BmcSetting[]
  readonly atMs: number
}

/** 100 with nothing open, 0 at worst. */
export const exposureScore = (findings: readonly Pick<BmcFinding, 'severity'>[]): number =>
  Math.max(0, 100 - findings.reduce((sum, { severity }) => sum + COSTS[severity], 0))

/** What is known of a sled's BMC, with the age of each value. */
export function bmcView(row: SledRow, links: AgentLinks, nowMs: number): SledBmc {
  const { site, name } = row
  const away = links.state(site) !== 'connected'
  const isStale = ({ atMs }: Reading): boolean => away || nowMs - atMs > STALE_MS
  const number = (key: string): SledBmc['watts'] => {
    const reading = links.reading(site, `sled/${name}/${key}`)
    return typeof reading?.value === 'number'
      ? { value: reading.value, atMs: reading.atMs, stale: isStale(reading) }
      : null
  }
  const says = links.reading(site, `sled/${name}/bmc/says`)?.value
  const prefix = `sled/${name}/sensor/`
  return {
    site,
    sled: name,
    path: pathText(declarationOf(row).bmc),
    reliability: number('bmc/score'),
    reliabilityText: typeof says === 'string' ? says : null,
    watts: number('watts'),
    sensors: links
      .readings(site, prefix)
      .map((reading) => sensorView(reading, reading.key.slice(prefix.length), isStale(reading)))
      .toSorted((a, b) => a.kind.localeCompare(b.kind) || a.name.localeCompare(b.name)),
    intake: row.intake === null ? null : intakeView(JSON.parse(row.intake) as StoredIntake),
  }
}

/** How the BMC is reached, as somebody declared it. */
export function pathText(bmc: Pick<BmcDeclaration, 'path'> | undefined): string | null {
  if (bmc === undefined) return null
  const { port = 'dedicated', vlan, addressing, silenceSeconds } = bmc.path ?? {}
  return [
    port === 'shared' ? 'on the port of its host' : 'on a port of its own',
    ...(vlan === undefined ? [] : [`in VLAN ${vlan}`]),
    ...(addressing === 'static' ? ['its address set in itself'] : []),
    ...(silenceSeconds === undefined ? [] : [`silent up to ${silenceSeconds} s after a switch`]),
  ].join(', ')
}

function sensorView({ value, unit, atMs, sensor }: Reading, name: string, stale: boolean): Sensor {
  return {
    name,
    kind: sensor?.kind ?? '',
    health: sensor?.health ?? 'unknown',
    value,
    unit,
    limits: sensor?.limits ?? {},
    why: sensor?.why ?? null,
    atMs,
    stale,
  }
}

const intakeView = ({ findings, settings, atMs }: StoredIntake): SledBmc['intake'] => ({
  atMs,
  score: exposureScore(findings),
  findings: [...findings],
  settings: [...settings],
})
