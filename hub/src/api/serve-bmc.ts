import { ROUTES } from '@brickyard/api/routes'
import { actView, askAct } from '../fleet/acts.ts'
import { bmcView } from '../fleet/bmc-view.ts'
import type { HubParts } from '../parts.ts'
import { findSled } from '../store/sled-queries.ts'
import { caller, type Api } from './context.ts'
import { notFound } from './refusal.ts'

/** What a sled's BMC says, and the release of a sled that ran before us. */
export function serveBmc(api: Api, parts: HubParts): void {
  const { store, links, clock } = parts

  api.openapi(ROUTES.sledBmc, async (c) => {
    const { site, sled } = c.req.valid('param')
    const row = await store.read((tx) => findSled(tx, caller(c), site, sled))
    if (row === undefined) throw notFound(`sled '${site}/${sled}'`)
    return c.json(bmcView(row, links, clock.wallMs()), 200)
  })

  api.openapi(ROUTES.sledReleaseAdoption, async (c) => {
    const { site, sled } = c.req.valid('param')
    const principal = caller(c)
    const act = await store.write(async (tx, notes) => {
      const held = await findSled(tx, principal, site, sled)
      if (held === undefined) throw notFound(`sled '${site}/${sled}'`)
      const asked = { site, sled, act: { kind: 'release-adoption' as const }, by: principal.user }
      return await askAct(tx, parts, asked, notes)
    })
    return c.json(actView(act), 202)
  })
}
