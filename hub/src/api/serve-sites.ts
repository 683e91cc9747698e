import { ROUTES } from '@brickyard/api/routes'
import type { SiteDetail } from '@brickyard/api/schemas'
import { SiteName } from '@brickyard/model/names'
import type { RackDocument } from '@brickyard/model/rack'
import { parseRackDocument } from '@brickyard/protocol/rack-document'
import { assert } from '@brickyard/std/assert'
import { problem } from '@brickyard/std/problem'
import { newEnrolmentToken } from '../agent-link/enrolment.ts'
import { siteDetailView, siteView, toMicro } from '../fleet/site-view.ts'
import type { HubParts } from '../parts.ts'
import type { Tx } from '../store/hub-store.ts'
import { toPage } from '../store/page.ts'
import { findSite, listSites, sledCounts, type SiteRow, type SiteScope } from '../store/sites.ts'
import { putRack } from '../store/racks.ts'
import { caller, type Api } from './context.ts'
import { conflict, invalid, notFound } from './refusal.ts'

export async function mustFindSite(tx: Tx, scope: SiteScope, name: string): Promise<SiteRow> {
  const row = await findSite(tx, scope, name)
  if (row === undefined) throw notFound(`site '${name}'`)
  return row
}

export function serveSites(api: Api, parts: HubParts): void {
  const { store, links, clock } = parts

  const detail = async (tx: Tx, scope: SiteScope, name: string): Promise<SiteDetail> => {
    const row = await mustFindSite(tx, scope, name)
    const counts = await sledCounts(tx, [row.name])
    return siteDetailView(row, counts.get(row.name), links)
  }

  api.openapi(ROUTES.siteList, async (c) => {
    const page = c.req.valid('query')
    const scope = caller(c)
    const answer = await store.read(async (tx) => {
      const rows = await listSites(tx, scope, page)
      const counts = await sledCounts(
        tx,
        rows.map(({ name }) => name),
      )
      return toPage(
        rows,
        page.limit,
        (row) => [row.name],
        (row) => siteView(row, counts.get(row.name), links),
      )
    })
    return c.json(answer, 200)
  })

  api.openapi(ROUTES.siteCreate, async (c) => {
    const asked = c.req.valid('json')
    const scope = caller(c)
    const created = await store.write(async (tx, notes) => {
      const held = await findSite(tx, { owner: undefined }, asked.name)
      if (held !== undefined) throw conflict('site-exists', `there is a site '${asked.name}'`)
      await tx
        .insertInto('sites')
        .values({
          name: asked.name,
          owner: asked.owner,
          display_name: asked.displayName ?? asked.name,
          latitude_e6: toMicro(asked.latitude),
          longitude_e6: toMicro(asked.longitude),
          created_at_ms: clock.wallMs(),
          wanted_generation: 0,
          whole_below_generation: 0,
        })
        .execute()
      notes.changed({ kind: 'site', id: asked.name, site: asked.name })
      return await detail(tx, scope, asked.name)
    })
    return c.json(created, 201)
  })

  api.openapi(ROUTES.siteGet, async (c) => {
    const { site } = c.req.valid('param')
    return c.json(await store.read((tx) => detail(tx, caller(c), site)), 200)
  })

  api.openapi(ROUTES.siteRackGet, async (c) => {
    const { site } = c.req.valid('param')
    const row = await store.read((tx) => mustFindSite(tx, caller(c), site))
    if (row.rack === null) throw notFound(`rack document of site '${site}'`)
    return c.json(JSON.parse(row.rack) as Record<string, unknown>, 200)
  })

  api.openapi(ROUTES.siteRackPut, async (c) => {
    const { site } = c.req.valid('param')
    const document = c.req.valid('json')
    const parsed = parseRackDocument(document)
    if (!parsed.ok) throw invalid('the rack document is not right', parsed.error)
    if (parsed.value.site !== site) {
      throw invalid('the rack document is of another site', [
        problem('site', parsed.value.site, `'${site}', the site it is put to`),
      ])
    }
    const changed = await store.write(async (tx, notes) => {
      await mustFindSite(tx, caller(c), site)
      const missing = await putRack(tx, parsed.value, notes)
      if (missing.length > 0) throw invalid('sleds at work cannot be left out', missing)
      return await detail(tx, caller(c), site)
    })
    return c.json(changed, 200)
  })

  api.openapi(ROUTES.networkModePut, async (c) => {
    const { site, network } = c.req.valid('param')
    const { mode } = c.req.valid('json')
    const changed = await store.write(async (tx, notes) => {
      const row = await mustFindSite(tx, caller(c), site)
      const held = row.rack === null ? undefined : (JSON.parse(row.rack) as RackDocument)
      if (held?.networks.some(({ name }) => name === network) !== true) {
        throw notFound(`network '${network}' at site '${site}'`)
      }
      const networks = held.networks.map((one) => (one.name === network ? { ...one, mode } : one))
      const rack = parseRackDocument({ ...held, networks })
      if (!rack.ok) throw invalid(`${network} cannot be ${mode}`, rack.error)
      const problems = await putRack(tx, rack.value, notes)
      assert(problems.length === 0, 'its sleds are those it had')
      return await detail(tx, caller(c), site)
    })
    return c.json(changed, 200)
  })

  api.openapi(ROUTES.siteEnrolmentTokenCreate, async (c) => {
    const name = SiteName.parse(c.req.valid('param').site)
    if (!name.ok) throw notFound(`site '${c.req.valid('param').site}'`)
    const made = await store.write(async (tx) => {
      await mustFindSite(tx, caller(c), name.value)
      return await newEnrolmentToken(tx, name.value, parts)
    })
    return c.json({ ...made, site: name.value }, 201, { 'cache-control': 'no-store' })
  })
}
