import { ROUTES } from '@brickyard/api/routes'
import type { Act } from '@brickyard/api/schemas'
import type { ActPayload } from '@brickyard/protocol/acts'
import type { Context } from 'hono'
import { actView, askAct } from '../fleet/acts.ts'
import { bmcView } from '../fleet/bmc-view.ts'
import type { HubParts } from '../parts.ts'
import { findSled } from '../store/sled-queries.ts'
import { caller, type Api, type ApiEnv } from './context.ts'
import { notFound } from './refusal.ts'

/** What a sled's BMC says, its restart, and the release of a sled that ran before us. */
export function serveBmc(api: Api, parts: HubParts): void {
  const { store, links, clock } = parts

  api.openapi(ROUTES.sledBmc, async (c) => {
    const { site, sled } = c.req.valid('param')
    const row = await store.read((tx) => findSled(tx, caller(c), site, sled))
    if (row === undefined) throw notFound(`sled '${site}/${sled}'`)
    return c.json(bmcView(row, links, clock.wallMs()), 200)
  })

  const ask = async (
    c: Context<ApiEnv>,
    { site, sled }: { site: string; sled: string },
    act: ActPayload['act'],
  ): Promise<Act> => {
    const principal = caller(c)
    const row = await store.write(async (tx, notes) => {
      const held = await findSled(tx, principal, site, sled)
      if (held === undefined) throw notFound(`sled '${site}/${sled}'`)
      return await askAct(tx, parts, { site, sled, act, by: principal.user }, notes)
    })
    return actView(row)
  }
  api.openapi(ROUTES.sledReleaseAdoption, async (c) =>
    c.json(await ask(c, c.req.valid('param'), { kind: 'release-adoption' }), 202),
  )
  api.openapi(ROUTES.sledRestartBmc, async (c) =>
    c.json(await ask(c, c.req.valid('param'), { kind: 'restart-bmc' }), 202),
  )
}
