import type { FetchHandler } from '@brickyard/runtime/http'
import { Gauge, Registry } from 'prom-client'
import type { LinkState } from './hub-link/hub-link.ts'
import { ackedSeq, lastSeq } from './store/journal.ts'
import type { SiteStore } from './store/site-store.ts'

export interface SiteApiParts {
  readonly site: SiteStore
  readonly agentVersion: string
  readonly link: () => LinkState
  readonly blobBytes: () => number
  /** What is wrong now, by name; empty when nothing is. */
  readonly troubles: () => ReadonlyMap<string, string>
}

/**
 * `/healthz` and `/metrics` for a local listener. Healthy means that the store answers; a hub that
 * is away or a network that cannot be served is told and is no reason to restart anything.
 */
export function createSiteApi(parts: SiteApiParts): FetchHandler {
  const registry = createMetrics(parts)
  return async (request) => {
    const { pathname } = new URL(request.url)
    if (request.method !== 'GET') return new Response('GET it\n', { status: 405 })
    if (pathname === '/healthz') return health(parts)
    if (pathname !== '/metrics') return new Response('not here\n', { status: 404 })
    return new Response(await registry.metrics(), {
      headers: { 'content-type': registry.contentType },
    })
  }
}

function health({ site, agentVersion, link, troubles }: SiteApiParts): Response {
  try {
    const eventsWaiting = waiting(site)
    const body = { ok: true, agentVersion, hub: link().kind, eventsWaiting }
    return Response.json({ ...body, troubles: Object.fromEntries(troubles()) })
  } catch (error) {
    return Response.json({ ok: false, reason: String(error) }, { status: 503 })
  }
}

const waiting = (site: SiteStore): number => site.read((sql) => lastSeq(sql) - ackedSeq(sql))

function createMetrics({ site, link, blobBytes, troubles }: SiteApiParts): Registry {
  const registry = new Registry()
  const gauge = (name: string, help: string, read: () => number): void => {
    const made: Gauge = new Gauge({
      name: `brickyard_agent_${name}`,
      help,
      registers: [registry],
      collect: () => made.set(read()),
    })
  }
  gauge('events_waiting', 'Events the hub has not acknowledged.', () => waiting(site))
  gauge('hub_link_up', '1 while the hub link is up.', () => (link().kind === 'up' ? 1 : 0))
  gauge('operations_running', 'Operations that are not over.', () => site.running.size)
  gauge('blob_bytes', 'Bytes of images held at the site.', blobBytes)
  gauge('troubles', 'Things that are wrong now.', () => troubles().size)
  const sleds: Gauge<'state'> = new Gauge({
    name: 'brickyard_agent_sleds',
    help: 'Sleds by state.',
    labelNames: ['state'],
    registers: [registry],
    collect() {
      sleds.reset()
      for (const { state } of site.sleds.values()) sleds.inc({ state })
    },
  })
  return registry
}
