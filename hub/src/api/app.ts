import { ROUTES } from '@brickyard/api/routes'
import { randomHex } from '@brickyard/runtime/random'
import { zodProblem } from '@brickyard/protocol/rack-document'
import { MiB } from '@brickyard/std/units'
import { OpenAPIHono } from '@hono/zod-openapi'
import { HTTPException } from 'hono/http-exception'
import type { HubParts } from '../parts.ts'
import type { Api, ApiEnv } from './context.ts'
import { guardRoutes } from './guard.ts'
import { openapiDocument } from './openapi.ts'
import { problemResponse, Refusal } from './refusal.ts'
import { serveBmc } from './serve-bmc.ts'
import { serveCredentials } from './serve-credentials.ts'
import { serveConsoles } from './serve-consoles.ts'
import { serveDeployments } from './serve-deployments.ts'
import { serveImages } from './serve-images.ts'
import { serveNetboot } from './serve-netboot.ts'
import { serveObservation } from './serve-observation.ts'
import { serveSessions } from './serve-sessions.ts'
import { serveSites } from './serve-sites.ts'
import { serveSleds } from './serve-sleds.ts'
import { serveConsole } from './serve-console.ts'

/** A JSON body: a rack document of 512 sleds is below 400 kB. */
const JSON_BYTES_MAX = MiB(1)

/** The hub's API: every route of the contract behind its guard, and the console's files. */
export function createApi(parts: HubParts): Api {
  const api: Api = new OpenAPIHono<ApiEnv>({
    defaultHook: (result, c) => {
      if (result.success) return undefined
      const found: unknown = 'data' in result ? result.data : undefined
      const causes = result.error.issues.map((issue) => zodProblem(issue, found))
      const detail = 'the request does not have the form that this route takes'
      return problemResponse(
        { status: 400, code: 'bad-request', detail, causes },
        c.get('requestId'),
      )
    },
  })
  api.use(async (c, next) => {
    c.set('requestId', randomHex(parts.random, 8))
    await next()
    c.res.headers.set('x-request-id', c.get('requestId'))
  })
  handleErrors(api, parts)
  limitBodies(api)
  guardRoutes(api, parts.sessions)
  serveSessions(api, parts)
  serveSites(api, parts)
  serveSleds(api, parts)
  serveBmc(api, parts)
  serveCredentials(api, parts)
  serveImages(api, parts)
  serveDeployments(api, parts)
  serveNetboot(api, parts)
  serveConsoles(api, parts)
  serveObservation(api, parts)
  api.openapi(ROUTES.healthGet, (c) => c.text('ok', 200))
  api.openapi(ROUTES.readyGet, async (c) => {
    await parts.store.read((tx) => tx.selectFrom('counters').select('name').limit(1).execute())
    return c.text('ready', 200)
  })
  const document = openapiDocument()
  api.openapi(ROUTES.openapiGet, (c) => c.json(document, 200))
  api.all('/v1/*', (c) => {
    const detail = `there is no ${c.req.method} ${c.req.path}`
    return problemResponse({ status: 404, code: 'not-found', detail }, c.get('requestId'))
  })
  serveConsole(api, parts)
  return api
}

function handleErrors(api: Api, { log }: HubParts): void {
  api.onError((error, c) => {
    const requestId = c.get('requestId')
    if (error instanceof Refusal) return problemResponse(error.facts, requestId)
    if (error instanceof HTTPException) {
      const detail = error.message === '' ? 'the request cannot be read' : error.message
      return problemResponse({ status: error.status, code: 'bad-request', detail }, requestId)
    }
    log.error('a request failed', {
      requestId,
      method: c.req.method,
      path: c.req.path,
      error: error.stack ?? error.message,
    })
    const detail = `this is the hub’s own fault; its log names the request ${requestId}`
    return problemResponse({ status: 500, code: 'internal', detail }, requestId)
  })
}

/**
 * Refuses a JSON body that is too long, by its declared length or, sent in chunks, once too much has
 * come. (hono's own limit makes a new request around the body, which the server's lean ones refuse.)
 */
function limitBodies(api: Api): void {
  const refuse = (): never => {
    const detail = `a body of more than ${JSON_BYTES_MAX} bytes`
    throw new Refusal({ status: 413, code: 'too-large', detail })
  }
  const content = /^\/v1\/images\/[^/]+\/content$/
  api.use(async (c, next) => {
    if (content.test(c.req.path)) return next()
    if (Number(c.req.header('content-length') ?? 0) > JSON_BYTES_MAX) refuse()
    if (c.req.header('transfer-encoding') !== undefined && c.req.raw.body !== null) {
      const pieces: Uint8Array[] = []
      let bytes = 0
      for await (const piece of c.req.raw.body) {
        bytes += piece.length
        if (bytes > JSON_BYTES_MAX) refuse()
        pieces.push(piece)
      }
      const { method, url, raw } = c.req
      c.req.raw = new Request(url, { method, headers: raw.headers, body: Buffer.concat(pieces) })
    }
    return next()
  })
}
