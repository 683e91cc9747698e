import { createHash } from 'node:crypto'
import type { Deployment, DeploymentCreate } from '@brickyard/api/schemas'
import { SiteName } from '@brickyard/model/names'
import { assignmentSchema } from '@brickyard/protocol/assignment'
import { wishOfSled } from '@brickyard/netboot/read-network-wish'
import { randomHex } from '@brickyard/runtime/random'
import { assert } from '@brickyard/std/assert'
import { err, ok, type Result } from '@brickyard/std/result'
import { conflict, notFound, type Refusal } from '../api/refusal.ts'
import type { Principal } from '../auth/principal.ts'
import type { HubParts } from '../parts.ts'
import { decide, hostnameOf, type Decided } from '../placement/place.ts'
import { assignmentsOf, deploymentView, findDeployment } from '../store/deployments.ts'
import type { Notes, Tx } from '../store/hub-store.ts'
import type { ImageSpec } from '../store/images.ts'
import type { AssignmentTable, DeploymentTable } from '../store/tables.ts'
import { settleWanted } from '../store/wanted.ts'

type Parts = Pick<HubParts, 'clock' | 'random' | 'links'>

/**
 * Makes a deployment: decides, binds the sleds and puts the assignments into the wanted state of
 * their sites, all in one transaction. One that finds no room is kept as refused, with its reasons.
 */
export async function createDeployment(
  tx: Tx,
  parts: Parts,
  principal: Principal,
  asked: DeploymentCreate,
  notes: Notes,
): Promise<Result<Deployment, Refusal>> {
  const id = `dep-${randomHex(parts.random, 8)}`
  const decided = await decide(tx, parts, principal.tenant, asked, id)
  if (!decided.ok) return decided
  const { image, placement } = decided.value
  const refused = placement.placed.length === 0
  const row: DeploymentTable = {
    id,
    tenant: principal.tenant,
    name: asked.name ?? id,
    decision: refused ? 'refused' : 'placed',
    reason: refused ? placement.summary : null,
    image: image.sha256,
    image_name: image.name,
    spec: JSON.stringify(asked),
    placement: JSON.stringify(placement),
    created_at_ms: placement.decidedAtMs,
    created_by: principal.user,
  }
  await tx.insertInto('deployments').values(row).execute()
  notes.changed({ kind: 'deployment', id, tenant: row.tenant })
  const assignments = bind(id, asked, decided.value)
  for (const assignment of assignments) {
    await tx.insertInto('assignments').values(assignment).execute()
    const { site, sled } = assignment
    notes.changed({ kind: 'sled', id: `${site}/${sled}`, site })
  }
  await settleSites(tx, assignments, notes)
  return ok(deploymentView(row, assignments))
}

function bind(
  id: string,
  asked: DeploymentCreate,
  { image, placement, network }: Decided,
): AssignmentTable[] {
  const { sha256, bytes, name, spec } = image
  return placement.placed.map(({ site, sled }, i) => {
    const number = String(i + 1).padStart(4, '0')
    const document = {
      id: `${id}-${number}`,
      deployment: id,
      sled,
      image: { sha256, bytes, name, ...(JSON.parse(spec) as ImageSpec) },
      hostname: hostnameOf(asked.hostname, i + 1),
      userData: asked.userData,
      sshKeys: asked.sshKeys,
      ...(network === undefined ? {} : { network: wishOfSled(network, i) }),
      createdAtMs: placement.decidedAtMs,
    }
    const checked = assignmentSchema.safeParse({ ...document, wanted: 'running' })
    assert(checked.success, `an assignment that its site could not read: ${checked.error?.message}`)
    return {
      id: document.id,
      deployment: id,
      site,
      sled,
      wanted: 'running',
      state: 'assigned',
      reason: null,
      operation: null,
      hostname: document.hostname,
      changed_at_ms: placement.decidedAtMs,
      document: JSON.stringify(document),
    }
  })
}

async function settleSites(
  tx: Tx,
  assignments: readonly AssignmentTable[],
  notes: Notes,
): Promise<void> {
  for (const site of new Set(assignments.map((each) => each.site))) {
    const name = SiteName.parse(site)
    assert(name.ok, `${site} was checked when the site was declared`)
    await settleWanted(tx, name.value, notes)
  }
}

/** Asks the sites to wipe the sleds and give them back. Asking again changes nothing. */
export async function releaseDeployment(
  tx: Tx,
  principal: Principal,
  id: string,
  nowMs: number,
  notes: Notes,
): Promise<Result<Deployment, Refusal>> {
  const row = await findDeployment(tx, principal.tenant, id)
  if (row === undefined) return err(notFound(`deployment ${id}`))
  if (row.decision === 'refused') {
    return err(conflict('deployment-refused', 'it was refused: there is nothing to give back'))
  }
  const held = (await assignmentsOf(tx, [id])).get(id) ?? []
  const open = held.filter(({ wanted }) => wanted === 'running')
  for (const { id: assignment, site, sled } of open) {
    await tx
      .updateTable('assignments')
      .set({ wanted: 'released', state: 'releasing', reason: null, changed_at_ms: nowMs })
      .where('id', '=', assignment)
      .execute()
    notes.changed({ kind: 'sled', id: `${site}/${sled}`, site })
  }
  await settleSites(tx, open, notes)
  notes.changed({ kind: 'deployment', id, tenant: row.tenant })
  return ok(deploymentView(row, (await assignmentsOf(tx, [id])).get(id) ?? []))
}

/** The text that tells a repeated request from another one under the same key. */
export const requestHash = (asked: DeploymentCreate): string =>
  createHash('sha256').update(JSON.stringify(asked)).digest('hex')
