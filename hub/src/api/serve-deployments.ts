import { ROUTES } from '@brickyard/api/routes'
import type { Deployment, DeploymentCreate } from '@brickyard/api/schemas'
import type { Principal } from '../auth/principal.ts'
import { createDeployment, releaseDeployment, requestHash } from '../fleet/deploy.ts'
import type { HubParts } from '../parts.ts'
import { decide } from '../placement/place.ts'
import { networkConfigs } from '../placement/wished-network.ts'
import {
  assignmentsOf,
  deploymentView,
  findDeployment,
  listDeployments,
} from '../store/deployments.ts'
import type { Notes, Tx } from '../store/hub-store.ts'
import { toPage } from '../store/page.ts'
import { caller, type Api } from './context.ts'
import { notFound, orRefuse, Refusal } from './refusal.ts'

export function serveDeployments(api: Api, parts: HubParts): void {
  const { store, clock } = parts

  api.openapi(ROUTES.deploymentList, async (c) => {
    const page = c.req.valid('query')
    const { tenant } = caller(c)
    const answer = await store.read(async (tx) => {
      const rows = await listDeployments(tx, tenant, page)
      const assignments = await assignmentsOf(
        tx,
        rows.map(({ id }) => id),
      )
      return toPage(
        rows,
        page.limit,
        (row) => [row.created_at_ms, row.id],
        (row) => deploymentView(row, assignments.get(row.id) ?? []),
      )
    })
    return c.json(answer, 200)
  })

  api.openapi(ROUTES.deploymentGet, async (c) => {
    const { deployment } = c.req.valid('param')
    const { tenant } = caller(c)
    return c.json(await store.read((tx) => mustFind(tx, tenant, deployment)), 200)
  })

  api.openapi(ROUTES.deploymentCreate, async (c) => {
    const asked = c.req.valid('json')
    const key = c.req.valid('header')['idempotency-key']
    const principal = caller(c)
    const created = await store.write((tx, notes) =>
      key === undefined
        ? createDeployment(tx, parts, principal, asked, notes).then(orRefuse)
        : createOnce(tx, parts, principal, asked, key, notes),
    )
    return c.json(created, 201)
  })

  api.openapi(ROUTES.deploymentRelease, async (c) => {
    const { deployment } = c.req.valid('param')
    const released = await store.write((tx, notes) =>
      releaseDeployment(tx, caller(c), deployment, clock.wallMs(), notes),
    )
    return c.json(orRefuse(released), 202)
  })

  api.openapi(ROUTES.placementPreview, async (c) => {
    const asked = c.req.valid('json')
    const { tenant } = caller(c)
    const preview = await store.read(async (tx) => {
      const decided = orRefuse(await decide(tx, parts, tenant, asked, 'preview'))
      const { placement, network } = decided
      const configs = await networkConfigs(tx, network, placement.placed)
      return { ...placement, networkConfigs: configs }
    })
    return c.json(preview, 200)
  })
}

async function mustFind(tx: Tx, tenant: string, id: string): Promise<Deployment> {
  const row = await findDeployment(tx, tenant, id)
  if (row === undefined) throw notFound(`deployment ${id}`)
  return deploymentView(row, (await assignmentsOf(tx, [id])).get(id) ?? [])
}

/** A client that did not hear the answer asks again with the same key and gets the same deployment. */
async function createOnce(
  tx: Tx,
  parts: HubParts,
  principal: Principal,
  asked: DeploymentCreate,
  key: string,
  notes: Notes,
): Promise<Deployment> {
  const { user, tenant } = principal
  const request_hash = requestHash(asked)
  const before = await tx
    .selectFrom('idempotency')
    .selectAll()
    .where('user', '=', user)
    .where('key', '=', key)
    .executeTakeFirst()
  if (before === undefined) {
    const created = orRefuse(await createDeployment(tx, parts, principal, asked, notes))
    await tx
      .insertInto('idempotency')
      .values({
        user,
        key,
        request_hash,
        deployment: created.id,
        created_at_ms: parts.clock.wallMs(),
      })
      .execute()
    return created
  }
  if (before.request_hash !== request_hash) {
    const detail = 'this Idempotency-Key was used for another request'
    throw new Refusal({ status: 422, code: 'key-reused', detail })
  }
  return await mustFind(tx, tenant, before.deployment)
}
