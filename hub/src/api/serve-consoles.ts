import { CONSOLE_PROTOCOL } from '@brickyard/api/console-wire'
import type { ConsoleRecord } from '@brickyard/api/console-schemas'
import { ROUTES } from '@brickyard/api/routes'
import { SiteName, SledName } from '@brickyard/model/names'
import { createConsoleDesk } from '../consoles/console-desk.ts'
import type { HubParts } from '../parts.ts'
import { findRecord, listRecords, readParts } from '../store/console-records.ts'
import { findSled } from '../store/sled-queries.ts'
import type { ConsoleRecordTable } from '../store/tables.ts'
import { caller, type Api } from './context.ts'
import { refuseForeignOrigin } from './guard.ts'
import { notFound, problemResponse, Refusal } from './refusal.ts'

export function serveConsoles(api: Api, parts: HubParts): void {
  const { store } = parts
  const desk = createConsoleDesk(parts)
  parts.onStop(() => desk.stop())

  api.openapi(ROUTES.consoleOpen, async (c) => {
    // Another site's page can make a browser open a WebSocket with our cookie: the origin decides.
    refuseForeignOrigin(c, c.req.header('authorization') === undefined)
    const { site, sled } = c.req.valid('param')
    const { tail, ring, offset } = c.req.valid('query')
    const [siteName, sledName] = [SiteName.parse(site), SledName.parse(sled)]
    const principal = caller(c)
    const row = await store.read((tx) => findSled(tx, principal, site, sled))
    if (row === undefined || !siteName.ok || !sledName.ok) throw notFound(`sled '${site}/${sled}'`)
    const offered = c.req.header('sec-websocket-protocol')?.split(/, */) ?? []
    if (c.env.admit === undefined || !offered.includes(CONSOLE_PROTOCOL)) {
      const detail = `a console is a WebSocket with the subprotocol ${CONSOLE_PROTOCOL}`
      return problemResponse({ status: 426, code: 'upgrade-required', detail }, c.get('requestId'))
    }
    const at = { site: siteName.value, sled: sledName.value }
    const full = desk.full(at.site, at.sled)
    if (full !== undefined) {
      throw new Refusal({ status: 503, code: 'busy', detail: full, retryAfterSeconds: 10 })
    }
    const from = ring === undefined || offset === undefined ? null : { ring, offset }
    c.env.admit((link) => desk.join(at, principal, { from, tail }, link))
    return new Response(null)
  })

  api.openapi(ROUTES.consoleRecordList, async (c) => {
    const { site, sled } = c.req.valid('param')
    const principal = caller(c)
    const rows = await store.read(async (tx) => {
      if ((await findSled(tx, principal, site, sled)) === undefined) {
        throw notFound(`sled '${site}/${sled}'`)
      }
      return await listRecords(tx, site, sled)
    })
    return c.json({ items: rows.map(recordView) }, 200)
  })

  api.openapi(ROUTES.consoleRecordGet, async (c) => {
    const { record: id } = c.req.valid('param')
    const { after } = c.req.valid('query')
    const principal = caller(c)
    const { row, parts: found } = await store.read(async (tx) => {
      const record = await findRecord(tx, id)
      const sled = record && (await findSled(tx, principal, record.site, record.sled))
      if (record === undefined || sled === undefined) throw notFound(`console record '${id}'`)
      return { row: record, parts: await readParts(tx, id, after) }
    })
    const view = found.map(({ number, at_ms, what, by_whom, ring, first_byte, data }) => ({
      number,
      atMs: Number(at_ms),
      what,
      by: by_whom,
      ring,
      offset: first_byte === null ? null : Number(first_byte),
      data,
    }))
    return c.json({ record: recordView(row), parts: view }, 200)
  })
}

const recordView = (row: ConsoleRecordTable): ConsoleRecord => ({
  id: row.id,
  site: row.site,
  sled: row.sled,
  beganAtMs: Number(row.began_at_ms),
  lastAtMs: Number(row.last_at_ms),
  bytes: Number(row.bytes),
  cut: row.cut === 1,
})
