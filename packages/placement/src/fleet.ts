/** What placement looks at: a snapshot of every site's sleds, and one request. Plain data. */
import type { Architecture, FirmwareMode } from '@brickyard/model/architecture'
import type { Image } from '@brickyard/model/image'
import type { SiteName, SledName, TenantName } from '@brickyard/model/names'
import type { SledState } from '@brickyard/model/sled-lifecycle'

export interface FleetSnapshot {
  readonly sites: readonly SiteOffer[]
}

export interface SiteOffer {
  readonly name: SiteName
  readonly labels: Readonly<Record<string, string>>
  /** `never` until the agent has been heard once. */
  readonly link: 'up' | 'down' | 'never'
  /** Why the owner or an operator has paused new work here; undefined while it takes work. */
  readonly paused?: string | undefined
  /** Tenants whose work the owner takes; undefined: any. */
  readonly tenants?: readonly TenantName[] | undefined
  /** How tenants are kept apart on the wire. With `none` a second tenant is refused. */
  readonly isolation: 'port-per-slot' | 'private-vlan' | 'none'
  readonly sleds: readonly SledOffer[]
}

export interface SledOffer {
  readonly name: SledName
  readonly state: SledState
  /** Why it is in that state, for people. */
  readonly stateReason?: string | undefined
  /** Somebody's claim that automation must leave it alone. */
  readonly hold?: { readonly by: string; readonly reason: string } | undefined
  readonly architecture: Architecture
  readonly firmwareMode: FirmwareMode
  /** Its firmware starts signed loaders only. */
  readonly secureBoot?: boolean | undefined
  readonly model?: string | undefined
  readonly labels: Readonly<Record<string, string>>
  /** How many MACs are declared for it. */
  readonly nics: number
  /** Whose work it carries or is reserved for; undefined when it is nobody's. */
  readonly tenant?: TenantName | undefined
  /** What inspection found; undefined before the first inspection. */
  readonly inventory?: SledInventory | undefined
}

export interface SledInventory {
  readonly memoryBytes: number
  readonly disks: readonly { readonly bytes: number; readonly sectorBytes: number }[]
}

/** The facts of an image that decide where it fits. */
export type PlacedImage = Pick<
  Image,
  'name' | 'kind' | 'arch' | 'firmware' | 'secureBoot' | 'minDiskBytes' | 'sectorBytes'
>

export interface PlacementConstraints {
  /** Only these sites. */
  readonly sites?: readonly SiteName[] | undefined
  /** Labels that the sled, or else its site, must carry with exactly these values. */
  readonly labels?: Readonly<Record<string, string>> | undefined
  readonly arch?: Architecture | undefined
  readonly model?: string | undefined
  readonly minMemoryBytes?: number | undefined
  /** `site`: as evenly over sites as can be. `pack`: over as few sites as can be. */
  readonly spread?: 'site' | 'pack' | undefined
}

export interface PlacementRequest {
  /** Sleds wanted, 1 or more; all of them or none. */
  readonly count: number
  readonly tenant: TenantName
  readonly constraints: PlacementConstraints
  readonly image: PlacedImage
  /** NICs that the wished network names, the last one's place and one; undefined: any will do. */
  readonly nics?: number | undefined
  /** Decides between equals; the same seed gives the same answer. The deployment's id serves. */
  readonly seed: string
}
