import { ROUTES } from '@brickyard/api/routes'
import { Mac } from '@brickyard/model/mac'
import { SledName } from '@brickyard/model/names'
import { problem } from '@brickyard/std/problem'
import { netbootPreviewSchema } from '@brickyard/protocol/boot-trace'
import { lookUpBoots } from '../fleet/boot-traces.ts'
import type { HubParts } from '../parts.ts'
import { findSled } from '../store/sled-queries.ts'
import { caller, type Api } from './context.ts'
import { invalid, notFound, Refusal } from './refusal.ts'
import { mustFindSite } from './serve-sites.ts'

export function serveNetboot(api: Api, parts: HubParts): void {
  const { store, links } = parts

  api.openapi(ROUTES.sledBoots, async (c) => {
    const { site, sled } = c.req.valid('param')
    const name = SledName.parse(sled)
    const row = await store.read((tx) => findSled(tx, caller(c), site, sled))
    if (row === undefined || !name.ok) throw notFound(`sled '${site}/${sled}'`)
    return c.json(await lookUpBoots(parts, site, { sled: name.value }), 200)
  })

  api.openapi(ROUTES.strangerBoots, async (c) => {
    const { site } = c.req.valid('param')
    const { mac: text } = c.req.valid('query')
    await store.read((tx) => mustFindSite(tx, caller(c), site))
    if (text === undefined) return c.json(await lookUpBoots(parts, site, {}), 200)
    const mac = Mac.parse(text)
    if (!mac.ok) throw invalid(mac.error, [problem('mac', text, 'a MAC address')])
    return c.json(await lookUpBoots(parts, site, { mac: mac.value }), 200)
  })

  api.openapi(ROUTES.netbootPreview, async (c) => {
    const { site } = c.req.valid('param')
    const { mode } = c.req.valid('query')
    await store.read((tx) => mustFindSite(tx, caller(c), site))
    const said = await links.ask(site, { kind: 'netboot-preview', ...(mode && { mode }) })
    if (!said.ok) throw notNow(said.error)
    const preview = netbootPreviewSchema.safeParse(said.value)
    if (!preview.success) throw notNow('the site answered what this hub cannot read')
    return c.json(preview.data, 200)
  })
}

/** A preview of yesterday is worth nothing: there is one, or there is none. */
const notNow = (detail: string): Refusal =>
  new Refusal({ status: 503, code: 'no-preview', detail: `there is no preview: ${detail}` })
