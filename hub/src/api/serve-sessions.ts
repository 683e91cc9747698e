import { ROUTES, SESSION_COOKIE } from '@brickyard/api/routes'
import type { Session } from '@brickyard/api/schemas'
import { deleteCookie, setCookie } from 'hono/cookie'
import type { Principal } from '../auth/principal.ts'
import type { HubParts } from '../parts.ts'
import { caller, type Api } from './context.ts'
import { orRefuse } from './refusal.ts'

export function serveSessions(api: Api, { sessions, config }: HubParts): void {
  const cookie = {
    httpOnly: true,
    sameSite: 'Strict',
    path: '/',
    secure: config.publicUrl.startsWith('https:'),
  } as const

  api.openapi(ROUTES.sessionCreate, async (c) => {
    const { user, password } = c.req.valid('json')
    const { token, principal } = orRefuse(await sessions.login(user, password, c.env.peer.address))
    setCookie(c, SESSION_COOKIE, token, { ...cookie, maxAge: Math.floor(config.sessionMs / 1000) })
    return c.json(view(principal, token), 201, { 'cache-control': 'no-store' })
  })
  api.openapi(ROUTES.sessionGet, (c) => c.json(view(caller(c), null), 200))
  api.openapi(ROUTES.sessionDelete, async (c) => {
    await sessions.end(caller(c))
    deleteCookie(c, SESSION_COOKIE, cookie)
    return c.body(null, 204)
  })
}

const view = (principal: Principal, token: string | null): Session => ({
  user: principal.user,
  role: principal.role,
  tenant: principal.tenant,
  token,
  expiresAtMs: principal.expiresAtMs,
})
