import type { Attention } from '@brickyard/api/schemas'
import type { Sled } from '@brickyard/api/schemas'
import type { RackDocument } from '@brickyard/model/rack'
import { mayDo, type Principal } from '../auth/principal.ts'
import type { HubParts } from '../parts.ts'
import { assignmentsOf, deploymentView, listDeployments } from '../store/deployments.ts'
import type { Tx } from '../store/hub-store.ts'
import { listSleds } from '../store/sled-queries.ts'
import { allSites, type SiteRow } from '../store/sites.ts'
import {
  aboutDeployment,
  aboutNotice,
  aboutRecoveryKey,
  aboutSite,
  aboutSled,
  aboutWorkOrder,
  worstFirst,
} from './attention-check.ts'
import { siteView } from './site-view.ts'
import { sledView } from './sled-view.ts'

/** Items shown; a person reads the worst, and the rest come up as those are settled. */
export const ATTENTION_MAX = 500
/** Deployments looked at: the newest. Older ones that failed show by their sleds. */
const DEPLOYMENTS_LOOKED_AT = 200

/** The rack document as it was checked when it was put. */
const rackOf = ({ rack }: SiteRow): RackDocument | undefined =>
  rack === null ? undefined : (JSON.parse(rack) as RackDocument)

/** Everything that needs a person, worst first. */
export async function gatherAttention(
  tx: Tx,
  { links, clock }: Pick<HubParts, 'links' | 'clock'>,
  principal: Principal,
): Promise<Attention[]> {
  const nowMs = clock.wallMs()
  const found: Attention[] = []
  const sites = await allSites(tx, principal)
  const names = new Set(sites.map(({ name }) => name))
  for (const row of sites) {
    found.push(
      ...aboutSite(siteView(row, undefined, links), row.conflict_generation, row.created_at_ms),
      ...aboutRecoveryKey(row.name, rackOf(row), row.created_at_ms),
    )
  }
  const sleds: Sled[] = (await listSleds(tx, principal, {})).map((row) => sledView(row, links))
  for (const sled of sleds) found.push(...aboutSled(sled, nowMs))
  const macs = new Set(sleds.flatMap((sled) => sled.macs))
  for (const notice of await tx.selectFrom('notices').selectAll().orderBy('key').execute()) {
    if (names.has(notice.site)) found.push(...aboutNotice(notice, macs, nowMs))
  }
  const orders = await tx
    .selectFrom('work_orders')
    .selectAll()
    .where('state', '=', 'open')
    .execute()
  for (const order of orders) if (names.has(order.site)) found.push(aboutWorkOrder(order))
  if (mayDo(principal, 'deployments.read')) {
    const rows = await listDeployments(tx, principal.tenant, { limit: DEPLOYMENTS_LOOKED_AT })
    const assignments = await assignmentsOf(
      tx,
      rows.map(({ id }) => id),
    )
    for (const row of rows) {
      found.push(...aboutDeployment(deploymentView(row, assignments.get(row.id) ?? []), nowMs))
    }
  }
  return found.sort(worstFirst).slice(0, ATTENTION_MAX)
}
