import { ROUTES } from '@brickyard/api/routes'
import type { ImageCreate } from '@brickyard/api/schemas'
import { err, ok, type Result } from '@brickyard/std/result'
import { receiveImage } from '../blobs/receive-image.ts'
import { imageProblems, imageView } from '../fleet/image-view.ts'
import type { HubParts } from '../parts.ts'
import { findImage, listImages } from '../store/images.ts'
import { toPage } from '../store/page.ts'
import type { ImageTable } from '../store/tables.ts'
import { caller, type Api } from './context.ts'
import { conflict, invalid, notFound, orRefuse, Refusal } from './refusal.ts'

export function serveImages(api: Api, parts: HubParts): void {
  const { store, blobs, clock } = parts
  const received = async (row: ImageTable): Promise<number> =>
    row.state === 'ready' ? row.bytes : await blobs.receivedBytes(row)

  api.openapi(ROUTES.imageList, async (c) => {
    const page = c.req.valid('query')
    const rows = await store.read((tx) => listImages(tx, caller(c).tenant, page))
    const counts = new Map<string, number>()
    for (const row of rows) counts.set(row.sha256, await received(row))
    const answer = toPage(
      rows,
      page.limit,
      (row) => [row.name, row.sha256],
      (row) => imageView(row, counts.get(row.sha256) ?? 0),
    )
    return c.json(answer, 200)
  })

  api.openapi(ROUTES.imageCreate, async (c) => {
    const asked = c.req.valid('json')
    const problems = imageProblems(asked)
    if (problems.length > 0) throw invalid('the image cannot be as it is declared', problems)
    const { tenant } = caller(c)
    const fresh = newRow(asked, tenant, clock.wallMs())
    const held = await store.write(async (tx, notes) => {
      const before = await findImage(tx, tenant, asked.sha256)
      if (before !== undefined) return before
      await tx.insertInto('images').values(fresh).execute()
      notes.changed({ kind: 'image', id: asked.sha256, tenant })
      return undefined
    })
    if (held === undefined) return c.json(imageView(fresh, await received(fresh)), 201)
    if (held.spec !== fresh.spec || held.bytes !== fresh.bytes) {
      throw conflict('image-differs', `image ${asked.sha256} was declared otherwise before`)
    }
    return c.json(imageView(held, await received(held)), 200)
  })

  api.openapi(ROUTES.imageGet, async (c) => {
    const { sha256 } = c.req.valid('param')
    const row = await store.read((tx) => findImage(tx, caller(c).tenant, sha256))
    if (row === undefined) throw notFound(`image ${sha256}`)
    return c.json(imageView(row, await received(row)), 200)
  })

  api.openapi(ROUTES.imageContentPut, async (c) => {
    const { sha256 } = c.req.valid('param')
    const { tenant } = caller(c)
    const row = await store.read((tx) => findImage(tx, tenant, sha256))
    if (row === undefined) throw notFound(`image ${sha256}; declare it first`)
    const body = c.req.raw.body
    if (row.state === 'ready') {
      await body?.cancel()
      return c.json(imageView(row, row.bytes), 200)
    }
    const first = orRefuse(firstByte(c.req.valid('header')['content-range'], row.bytes))
    if (body === null) {
      throw new Refusal({ status: 400, code: 'bad-request', detail: 'there is no body' })
    }
    const raw_check = orRefuse(await receiveImage(parts, row, first, body))
    const ready: ImageTable = { ...row, state: 'ready', raw_check }
    await store.write(async (tx, notes) => {
      await tx
        .updateTable('images')
        .set({ state: 'ready', raw_check })
        .where('tenant', '=', tenant)
        .where('sha256', '=', sha256)
        .execute()
      notes.changed({ kind: 'image', id: sha256, tenant })
    })
    return c.json(imageView(ready, ready.bytes), 200)
  })
}

function newRow(asked: ImageCreate, tenant: string, nowMs: number): ImageTable {
  const { name, sha256, bytes, ...spec } = asked
  return {
    tenant,
    sha256,
    name,
    state: 'awaiting-content',
    bytes,
    spec: JSON.stringify(spec),
    raw_check: 'unknown',
    created_at_ms: nowMs,
  }
}

/** `bytes FIRST-LAST/TOTAL` up to the last byte (RFC 9110 §14.4); without it the upload begins anew. */
function firstByte(header: string | undefined, bytes: number): Result<number, Refusal> {
  if (header === undefined) return ok(0)
  const match = /^bytes (\d{1,15})-(\d{1,15})\/(\d{1,15})$/.exec(header)
  const [first, last, total] = (match ?? []).slice(1).map(Number)
  if (first !== undefined && last === bytes - 1 && total === bytes && first <= last) {
    return ok(first)
  }
  const detail = `content-range is '${header}'; expected 'bytes FIRST-${bytes - 1}/${bytes}'`
  return err(new Refusal({ status: 416, code: 'wrong-range', detail }))
}
