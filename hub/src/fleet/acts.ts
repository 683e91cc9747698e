import type { Act } from '@brickyard/api/schemas'
import { SiteName, SledName } from '@brickyard/model/names'
import type { ActPayload } from '@brickyard/protocol/acts'
import { randomHex } from '@brickyard/runtime/random'
import { assert } from '@brickyard/std/assert'
import { Minutes, Seconds } from '@brickyard/std/units'
import type { HubParts } from '../parts.ts'
import { takeNumbers, type Notes, type Tx } from '../store/hub-store.ts'
import type { ActTable } from '../store/tables.ts'

/** A wish for the moment is worth nothing later: it waits for an absent site no longer than this. */
export const ACT_MS = Minutes(2)
/** The site's clock may be behind ours. */
const BACKDATED_MS = Seconds(60)

export interface ActWish {
  readonly site: string
  readonly sled: string
  readonly act: ActPayload['act']
  readonly by: string
}

/** Signs an act and queues it for its site until it expires. */
export async function askAct(
  tx: Tx,
  { clock, random, authority }: Pick<HubParts, 'clock' | 'random' | 'authority'>,
  wish: ActWish,
  notes: Notes,
): Promise<ActTable> {
  const site = SiteName.parse(wish.site)
  const sled = SledName.parse(wish.sled)
  assert(site.ok && sled.ok, `${wish.site}/${wish.sled} was found in the store`)
  const nowMs = clock.wallMs()
  const payload: ActPayload = {
    id: `act-${randomHex(random, 8)}`,
    site: site.value,
    sled: sled.value,
    sequence: await takeNumbers(tx, `acts/${site.value}`, 1),
    notBeforeMs: nowMs - BACKDATED_MS,
    expiresMs: nowMs + ACT_MS,
    by: wish.by,
    act: wish.act,
  }
  const row: ActTable = {
    id: payload.id,
    site: site.value,
    sled: sled.value,
    kind: wish.act.kind,
    state: 'waiting-for-site',
    reason: null,
    ...authority.sign(payload),
    created_at_ms: nowMs,
    expires_at_ms: payload.expiresMs,
    requested_by: wish.by,
    operation: null,
  }
  await tx.insertInto('acts').values(row).execute()
  notes.changed({ kind: 'act', id: row.id, site: row.site })
  notes.act(site.value)
  return row
}

export const actView = (row: ActTable): Act => ({
  id: row.id,
  site: row.site,
  sled: row.sled,
  kind: row.kind,
  state: row.state as Act['state'],
  reason: row.reason,
  operation: row.operation,
  expiresAtMs: row.expires_at_ms,
})
