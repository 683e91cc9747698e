import { ROUTES } from '@brickyard/api/routes'
import type { HubParts } from '../parts.ts'
import { listSealedLogins } from '../store/sealed-logins.ts'
import { findSled } from '../store/sled-queries.ts'
import { askSled } from './ask-sled.ts'
import { caller, type Api } from './context.ts'
import { notFound } from './refusal.ts'

/** Logins of BMCs, which the hub passes on sealed and never sees. */
export function serveCredentials(api: Api, parts: HubParts): void {
  const { store } = parts

  const ask = askSled(parts)

  api.openapi(ROUTES.sledRotateCredentials, async (c) =>
    c.json(await ask(c, c.req.valid('param'), { kind: 'rotate-credentials' }), 202),
  )
  api.openapi(ROUTES.sledGiveLogin, async (c) => {
    const { box } = c.req.valid('json')
    return c.json(await ask(c, c.req.valid('param'), { kind: 'give-login', box }), 202)
  })

  api.openapi(ROUTES.sledSealedLogins, async (c) => {
    const { site, sled } = c.req.valid('param')
    const rows = await store.read(async (tx) => {
      const held = await findSled(tx, caller(c), site, sled)
      if (held === undefined) throw notFound(`sled '${site}/${sled}'`)
      return await listSealedLogins(tx, site, sled)
    })
    const items = rows.map(({ operation, user, key_id, box, sealed_at_ms }) => ({
      operation,
      user,
      keyId: key_id,
      box,
      sealedAtMs: Number(sealed_at_ms),
    }))
    return c.json({ items }, 200, { 'cache-control': 'no-store' })
  })
}
