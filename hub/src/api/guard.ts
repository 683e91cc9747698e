import { SESSION_COOKIE, ROUTES } from '@brickyard/api/routes'
import { getCookie } from 'hono/cookie'
import type { Context, Next } from 'hono'
import { mayDo } from '../auth/principal.ts'
import type { Sessions } from '../auth/sessions.ts'
import type { Api, ApiEnv } from './context.ts'
import { Refusal } from './refusal.ts'

const SAFE_METHODS = ['GET', 'HEAD', 'OPTIONS']

/** Puts the guard of every route before its handler: deny by default (DESIGN.md §9). */
export function guardRoutes(api: Api, sessions: Sessions): void {
  for (const route of Object.values(ROUTES)) {
    const permission = route['x-permission']
    const method = route.method.toUpperCase()
    api.on(method, route.getRoutingPath(), async (c: Context<ApiEnv>, next: Next) => {
      if (permission !== 'public') {
        const principal = await identify(c, sessions)
        if (!mayDo(principal, permission)) {
          throw new Refusal({
            status: 403,
            code: 'not-allowed',
            detail: `role ${principal.role} lacks the permission ${permission}`,
          })
        }
        c.set('principal', principal)
      } else if (!SAFE_METHODS.includes(c.req.method)) {
        refuseForeignOrigin(c, false)
      }
      await next()
    })
  }
}

async function identify(c: Context<ApiEnv>, sessions: Sessions) {
  const bearer = /^Bearer ([\w-]{20,200})$/.exec(c.req.header('authorization') ?? '')?.[1]
  const cookie = getCookie(c, SESSION_COOKIE)
  const token = bearer ?? cookie
  const principal = token === undefined ? undefined : await sessions.find(token)
  if (principal === undefined) {
    throw new Refusal({ status: 401, code: 'not-signed-in', detail: 'sign in first' })
  }
  if (bearer === undefined && !SAFE_METHODS.includes(c.req.method)) refuseForeignOrigin(c, true)
  return principal
}

/**
 * A browser sends the cookie along with what other sites make it ask: such writes are refused.
 * Browsers say where a request comes from; `strict` refuses one that says nothing.
 */
export function refuseForeignOrigin(c: Context<ApiEnv>, strict: boolean): void {
  const site = c.req.header('sec-fetch-site')
  const origin = c.req.header('origin')
  const host = c.req.header('host') ?? new URL(c.req.url).host
  const sameOrigin =
    site === undefined
      ? origin === undefined
        ? !strict
        : URL.canParse(origin) && new URL(origin).host === host
      : site === 'same-origin'
  if (!sameOrigin) {
    const detail = 'a write with the session cookie has to come from the console’s own origin'
    throw new Refusal({ status: 403, code: 'foreign-origin', detail })
  }
}
