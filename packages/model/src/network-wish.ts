import type { Ipv4 } from './ipv4.ts'

/**
 * How the operating systems of a deployment are to be networked. One wish serves all its sleds: NICs
 * are named by their place in a sled's declared MACs, and of static addresses the n-th sled has the
 * n-th. Without a wish every NIC asks by DHCP.
 */
export interface NetworkWish {
  readonly nics: readonly NicWish[]
  readonly bonds: readonly BondWish[]
  readonly vlans: readonly VlanWish[]
  readonly nameservers: readonly Ipv4[]
  readonly searchDomains: readonly string[]
}

/** What NICs, bonds and VLANs have in common. */
export interface InterfaceWish {
  /** As the operating system shows it: at most 15 letters, digits, `-`, `_` and `.`. */
  readonly name: string
  readonly addressing: Addressing
  /** Bytes of the largest packet, 576 to 9216; undefined for the link's own. */
  readonly mtu?: number | undefined
}

export interface NicWish extends InterfaceWish {
  /** Place in the sled's declared MACs, counted from 0. */
  readonly nic: number
}

/** `802.3ad` is LACP; the switch has to be told, and to fall back to one port for netboot. */
export const BOND_MODES = ['active-backup', '802.3ad', 'balance-xor'] as const
export type BondMode = (typeof BOND_MODES)[number]

export interface BondWish extends InterfaceWish {
  readonly mode: BondMode
  /** Names of NICs, which then have no addresses of their own. */
  readonly members: readonly string[]
}

export interface VlanWish extends InterfaceWish {
  /** Name of the NIC or bond that carries it. */
  readonly link: string
  /** 1 to 4094. */
  readonly id: number
}

export type Addressing =
  | { readonly kind: 'dhcp' }
  /** Up, and without an address: what carries VLANs or is a bond's member. */
  | { readonly kind: 'none' }
  | {
      readonly kind: 'static'
      /** CIDR text, e.g. `10.1.0.0/24`. */
      readonly subnet: string
      /** One for each sled of the deployment, in the order of its sleds. */
      readonly addresses: readonly Ipv4[]
      readonly gateway?: Ipv4 | undefined
    }
