import type { FetchHandler } from '@brickyard/runtime/http'
import { Counter, Gauge, Registry } from 'prom-client'
import type { LinkState } from './hub-link/hub-link.ts'
import type { LoaderFacts } from './netboot/loaders.ts'
import type { Count, NetbootCounts } from './netboot/trace-counts.ts'
import { ackedSeq, lastSeq } from './store/journal.ts'
import type { SiteStore } from './store/site-store.ts'

export interface SiteApiParts {
  readonly site: SiteStore
  readonly agentVersion: string
  readonly link: () => LinkState
  readonly blobBytes: () => number
  /** What is wrong now, by name; empty when nothing is. */
  readonly troubles: () => ReadonlyMap<string, string>
  readonly netboot: NetbootCounts
  /** How the latest boot of each machine stands. */
  readonly boots: () => readonly Count[]
  readonly bootLoaders: () => readonly LoaderFacts[]
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

function health({ site, agentVersion, link, troubles, bootLoaders }: SiteApiParts): Response {
  try {
    const eventsWaiting = waiting(site)
    const body = { ok: true, agentVersion, hub: link().kind, eventsWaiting }
    const now = { troubles: Object.fromEntries(troubles()), bootLoaders: bootLoaders() }
    return Response.json({ ...body, ...now })
  } catch (error) {
    return Response.json({ ok: false, reason: String(error) }, { status: 503 })
  }
}

const waiting = (site: SiteStore): number => site.read((sql) => lastSeq(sql) - ackedSeq(sql))

function createMetrics(parts: SiteApiParts): Registry {
  const { site, link, blobBytes, troubles, netboot } = parts
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
  addCounter(registry, 'dhcp_messages_total', ['network', 'message', 'result'], {
    help: 'DHCP messages of clients by what they asked and what they were answered.',
    read: netboot.dhcpMessages,
  })
  addCounter(registry, 'tftp_transfers_total', ['network', 'result'], {
    help: 'TFTP requests by how they ended.',
    read: netboot.tftpTransfers,
  })
  addCounter(registry, 'boot_http_responses_total', ['network', 'asked', 'status'], {
    help: 'HTTP requests of booting machines by what they asked and how it was answered.',
    read: netboot.httpResponses,
  })
  const boots: Gauge<'network' | 'state'> = new Gauge({
    name: 'brickyard_agent_boots',
    help: 'Machines by how their latest boot stands.',
    labelNames: ['network', 'state'],
    registers: [registry],
    collect() {
      boots.reset()
      for (const { labels, count } of parts.boots()) boots.set(labels, count)
    },
  })
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

/** A counter that somebody else counts: taken over whole whenever it is read. */
function addCounter(
  registry: Registry,
  name: string,
  labelNames: string[],
  { help, read }: { readonly help: string; readonly read: () => readonly Count[] },
): void {
  const counter: Counter = new Counter({
    name: `brickyard_agent_${name}`,
    help,
    labelNames,
    registers: [registry],
    collect() {
      counter.reset()
      for (const { labels, count } of read()) counter.inc(labels, count)
    },
  })
}
