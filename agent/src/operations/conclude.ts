import type { Catalogue } from '@brickyard/firmware/catalogue'
import type { SledName } from '@brickyard/model/names'
import type { RackDocument } from '@brickyard/model/rack'
import type { EventBody } from '@brickyard/protocol/events'
import { Days } from '@brickyard/std/units'
import { judgeInspection } from '../firmware/judge-inspection.ts'
import type { Change } from '../store/site-store.ts'
import type { BootIntents } from './boot-intents.ts'
import type { Operation } from './operation.ts'
import { BY_SITE } from './reconcile-plan.ts'
import { identityDrift, sledFacts } from './sled-facts.ts'
import type { SledRecord } from './sled-record.ts'

const ROTATION_RETRY_MS = Days(1)

export interface ConcludeParts {
  readonly rack: () => RackDocument | undefined
  readonly intents: BootIntents
  readonly catalogue: Catalogue
  /** After the commit: a login was changed, or (a reason) could not be. */
  readonly onRotated: (sled: SledName, trouble: string | undefined) => void
  /** After the commit: a lost login was made anew, or (a reason) could not be. */
  readonly onRegained: (sled: SledName, trouble: string | undefined) => void
}

/** What the end of an operation means for its sled, its assignment and the act behind it. */
export function conclude(parts: ConcludeParts, change: Change, operation: Operation): void {
  const record = change.sled(operation.sled)
  if (record !== undefined) {
    switch (operation.kind) {
      case 'inspect':
        concludeInspect(parts, change, operation, record)
        break
      case 'provision':
        concludeProvision(change, operation, record)
        break
      case 'release':
        concludeRelease(parts, change, operation, record)
        break
      case 'rotate-credentials':
        concludeRotation(parts, change, operation, record)
        break
      case 'regain-bmc':
        concludeRegain(parts, change, operation, record)
        break
      case 'power':
      case 'identify':
      case 'restart-bmc':
        break
    }
  }
  parts.intents.close(change, operation.id)
  if (operation.act === null) return
  const ok = operation.state === 'done'
  noteActResult(change, operation.act, ok, operation.reason)
}

/** A reserved sled is provisioning from the moment that it is touched. */
export function followStage(change: Change, operation: Operation): void {
  const { kind, stage, failing, sled } = operation
  const touches = kind === 'provision' && stage !== 'fetch-image' && stage !== 'conclude'
  if (!touches || failing !== null || change.sled(sled)?.state !== 'reserved') return
  change.moveSled(sled, 'provisioning', operation.requestedBy, operation.deadlineAtMs)
}

/** Keeps and tells what became of an act; it is never carried out again. */
export function noteActResult(
  change: Change,
  act: string,
  ok: boolean,
  reason: string | null,
): void {
  change.sql.run('UPDATE act SET ok = ?, reason = ? WHERE id = ?', ok ? 1 : 0, reason, act)
  change.event('act.result', { act, ok, reason })
}

function concludeInspect(
  parts: ConcludeParts,
  change: Change,
  operation: Operation,
  record: SledRecord,
): void {
  if (operation.state === 'cancelled') return
  if (operation.state !== 'done') {
    change.moveSled(record.name, 'failed', `inspection: ${operation.reason ?? 'no reason'}`)
    return
  }
  const declared = parts.rack()?.sleds.find(({ name }) => name === record.name)
  const drift = takeInventory(parts, change, operation, declared?.serial)
  if (drift !== undefined) return change.moveSled(record.name, 'held', drift)
  change.moveSled(record.name, 'inspected', 'its installer reported what it is made of')
  change.moveSled(record.name, 'ready', 'inspected and powered off')
}

/** Keeps and tells facts and firmware verdicts; gives the reason why the chassis is not to be trusted. */
function takeInventory(
  { catalogue }: ConcludeParts,
  change: Change,
  operation: Operation,
  declaredSerial: string | undefined,
): string | undefined {
  const inventory = operation.install?.inventory ?? null
  const record = change.sled(operation.sled)
  if (inventory === null || record === undefined) return undefined
  const facts = sledFacts(record.name, inventory, record.bmc)
  const verdicts = judgeInspection(catalogue, { host: inventory, bmc: record.bmc ?? undefined })
  const items = verdicts.map(({ kind, version, verdict, reason }) => ({
    component: kind,
    version: version === '' ? null : version,
    verdict,
    reason,
  })) satisfies EventBody<'sled.firmware'>['items']
  const confirmed = operation.requestedBy !== BY_SITE
  const drift = identityDrift(facts, declaredSerial, record.facts, confirmed)
  const diskSerials = inventory.disks.map(({ serial }) => serial).filter((text) => text !== '')
  change.putSled({ ...record, facts, verdicts, diskSerials })
  change.event('sled.facts', facts)
  change.event('sled.firmware', { sled: record.name, items })
  return drift
}

function concludeProvision(change: Change, operation: Operation, record: SledRecord): void {
  const { assignment } = operation
  if (assignment === null) return
  const { id, sled } = assignment
  const untouched = record.state === 'reserved'
  if (operation.state === 'done') {
    change.putOutcome({ id, sled, outcome: 'installed', reason: '' })
    const called = assignment.image.seed === 'nocloud' ? 'called back' : 'was started'
    change.moveSled(record.name, 'in-use', `${assignment.image.name} is installed and ${called}`)
    return
  }
  const reason = operation.reason ?? 'no reason'
  if (operation.state === 'failed') change.putOutcome({ id, sled, outcome: 'failed', reason })
  if (untouched) {
    change.putSled({ ...record, assignment: null })
    change.moveSled(record.name, 'ready', `untouched; provision ${operation.state}: ${reason}`)
  } else if (operation.state === 'failed') {
    change.moveSled(record.name, 'failed', `provision: ${reason}`)
  }
}

function concludeRelease(
  parts: ConcludeParts,
  change: Change,
  operation: Operation,
  record: SledRecord,
): void {
  const id = operation.assignment?.id ?? record.assignment
  const outcome = (what: 'released' | 'release-failed', reason: string): void => {
    if (id !== null) change.putOutcome({ id, sled: record.name, outcome: what, reason })
  }
  if (operation.state !== 'done') {
    const reason = operation.reason ?? 'no reason'
    outcome('release-failed', reason)
    change.moveSled(record.name, 'failed', `release: ${reason}`)
    return
  }
  takeInventory(parts, change, operation, undefined)
  change.event('sled.wiped', wipeCertificate(operation))
  const wiped = change.sled(record.name) ?? record
  const rotation = { due: true, notBeforeMs: 0 }
  change.putSled({ ...wiped, dirty: false, assignment: null, rotation })
  outcome('released', '')
  change.moveSled(record.name, 'ready', 'every disk was wiped and read back; powered off')
}

/** A rotation that failed is begun again unasked, but not at once: a BMC is not beaten. */
function concludeRotation(
  { onRotated }: ConcludeParts,
  change: Change,
  { state, reason }: Operation,
  record: SledRecord,
): void {
  const done = state === 'done'
  const notBeforeMs = done ? 0 : change.wallMs + ROTATION_RETRY_MS
  const due = !done && record.rotation?.due === true
  change.putSled({ ...record, rotation: { due, notBeforeMs } })
  if (state === 'cancelled') return
  const trouble = done ? undefined : `its BMC has no new login: ${reason ?? 'no reason'}`
  change.after(() => onRotated(record.name, trouble))
}

/** The login that let us in again is changed next, whatever was refused to rotations before. */
function concludeRegain(
  { onRegained }: ConcludeParts,
  change: Change,
  { state, reason }: Operation,
  record: SledRecord,
): void {
  if (state === 'cancelled') return
  const done = state === 'done'
  const due = record.rotation?.due === true
  if (done) change.putSled({ ...record, rotation: { due, notBeforeMs: 0 } })
  const trouble = done ? undefined : (reason ?? 'no reason')
  change.after(() => onRegained(record.name, trouble))
}

/** What was wiped, how and with what proof, from the steps of the last claim alone. */
function wipeCertificate(operation: Operation): EventBody<'sled.wiped'> {
  const { install } = operation
  const claim = `${install?.claims ?? 0}.`
  const disks = (install?.history ?? [])
    .filter(({ id, verb, ok }) => ok && verb === 'wipe' && id.startsWith(claim))
    .map((step, n) => {
      const facts = install?.inventory?.disks[n]
      return {
        path: facts?.path ?? '',
        serial: facts?.serial === '' ? null : (facts?.serial ?? null),
        bytes: facts?.bytes ?? 0,
        method: step.data['method'] ?? 'unknown',
        verifiedBytes: Number(step.data['verified-bytes'] ?? 0),
      }
    })
  return {
    sled: operation.sled,
    operation: operation.id,
    assignment: operation.assignment?.id ?? null,
    disks,
  }
}
