import { ROUTES } from '@brickyard/api/routes'
import type { ApiEvent } from '@brickyard/api/schemas'
import { mayDo, type Principal } from '../auth/principal.ts'
import { actView } from '../fleet/acts.ts'
import { gatherAttention } from '../fleet/attention.ts'
import { eventText } from '../fleet/event-text.ts'
import { operationView } from '../fleet/sled-view.ts'
import { serveLive } from '../live/serve-live.ts'
import type { HubParts } from '../parts.ts'
import type { ScopedChange } from '../store/hub-store.ts'
import { listEvents, listOperations, type WorkScope } from '../store/observation.ts'
import { toPage } from '../store/page.ts'
import { allSites, sledCounts } from '../store/sites.ts'
import type { EventTable } from '../store/tables.ts'
import { caller, type Api } from './context.ts'
import { notFound, Refusal } from './refusal.ts'
import { refuseUnknownSite } from './site-filter.ts'

/** Running operations on the overview. */
const RUNNING_SHOWN_MAX = 50
/** Live streams at once; each is a socket and some memory. */
const LIVE_STREAMS_MAX = 500

/** A tenant sees the operations on its own sleds; whoever sees the fleet sees all. */
const workScope = (principal: Principal): WorkScope => ({
  owner: principal.owner,
  onlyTenant: mayDo(principal, 'fleet.read') ? undefined : principal.tenant,
})

export function serveObservation(api: Api, parts: HubParts): void {
  const { store, links, clock } = parts
  serveLists(api, parts)

  api.openapi(ROUTES.attentionList, async (c) => {
    const items = await store.read((tx) => gatherAttention(tx, parts, caller(c)))
    return c.json({ items }, 200)
  })

  api.openapi(ROUTES.overviewGet, async (c) => {
    const principal = caller(c)
    const overview = await store.read(async (tx) => {
      const sites = await allSites(tx, principal)
      const siteCountByLink: Record<string, number> = {}
      for (const { name } of sites) {
        const link = links.state(name)
        siteCountByLink[link] = (siteCountByLink[link] ?? 0) + 1
      }
      const counts = await sledCounts(
        tx,
        sites.map(({ name }) => name),
      )
      const sledCountByState: Record<string, number> = {}
      for (const of of counts.values()) {
        for (const [state, count] of Object.entries(of)) {
          sledCountByState[state] = (sledCountByState[state] ?? 0) + count
        }
      }
      const running = mayDo(principal, 'operations.read')
        ? await listOperations(
            tx,
            workScope(principal),
            { state: 'running' },
            { limit: RUNNING_SHOWN_MAX },
          )
        : []
      return {
        siteCountByLink,
        sledCountByState,
        runningOperations: running
          .slice(0, RUNNING_SHOWN_MAX)
          .map((row) => operationView(row, links)),
        attention: await gatherAttention(tx, parts, principal),
        asOfMs: clock.wallMs(),
      }
    })
    return c.json(overview, 200)
  })

  const streams = new Set<() => void>()
  parts.onStop(() => {
    for (const end of streams) end()
  })
  api.openapi(ROUTES.liveGet, async (c) => {
    if (streams.size >= LIVE_STREAMS_MAX) {
      const detail = 'too many live streams are open'
      throw new Refusal({ status: 503, code: 'busy', detail, retryAfterSeconds: 10 })
    }
    return serveLive({
      feed: parts.feed,
      clock,
      lastId: c.req.header('last-event-id'),
      maySee: await visible(parts, caller(c)),
      onOpen: (end) => {
        streams.add(end)
        return () => void streams.delete(end)
      },
    })
  })
}

/** Which changes a person may hear of: the rows that the person could also fetch. */
async function visible(
  { store }: HubParts,
  principal: Principal,
): Promise<(change: ScopedChange) => boolean> {
  const { owner, tenant } = principal
  const sites =
    owner === undefined
      ? undefined
      : new Set((await store.read((tx) => allSites(tx, principal))).map(({ name }) => name))
  const fleet = mayDo(principal, 'fleet.read')
  return (change) =>
    change.tenant === undefined
      ? fleet && (sites === undefined || (change.site !== undefined && sites.has(change.site)))
      : mayDo(principal, 'deployments.read') && change.tenant === tenant
}

function serveLists(api: Api, { store, links }: HubParts): void {
  api.openapi(ROUTES.operationList, async (c) => {
    const query = c.req.valid('query')
    const scope = workScope(caller(c))
    const rows = await store.read(async (tx) => {
      await refuseUnknownSite(tx, caller(c), query.site)
      return await listOperations(tx, scope, query, query)
    })
    const page = toPage(
      rows,
      query.limit,
      (row) => [row.started_at_ms, row.id],
      (row) => operationView(row, links),
    )
    return c.json(page, 200)
  })

  api.openapi(ROUTES.operationGet, async (c) => {
    const { operation: id } = c.req.valid('param')
    const scope = workScope(caller(c))
    const [row] = await store.read((tx) => listOperations(tx, scope, { id }, { limit: 1 }))
    if (row === undefined) throw notFound(`operation ${id}`)
    return c.json(operationView(row, links), 200)
  })

  api.openapi(ROUTES.actGet, async (c) => {
    const { act } = c.req.valid('param')
    const { owner, role, user } = caller(c)
    const row = await store.read((tx) => {
      const query = tx
        .selectFrom('acts')
        .innerJoin('sites', 'sites.name', 'acts.site')
        .selectAll('acts')
        .where('acts.id', '=', act)
      const owned = owner === undefined ? query : query.where('sites.owner', '=', owner)
      const own = role === 'tenant' ? owned.where('acts.requested_by', '=', user) : owned
      return own.executeTakeFirst()
    })
    if (row === undefined) throw notFound(`act ${act}`)
    return c.json(actView(row), 200)
  })

  api.openapi(ROUTES.eventList, async (c) => {
    const query = c.req.valid('query')
    const rows = await store.read(async (tx) => {
      await refuseUnknownSite(tx, caller(c), query.site)
      return await listEvents(tx, caller(c), query, query)
    })
    return c.json(
      toPage(rows, query.limit, (row) => [row.id], eventView),
      200,
    )
  })
}

function eventView(row: EventTable): ApiEvent {
  const body = withoutBox(row.kind, JSON.parse(row.body))
  return {
    id: row.id,
    site: row.site,
    epoch: row.epoch,
    seq: row.seq,
    atMs: row.at_ms,
    receivedAtMs: row.received_at_ms,
    kind: row.kind,
    sled: row.sled,
    text: eventText(row.kind, body),
    body,
    readable: row.readable === 1,
  }
}

/** A sealed login is for those who may fetch it, not for all who read events. */
function withoutBox(kind: string, body: unknown): unknown {
  if (kind !== 'sled.login-sealed' || typeof body !== 'object' || body === null) return body
  const { box: _, ...rest } = body as { readonly box?: unknown }
  return rest
}
