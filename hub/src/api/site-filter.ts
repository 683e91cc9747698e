import { mayDo, type Principal } from '../auth/principal.ts'
import type { Tx } from '../store/hub-store.ts'
import { findSite } from '../store/sites.ts'
import { notFound } from './refusal.ts'

/**
 * A list that is asked for one site says so when there is no such site for who asks: no rows would
 * look like a site with nothing in it. Who does not see the fleet learns nothing of its sites here.
 */
export async function refuseUnknownSite(
  tx: Tx,
  principal: Principal,
  site: string | undefined,
): Promise<void> {
  if (site === undefined || !mayDo(principal, 'fleet.read')) return
  if ((await findSite(tx, principal, site)) === undefined) throw notFound(`site '${site}'`)
}
