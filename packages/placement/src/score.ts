/** How well a sled suits a request, in named parts that a person can read. */
import type { PlacementRequest, SiteOffer, SledOffer } from './fleet.ts'
import { fittingDisks } from './filter.ts'

/** Greatest score of each part. Whole numbers, so that equal sleds are exactly equal. */
const DISK_FIT_MAX = 30
const MEMORY_FIT_MAX = 30
const FREE_SHARE_MAX = 40

export interface ScorePart {
  readonly name: 'disk-fit' | 'memory-fit' | 'site-free'
  /** 0 … `max`, more is better. */
  readonly value: number
  readonly max: number
}

export interface Score {
  readonly total: number
  readonly parts: readonly ScorePart[]
}

/**
 * Scores a sled that passed the filter. A close fit is better than a large one (large sleds stay
 * free for work that needs them), and a site with more free sleds is better than a nearly full one.
 */
export function scoreSled(site: SiteOffer, sled: SledOffer, request: PlacementRequest): Score {
  const smallest = Math.min(...fittingDisks(sled, request.image).map(({ bytes }) => bytes))
  const free = site.sleds.filter(({ state }) => state === 'ready').length
  const parts: ScorePart[] = [
    part('disk-fit', fit(request.image.minDiskBytes, smallest), DISK_FIT_MAX),
    part(
      'memory-fit',
      fit(request.constraints.minMemoryBytes ?? 0, sled.inventory?.memoryBytes ?? 0),
      MEMORY_FIT_MAX,
    ),
    part('site-free', free / Math.max(1, site.sleds.length), FREE_SHARE_MAX),
  ]
  return { total: parts.reduce((sum, { value }) => sum + value, 0), parts }
}

const part = (name: ScorePart['name'], share: number, max: number): ScorePart => ({
  name,
  value: Math.round(share * max),
  max,
})

/**
 * 1 when what is there is what is needed, falling by half with each doubling above it. Where
 * nothing is asked for, small counts as the better fit, measured from 1 GiB.
 */
function fit(neededBytes: number, thereBytes: number): number {
  if (!Number.isFinite(thereBytes) || thereBytes <= 0) return 0
  const needed = Math.max(neededBytes, 2 ** 30)
  return Math.min(1, (needed / thereBytes) ** (1 / 4))
}
