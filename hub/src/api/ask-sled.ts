import type { Act } from '@brickyard/api/schemas'
import type { ActPayload } from '@brickyard/protocol/acts'
import type { Context } from 'hono'
import { actView, askAct } from '../fleet/acts.ts'
import type { HubParts } from '../parts.ts'
import { findSled } from '../store/sled-queries.ts'
import { caller, type ApiEnv } from './context.ts'
import { notFound } from './refusal.ts'

/** Sends an act to a sled of the caller's, and tells how it stands; refuses with 404 where there is none. */
export type AskSled = (
  c: Context<ApiEnv>,
  of: { readonly site: string; readonly sled: string },
  act: ActPayload['act'],
) => Promise<Act>

export const askSled =
  (parts: HubParts): AskSled =>
  async (c, { site, sled }, act) => {
    const principal = caller(c)
    const row = await parts.store.write(async (tx, notes) => {
      const held = await findSled(tx, principal, site, sled)
      if (held === undefined) throw notFound(`sled '${site}/${sled}'`)
      return await askAct(tx, parts, { site, sled, act, by: principal.user }, notes)
    })
    return actView(row)
  }
