import type { DeploymentAsked, Page } from '@brickyard/api/schemas'
import type { Answer } from '@brickyard/api/client'
import type { NetworkMode } from '@brickyard/model/rack'
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import { answered, hub } from './request.ts'

/** What the console asks the hub, and the keys under which answers are kept and made stale. */

/** Rows asked for at once; a list larger than PAGES_MAX of them is cut, and says so. */
const PAGE_ROWS = 500
const PAGES_MAX = 10

export interface Listing<T> {
  readonly items: readonly T[]
  /** True when the hub has more than we asked for. */
  readonly cut: boolean
}

interface PageWanted {
  readonly limit: number
  readonly pageToken?: string
}

async function listAll<T>(ask: (page: PageWanted) => Answer<Page<T>>): Promise<Listing<T>> {
  const items: T[] = []
  let token: string | null = null
  for (let page = 0; page < PAGES_MAX; page++) {
    const wanted = token === null ? {} : { pageToken: token }
    const answer: Page<T> = await answered(ask({ limit: PAGE_ROWS, ...wanted }))
    items.push(...answer.items)
    token = answer.nextPage
    if (token === null) return { items, cut: false }
  }
  return { items, cut: true }
}

export const sessionQuery = queryOptions({
  queryKey: ['session'],
  queryFn: () => answered(hub.session()),
  retry: false,
  staleTime: Infinity,
})

export const overviewQuery = queryOptions({
  queryKey: ['overview'],
  queryFn: () => answered(hub.overview()),
})

export const sitesQuery = queryOptions({
  queryKey: ['sites'],
  queryFn: () => listAll((page) => hub.sites.list(page)),
})

export const siteQuery = (site: string) =>
  queryOptions({ queryKey: ['site', site], queryFn: () => answered(hub.sites.get(site)) })

/** Sleds of one site, or of all. */
export const sledsQuery = (site?: string) =>
  queryOptions({
    queryKey: ['sleds', site ?? 'all'],
    queryFn: () =>
      listAll((page) => hub.sleds.list({ ...page, ...(site === undefined ? {} : { site }) })),
  })

export const sledQuery = (site: string, sled: string) =>
  queryOptions({
    queryKey: ['sled', `${site}/${sled}`],
    queryFn: () => answered(hub.sleds.get(site, sled)),
  })

/** Readings come every minute; no change of the sled tells of them. */
const BMC_REFETCH_MS = 20_000

/** What the BMC of a sled measures and what is open on it. */
export const bmcQuery = (site: string, sled: string) =>
  queryOptions({
    queryKey: ['sled', `${site}/${sled}`, 'bmc'],
    queryFn: () => answered(hub.sleds.bmc(site, sled)),
    refetchInterval: BMC_REFETCH_MS,
  })

/** A boot under way moves every few seconds; otherwise a new one is seen soon enough. */
const BOOT_UNDER_WAY_MS = 5000
const BOOT_AT_REST_MS = 30_000

/** How a sled booted. Its site is asked each time, so it is asked only while somebody looks. */
export const bootsQuery = (site: string, sled: string) =>
  queryOptions({
    queryKey: ['boots', `${site}/${sled}`],
    queryFn: () => answered(hub.sleds.boots(site, sled)),
    refetchInterval: ({ state }) =>
      state.data?.trace?.attempts[0]?.state === 'going' ? BOOT_UNDER_WAY_MS : BOOT_AT_REST_MS,
  })

/** Operations shown as a sled's timeline. */
const TIMELINE_ROWS = 25

/** The newest operations of a sled. */
export const operationsQuery = (site: string, sled: string) =>
  queryOptions({
    queryKey: ['operations', `${site}/${sled}`],
    queryFn: () => answered(hub.operations.list({ site, sled, limit: TIMELINE_ROWS })),
  })

export const deploymentsQuery = queryOptions({
  queryKey: ['deployments'],
  queryFn: () => listAll((page) => hub.deployments.list(page)),
})

export const deploymentQuery = (id: string) =>
  queryOptions({ queryKey: ['deployment', id], queryFn: () => answered(hub.deployments.get(id)) })

/** What a site would answer in a mode: asked anew each time somebody looks. */
export const netbootPreviewQuery = (site: string, mode: NetworkMode) =>
  queryOptions({
    queryKey: ['netboot-preview', site, mode],
    queryFn: () => answered(hub.sites.netbootPreview(site, mode)),
    gcTime: 0,
  })

/** What a deployment would get now. Kept per request, so that typing back and forth asks once. */
export const previewQuery = (wanted: DeploymentAsked | undefined) =>
  queryOptions({
    queryKey: ['preview', wanted],
    queryFn: () => {
      if (wanted === undefined) throw new Error('asked only when there is a request')
      return answered(hub.deployments.preview(wanted))
    },
    enabled: wanted !== undefined,
    placeholderData: (old) => old,
  })

export const imagesQuery = queryOptions({
  queryKey: ['images'],
  queryFn: () => listAll((page) => hub.images.list(page)),
})

export interface EventFilter {
  readonly site?: string
  readonly sled?: string
  readonly kind?: string
}

export const eventsQuery = (filter: EventFilter, limit: number) =>
  infiniteQueryOptions({
    queryKey: ['events', filter.site ?? '', filter.sled ?? '', filter.kind ?? '', limit],
    queryFn: ({ pageParam }) =>
      answered(
        hub.events.list({
          ...filter,
          limit,
          ...(pageParam === undefined ? {} : { pageToken: pageParam }),
        }),
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.nextPage ?? undefined,
  })

export const actQuery = (id: string) =>
  queryOptions({ queryKey: ['act', id], queryFn: () => answered(hub.acts.get(id)) })
