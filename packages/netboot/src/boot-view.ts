import type { Architecture, FirmwareMode } from '@brickyard/model/architecture'
import type { Ipv4 } from '@brickyard/model/ipv4'
import type { SledName } from '@brickyard/model/names'

/** What netboot needs to know of a sled, at this moment. */
export interface BootSled {
  readonly name: SledName
  readonly architecture: Architecture
  readonly firmwareMode: FirmwareMode
  /** Its firmware checks signatures: it boots by the signed chain. */
  readonly secureBoot: boolean
  /** Its reserved address on the network it asks from. */
  readonly address: Ipv4 | undefined
  readonly boot: BootWanted
}

/** What a sled that comes to the network is to boot. */
export type BootWanted =
  /** Inspecting, provisioning, releasing: always the installer again, never a half-written disk. */
  | { readonly kind: 'installer'; readonly claimToken: string }
  | { readonly kind: 'local-disk'; readonly reason: string }
  /** Known, and must not boot anything from us. */
  | { readonly kind: 'none'; readonly reason: string }
