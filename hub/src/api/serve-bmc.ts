import { ROUTES } from '@brickyard/api/routes'
import { bmcView } from '../fleet/bmc-view.ts'
import type { HubParts } from '../parts.ts'
import { findSled } from '../store/sled-queries.ts'
import { askSled } from './ask-sled.ts'
import { caller, type Api } from './context.ts'
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

  const ask = askSled(parts)
  api.openapi(ROUTES.sledReleaseAdoption, async (c) =>
    c.json(await ask(c, c.req.valid('param'), { kind: 'release-adoption' }), 202),
  )
  api.openapi(ROUTES.sledRestartBmc, async (c) =>
    c.json(await ask(c, c.req.valid('param'), { kind: 'restart-bmc' }), 202),
  )
}
