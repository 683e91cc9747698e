import { ROUTES } from '@brickyard/api/routes'
import { sledView } from '../fleet/sled-view.ts'
import type { HubParts } from '../parts.ts'
import { toPage } from '../store/page.ts'
import { findSled, listSleds } from '../store/sled-queries.ts'
import { askSled } from './ask-sled.ts'
import { caller, type Api } from './context.ts'
import { notFound } from './refusal.ts'
import { refuseUnknownSite } from './site-filter.ts'

export function serveSleds(api: Api, parts: HubParts): void {
  const { store, links } = parts

  api.openapi(ROUTES.sledList, async (c) => {
    const query = c.req.valid('query')
    const rows = await store.read(async (tx) => {
      await refuseUnknownSite(tx, caller(c), query.site)
      return await listSleds(tx, caller(c), query, query)
    })
    const page = toPage(
      rows,
      query.limit,
      (row) => [row.site, row.name],
      (row) => sledView(row, links),
    )
    return c.json(page, 200)
  })

  api.openapi(ROUTES.sledGet, async (c) => {
    const { site, sled } = c.req.valid('param')
    const row = await store.read((tx) => findSled(tx, caller(c), site, sled))
    if (row === undefined) throw notFound(`sled '${site}/${sled}'`)
    return c.json(sledView(row, links), 200)
  })

  const ask = askSled(parts)

  api.openapi(ROUTES.sledPower, async (c) => {
    const { verb, via } = c.req.valid('json')
    return c.json(await ask(c, c.req.valid('param'), { kind: 'power', verb, via }), 202)
  })
  api.openapi(ROUTES.sledIdentify, async (c) => {
    const { seconds } = c.req.valid('json')
    return c.json(await ask(c, c.req.valid('param'), { kind: 'identify', seconds }), 202)
  })
  api.openapi(ROUTES.sledInspect, async (c) =>
    c.json(await ask(c, c.req.valid('param'), { kind: 'inspect' }), 202),
  )
  api.openapi(ROUTES.sledRecover, async (c) =>
    c.json(await ask(c, c.req.valid('param'), { kind: 'recover' }), 202),
  )
}
