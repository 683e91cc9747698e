import type { SiteName, SledName } from '@brickyard/model/names'
import type { RackDocument } from '@brickyard/model/rack'
import type { Tx } from './hub-store.ts'
import type { SledTable } from './tables.ts'

/** Sleds that a site may tell of beyond its rack document; a lying site must not fill the store. */
const SLEDS_PER_SITE_MAX = 1024

type Observed = Partial<Omit<SledTable, 'site' | 'name' | 'declared' | 'declaration'>>

const UNSEEN = {
  declared: 0,
  declaration: null,
  state: 'seen',
  state_reason: null,
  state_since_ms: null,
  state_deadline_ms: null,
  power: 'unknown',
  power_as_of_ms: null,
  facts: null,
  firmware: null,
  place_grade: 'unknown',
  witnesses: null,
  operation: null,
  intake: null,
} as const satisfies Omit<SledTable, 'site' | 'name'>

/** Notes what a site said of a sled. One that is not declared yet is kept for the day it is. */
export async function observeSled(
  tx: Tx,
  site: SiteName,
  name: SledName,
  observed: Observed,
): Promise<void> {
  const { numUpdatedRows } = await tx
    .updateTable('sleds')
    .set(observed)
    .where('site', '=', site)
    .where('name', '=', name)
    .executeTakeFirst()
  if (numUpdatedRows > 0n) return
  const { count } = await tx
    .selectFrom('sleds')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('site', '=', site)
    .executeTakeFirstOrThrow()
  if (Number(count) >= SLEDS_PER_SITE_MAX) return
  await tx
    .insertInto('sleds')
    .values({ ...UNSEEN, site, name, ...observed })
    .execute()
}

/** The sleds of a rack document become the declared ones of their site; what was observed stays. */
export async function declareSleds(tx: Tx, rack: RackDocument): Promise<void> {
  const { site } = rack
  await tx.updateTable('sleds').set({ declared: 0 }).where('site', '=', site).execute()
  for (const sled of rack.sleds) {
    const declared = { declared: 1, declaration: JSON.stringify(sled) }
    await tx
      .insertInto('sleds')
      .values({ ...UNSEEN, site, name: sled.name, ...declared })
      .onConflict((c) => c.columns(['site', 'name']).doUpdateSet(declared))
      .execute()
  }
}
