import type { Architecture, FirmwareMode } from '@brickyard/model/architecture'
import type { Image } from '@brickyard/model/image'
import type { Inventory } from './inventory.ts'

/** What the installer is to do on one sled. */
export type InstallOrder =
  | { readonly kind: 'inspect'; readonly architecture: Architecture }
  | ProvisionOrder
  | {
      readonly kind: 'regain'
      readonly architecture: Architecture
      /** The account of its BMC that is made anew from the inside. */
      readonly user: string
    }
  | {
      readonly kind: 'release'
      readonly architecture: Architecture
      /** Serials of disks that must be there to be wiped: those known from before. */
      readonly diskSerials: readonly string[]
    }

export interface ProvisionOrder {
  readonly kind: 'provision'
  readonly architecture: Architecture
  readonly firmwareMode: FirmwareMode
  /** The sled's firmware checks signatures: an unsigned image would be written and never boot. */
  readonly secureBoot: boolean
  readonly image: Image
  /** Names of the seed's files in the order they are written; empty for an image without seed. */
  readonly seedFiles: readonly string[]
  /** Serial of the disk to write; '' lets the plan choose. */
  readonly diskSerial: string
}

/** Why an order can never end well, by its own words; undefined when it may. */
export function orderFault(order: InstallOrder): string | undefined {
  if (order.kind !== 'provision') return undefined
  const { image } = order
  if (image.kind !== 'disk') return `image ${image.name} is no disk image`
  if (image.arch !== order.architecture) {
    return `image ${image.name} is for ${image.arch}, the sled is ${order.architecture}`
  }
  if (!image.firmware.includes(order.firmwareMode)) {
    return `image ${image.name} boots by ${image.firmware.join(', ')}, the sled by ${order.firmwareMode}`
  }
  return order.secureBoot ? unsignedFault(image) : undefined
}

/** Why an order does not go with the sled as it showed itself, before any disk is touched. */
export function sledFault(order: InstallOrder, inventory: Inventory): string | undefined {
  if (inventory.architecture !== order.architecture) {
    return `the sled is ${inventory.architecture}, declared as ${order.architecture}`
  }
  if (order.kind !== 'provision') return undefined
  if (inventory.firmwareMode !== order.firmwareMode) {
    return `the sled booted by ${inventory.firmwareMode}, declared as ${order.firmwareMode}`
  }
  // What the sled itself says of Secure Boot stands before its declaration.
  if (order.secureBoot && inventory.secureBoot === 'off') {
    return 'the sled is declared with Secure Boot, its firmware has it switched off'
  }
  // Refused, not noted: who declares Secure Boot relies on it, and nobody would look at a note again.
  if (order.secureBoot && inventory.secureBoot === 'unknown') {
    return (
      'the sled is declared with Secure Boot, and its firmware did not say whether it is on: look ' +
      'into its setup, or declare the sled without Secure Boot'
    )
  }
  return inventory.secureBoot === 'on' ? unsignedFault(order.image) : undefined
}

const unsignedFault = ({ name, secureBoot }: Image): string | undefined =>
  secureBoot
    ? undefined
    : `image ${name} is not signed for Secure Boot, which the sled's firmware checks`
