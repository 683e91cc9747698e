import type { Operation, Sled } from '@brickyard/api/schemas'
import { POWER_STATES } from '@brickyard/model/operation'
import type { SledDeclaration } from '@brickyard/model/rack'
import type { OperationRecord, SledFacts } from '@brickyard/protocol/events'
import { assert } from '@brickyard/std/assert'
import type { AgentLinks } from '../agent-link/links.ts'
import type { SledRow } from '../store/sled-queries.ts'
import type { OperationTable } from '../store/tables.ts'

/** JSON that this hub itself wrote after checking it. */
const stored = <T>(text: string): T => JSON.parse(text) as T

export const factsOf = (row: { readonly facts: string | null }): SledFacts | undefined =>
  row.facts === null ? undefined : stored<SledFacts>(row.facts)

export function declarationOf(row: SledRow): SledDeclaration {
  assert(row.declaration !== null, `${row.site}/${row.name} is declared`)
  return stored<SledDeclaration>(row.declaration)
}

/** A sled as the API shows it: what is declared, what the site said, what was read last. */
export function sledView(row: SledRow, links: AgentLinks): Sled {
  const declared = declarationOf(row)
  const facts = factsOf(row)
  const reading = links.reading(row.site, `sled/${row.name}/power`)
  const newer = reading !== undefined && reading.atMs > (row.power_as_of_ms ?? 0)
  const power = POWER_STATES.find((state) => state === (newer ? reading.value : row.power))
  return {
    site: row.site,
    name: row.name,
    state: row.state as Sled['state'],
    stateReason: row.state_reason,
    stateSinceMs: row.state_since_ms,
    stateDeadlineMs: row.state_deadline_ms,
    power: power ?? 'unknown',
    powerAsOfMs: newer ? reading.atMs : row.power_as_of_ms,
    stale: links.state(row.site) !== 'connected',
    architecture: declared.architecture,
    firmwareMode: declared.firmwareMode,
    position: declared.position,
    labels: { ...declared.labels },
    macs: [...declared.macs],
    address: declared.address ?? null,
    bmcAddress: declared.bmc?.address ?? null,
    manufacturer: facts?.manufacturer ?? null,
    model: facts?.model ?? declared.model ?? null,
    serial: facts?.serial ?? declared.serial ?? null,
    uuid: facts?.uuid ?? null,
    cpuModel: facts?.cpuModel ?? null,
    cpuThreads: facts?.cpuThreads ?? null,
    memoryBytes: facts?.memoryBytes ?? null,
    disks: facts?.disks ?? [],
    biosVersion: facts?.biosVersion ?? null,
    bmcVersion: facts?.bmcVersion ?? null,
    firmware: row.firmware === null ? [] : stored<Sled['firmware']>(row.firmware),
    placeGrade: row.place_grade as Sled['placeGrade'],
    witnesses: row.witnesses === null ? [] : stored<Sled['witnesses']>(row.witnesses),
    deployment: row.deployment,
    assignment: row.assignment,
    currentOperation: row.operation,
  }
}

/** An operation as the API shows it, with the share of its running step that is done. */
export function operationView(
  row: Pick<OperationTable, 'site' | 'record'>,
  links: AgentLinks,
): Operation {
  const record = stored<OperationRecord>(row.record)
  const percent = links.reading(row.site, `operation/${record.id}/percent`)?.value
  const moving = record.state === 'running' && typeof percent === 'number'
  return { ...record, site: row.site, percent: moving ? percent : null, act: record.act ?? null }
}
