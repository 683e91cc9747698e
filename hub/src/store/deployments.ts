import type { Deployment, DeploymentCreate, Placement } from '@brickyard/api/schemas'
import type { Tx } from './hub-store.ts'
import { readToken, type PageRequest } from './page.ts'
import type { AssignmentTable, DeploymentTable } from './tables.ts'
import { deploymentState } from '../reconcile/assignment-lifecycle.ts'

/** Deployments of a tenant, newest first. */
export async function listDeployments(
  tx: Tx,
  tenant: string,
  page: PageRequest,
): Promise<DeploymentTable[]> {
  let query = tx
    .selectFrom('deployments')
    .selectAll()
    .where('tenant', '=', tenant)
    .orderBy('created_at_ms', 'desc')
    .orderBy('id', 'desc')
    .limit(page.limit + 1)
  const [atMs, id] = readToken(page.pageToken, 2) ?? []
  if (typeof atMs === 'number' && id !== undefined) {
    query = query.where((eb) =>
      eb.or([
        eb('created_at_ms', '<', atMs),
        eb.and([eb('created_at_ms', '=', atMs), eb('id', '<', String(id))]),
      ]),
    )
  }
  return await query.execute()
}

export const findDeployment = (
  tx: Tx,
  tenant: string,
  id: string,
): Promise<DeploymentTable | undefined> =>
  tx
    .selectFrom('deployments')
    .selectAll()
    .where('tenant', '=', tenant)
    .where('id', '=', id)
    .executeTakeFirst()

export async function assignmentsOf(
  tx: Tx,
  deployments: readonly string[],
): Promise<Map<string, AssignmentTable[]>> {
  const found = new Map<string, AssignmentTable[]>(deployments.map((id) => [id, []]))
  if (deployments.length === 0) return found
  const rows = await tx
    .selectFrom('assignments')
    .selectAll()
    .where('deployment', 'in', deployments)
    .orderBy('id')
    .execute()
  for (const row of rows) found.get(row.deployment)?.push(row)
  return found
}

export function deploymentView(
  row: DeploymentTable,
  assignments: readonly AssignmentTable[],
): Deployment {
  const spec = JSON.parse(row.spec) as DeploymentCreate
  const shown = assignments.map((each) => ({
    id: each.id,
    site: each.site,
    sled: each.sled,
    hostname: each.hostname,
    wanted: each.wanted as Deployment['assignments'][number]['wanted'],
    state: each.state as Deployment['assignments'][number]['state'],
    reason: each.reason,
    operation: each.operation,
  }))
  const trouble = shown.find(({ state }) => state === 'failed')
  return {
    id: row.id,
    name: row.name,
    tenant: row.tenant,
    state: deploymentState(row.decision, shown),
    reason:
      trouble === undefined
        ? row.reason
        : `${trouble.site}/${trouble.sled}: ${trouble.reason ?? 'no reason was given'}`,
    count: spec.count,
    constraints: spec.constraints,
    image: row.image,
    imageName: row.image_name,
    sshKeys: spec.sshKeys,
    hostname: spec.hostname,
    network: spec.network ?? null,
    createdAtMs: row.created_at_ms,
    createdBy: row.created_by,
    placement: JSON.parse(row.placement) as Placement,
    assignments: shown,
  }
}
