import type { ROUTES } from '@brickyard/api/routes'
import type { HttpPeer } from '@brickyard/runtime/http'
import type { WebSocketLink } from '@brickyard/runtime/websocket'
import { assert } from '@brickyard/std/assert'
import type { OpenAPIHono } from '@hono/zod-openapi'
import type { Context } from 'hono'
import type { Principal } from '../auth/principal.ts'

/** What a request carries through the API. */
export interface ApiEnv {
  Bindings: {
    peer: HttpPeer
    /** Takes the WebSocket that the request asks for, once it was allowed; plain requests have none. */
    admit?: (take: (link: WebSocketLink) => void) => void
  }
  Variables: {
    requestId: string
    /** Set only by the guard of a route that asks for a permission, once it was granted. */
    principal?: Principal
  }
}

export type Api = OpenAPIHono<ApiEnv>
export type Routes = typeof ROUTES

/** Who asks. A handler can have no principal but through the guard of its route. */
export function caller(c: Context<ApiEnv>): Principal {
  const principal = c.get('principal')
  assert(principal !== undefined, `${c.req.path} was served without a guard`)
  return principal
}
