import type { SiteName } from '@brickyard/model/names'
import type { OperationRecord, ReadEvent } from '@brickyard/protocol/events'
import {
  foreignKey,
  LASTING_KINDS,
  type NoticeEvent,
  noticeOf,
  poolKey,
} from '../fleet/notice-of.ts'
import { unreachable } from '@brickyard/std/assert'
import { nextAssignment } from '../reconcile/assignment-lifecycle.ts'
import { noteBegun } from '../store/acts.ts'
import type { Notes, Tx } from '../store/hub-store.ts'
import { clearNotice, clearNotices, putNotice } from '../store/notices.ts'
import { putSealedLogin } from '../store/sealed-logins.ts'
import { observeSled } from '../store/sleds.ts'
import { settleWanted } from '../store/wanted.ts'

/** Which sled an event is about, for the sled's timeline. */
export function sledOf(event: ReadEvent): string | null {
  if (event.kind === 'operation.changed') return event.body.operation.sled
  return 'sled' in event.body && typeof event.body.sled === 'string' ? event.body.sled : null
}

/** Carries what an event says into the tables that people look at. */
export async function project(
  tx: Tx,
  site: SiteName,
  event: ReadEvent & { readonly id: number },
  notes: Notes,
): Promise<void> {
  switch (event.kind) {
    case 'site.started':
      await tx
        .updateTable('sites')
        .set({
          agent_version: event.body.agentVersion,
          boot_id: event.body.bootId,
          ...(event.body.sealingKey === undefined ? {} : { sealing_key: event.body.sealingKey }),
        })
        .where('name', '=', site)
        .execute()
      // A new run of the agent looks anew, and tells of what is still so.
      await clearNotices(tx, site, LASTING_KINDS)
      notes.changed({ kind: 'site', id: site, site })
      return
    case 'wanted.applied':
      return await takeApplied(tx, site, event, notes)
    case 'sled.state':
    case 'sled.facts':
    case 'sled.power':
    case 'sled.place':
    case 'sled.firmware':
    case 'sled.intake':
      return await takeSled(tx, site, event, notes)
    case 'operation.changed':
      return await takeOperation(tx, site, event.body.operation, notes)
    case 'sled.login-sealed':
      return await putSealedLogin(tx, site, event.body, event.atMs, event.id)
    case 'act.result':
      return await takeActResult(tx, site, event.body, notes)
    case 'work-order.changed':
      return await takeWorkOrder(tx, site, event)
    case 'image.fetched':
      return await clearNotice(tx, site, `image/${event.body.sha256}`)
    case 'site.certificate-renewed':
    case 'intent.claimed':
    case 'boot-disc.changed':
    case 'netboot.served':
    case 'sled.wiped':
    case 'sled.login-given':
    case 'sled.log':
    case 'sled.console':
    case 'dhcp.client-seen':
    case 'dhcp.would-answer':
    case 'dhcp.address-declined':
    case 'tftp.refused':
      return
    case 'dhcp.pool-available':
      return await clearNotice(tx, site, poolKey(event.body))
    case 'dhcp.foreign-server-gone':
      return await clearNotice(tx, site, foreignKey(event.body))
    case 'dhcp.flood-over':
      return await clearNotice(tx, site, `flood/${event.body.network}`)
    case 'site.trouble':
      if (event.body.over !== true) return await takeNotice(tx, site, event)
      return await clearNotice(tx, site, noticeOf(event).key)
    case 'journal.set-back':
      // What was wrong it tells again: what it does not, ended in the time that it forgot.
      await clearNotices(tx, site, ['site.trouble'])
      return await takeNotice(tx, site, event)
    case 'image.refused':
    case 'dhcp.unknown-client':
    case 'dhcp.pool-exhausted':
    case 'dhcp.reservation-taken':
    case 'dhcp.foreign-server':
    case 'dhcp.address-in-use':
    case 'dhcp.flood':
    case 'netboot.refused':
    case 'intent.refused':
      return await takeNotice(tx, site, event)
    default:
      return unreachable(event)
  }
}

type EventOf<K extends ReadEvent['kind']> = Extract<ReadEvent, { kind: K }>

const takeNotice = (tx: Tx, site: SiteName, event: NoticeEvent): Promise<void> =>
  putNotice(tx, {
    site,
    kind: event.kind,
    at_ms: event.atMs,
    sled: sledOf(event),
    ...noticeOf(event),
  })

async function takeApplied(
  tx: Tx,
  site: SiteName,
  { body, atMs }: EventOf<'wanted.applied'>,
  notes: Notes,
): Promise<void> {
  await tx
    .updateTable('sites')
    .set({ applied_generation: body.generation })
    .where('name', '=', site)
    .execute()
  const key = 'wanted'
  if (body.problems.length === 0) await clearNotice(tx, site, key)
  else {
    const text = `the site cannot carry out all of generation ${body.generation}: ${body.problems.join('; ')}`
    await putNotice(tx, { site, key, kind: 'wanted.applied', sled: null, text, at_ms: atMs })
  }
  notes.changed({ kind: 'site', id: site, site })
}

async function takeSled(
  tx: Tx,
  site: SiteName,
  event: EventOf<
    'sled.state' | 'sled.facts' | 'sled.power' | 'sled.place' | 'sled.firmware' | 'sled.intake'
  >,
  notes: Notes,
): Promise<void> {
  const { sled } = event.body
  notes.changed({ kind: 'sled', id: `${site}/${sled}`, site })
  switch (event.kind) {
    case 'sled.state':
      return await observeSled(tx, site, sled, {
        state: event.body.to,
        state_reason: event.body.reason,
        state_since_ms: event.atMs,
        state_deadline_ms: event.body.deadlineAtMs,
      })
    case 'sled.facts':
      return await observeSled(tx, site, sled, { facts: JSON.stringify(event.body) })
    case 'sled.power':
      return await observeSled(tx, site, sled, {
        power: event.body.power,
        power_as_of_ms: event.atMs,
      })
    case 'sled.place':
      return await observeSled(tx, site, sled, {
        place_grade: event.body.grade,
        witnesses: JSON.stringify(event.body.witnesses),
      })
    case 'sled.firmware':
      return await observeSled(tx, site, sled, { firmware: JSON.stringify(event.body.items) })
    case 'sled.intake': {
      const { findings, settings } = event.body
      const intake = JSON.stringify({ findings, settings, atMs: event.atMs })
      return await observeSled(tx, site, sled, { intake })
    }
    default:
      return unreachable(event)
  }
}

const isOver = (state: OperationRecord['state']): boolean =>
  state === 'done' || state === 'failed' || state === 'cancelled'

async function takeOperation(
  tx: Tx,
  site: SiteName,
  operation: OperationRecord,
  notes: Notes,
): Promise<void> {
  const { id, sled, kind, state, assignment, act, startedAtMs } = operation
  const row = { sled, kind, state, assignment, started_at_ms: startedAtMs }
  const record = JSON.stringify(operation)
  await tx
    .insertInto('operations')
    .values({ site, id, ...row, record })
    .onConflict((c) => c.columns(['site', 'id']).doUpdateSet({ ...row, record }))
    .execute()
  await observeSled(tx, site, sled, { operation: isOver(state) ? null : id })
  notes.changed({ kind: 'operation', id, site })
  notes.changed({ kind: 'sled', id: `${site}/${sled}`, site })
  if (typeof act === 'string') await noteBegun(tx, site, act, id, notes)
  if (assignment !== null) await takeAssignment(tx, site, assignment, operation, notes)
}

async function takeAssignment(
  tx: Tx,
  site: SiteName,
  assignment: string,
  operation: OperationRecord,
  notes: Notes,
): Promise<void> {
  const held = await tx
    .selectFrom('assignments')
    .innerJoin('deployments', 'deployments.id', 'assignments.deployment')
    .select(['assignments.state', 'deployment', 'tenant'])
    .where('assignments.id', '=', assignment)
    .where('site', '=', site)
    .executeTakeFirst()
  if (held === undefined) return
  const next = nextAssignment(held.state as Parameters<typeof nextAssignment>[0], operation)
  if (next === undefined) return
  await tx
    .updateTable('assignments')
    .set({
      ...next,
      operation: operation.id,
      changed_at_ms: operation.endedAtMs ?? operation.startedAtMs,
    })
    .where('id', '=', assignment)
    .execute()
  notes.changed({ kind: 'deployment', id: held.deployment, tenant: held.tenant })
  if (next.state === 'released') await settleWanted(tx, site, notes)
}

async function takeActResult(
  tx: Tx,
  site: SiteName,
  body: EventOf<'act.result'>['body'],
  notes: Notes,
): Promise<void> {
  const { numUpdatedRows } = await tx
    .updateTable('acts')
    .set({ state: body.ok ? 'done' : 'failed', reason: body.reason })
    .where('id', '=', body.act)
    .where('site', '=', site)
    .executeTakeFirst()
  if (numUpdatedRows > 0n) notes.changed({ kind: 'act', id: body.act, site })
}

async function takeWorkOrder(
  tx: Tx,
  site: SiteName,
  { body, atMs }: EventOf<'work-order.changed'>,
): Promise<void> {
  const row = { sled: body.sled, state: body.state, body: JSON.stringify(body), at_ms: atMs }
  await tx
    .insertInto('work_orders')
    .values({ site, id: body.id, ...row })
    .onConflict((c) => c.columns(['site', 'id']).doUpdateSet(row))
    .execute()
}
