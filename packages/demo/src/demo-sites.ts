import type { SiteName } from '@brickyard/model/names'

/** The three places of the demonstration. */
export interface DemoSite {
  readonly name: SiteName
  readonly displayName: string
  readonly latitude: number
  readonly longitude: number
}

export const DEMO_SITES: readonly DemoSite[] = [
  {
    name: 'indianapolis-speedway' as SiteName,
    displayName: 'Indianapolis, lot beside the speedway',
    latitude: 39.795,
    longitude: -86.2347,
  },
  {
    name: 'boston-fenway-tower' as SiteName,
    displayName: 'Boston, tower base at Fenway',
    latitude: 42.3467,
    longitude: -71.0972,
  },
  {
    name: 'reno-meadowood-mall' as SiteName,
    displayName: 'Reno, closet in the Meadowood mall',
    latitude: 39.4727,
    longitude: -119.7817,
  },
]

export const SLEDS_PER_SITE = 24
