import type { Mac } from '@brickyard/model/mac'
import type {
  BondWish,
  InterfaceWish,
  NetworkWish,
  NicWish,
  VlanWish,
} from '@brickyard/model/network-wish'
import { formatProblem } from '@brickyard/std/problem'
import { err, ok, type Result } from '@brickyard/std/result'
import { checkNetworkWish } from './check-network-wish.ts'

/** One sled of a deployment. */
export interface WishingSled {
  /** Place among the deployment's sleds, counted from 0: the n-th has the n-th static addresses. */
  readonly index: number
  readonly macs: readonly Mac[]
}

/** How often a bond looks whether its links are up; Linux's own default is never. */
const BOND_LOOKS_MS = 100

/**
 * The `network-config` of one sled: cloud-init's network version 2, which is netplan's format, as
 * JSON. NICs are found by their MAC and named as wished, so that every renderer means the same one.
 * An error names the field of the wish. cloud-init carries bonds and VLANs out by ifupdown, netplan,
 * NetworkManager or sysconfig; with systemd-networkd alone (22.4) it makes only their addresses.
 */
export function networkConfig(wish: NetworkWish, sled: WishingSled): Result<string> {
  const problems = checkNetworkWish(wish, { sleds: sled.index + 1, nics: sled.macs.length })
  if (problems.length > 0) return err(problems.map(formatProblem).join('; '))
  const own = (one: InterfaceWish): object => addressesOf(one, wish, sled.index)
  const config = {
    version: 2,
    ethernets: named(wish.nics, (nic) => ({ ...ethernet(nic, sled.macs), ...own(nic) })),
    ...(wish.bonds.length === 0
      ? {}
      : { bonds: named(wish.bonds, (bond) => ({ ...bonding(bond, wish, sled), ...own(bond) })) }),
    ...(wish.vlans.length === 0
      ? {}
      : { vlans: named(wish.vlans, (vlan) => ({ ...tagging(vlan), ...own(vlan) })) }),
  }
  return ok(`${JSON.stringify(config, null, 2)}\n`)
}

const named = <Wish extends InterfaceWish>(
  wishes: readonly Wish[],
  write: (wish: Wish) => object,
): Record<string, object> => Object.fromEntries(wishes.map((wish) => [wish.name, write(wish)]))

const ethernet = ({ nic, name }: NicWish, macs: readonly Mac[]): object => ({
  match: { macaddress: macs[nic] },
  'set-name': name,
})

/** Its address is that of its first NIC: systemd-networkd would make one up that nobody declared. */
const bonding = (
  { mode, members }: BondWish,
  { nics }: NetworkWish,
  { macs }: WishingSled,
): object => ({
  interfaces: [...members],
  macaddress: macs[nics.find(({ name }) => name === members[0])?.nic ?? 0],
  parameters: {
    mode,
    'mii-monitor-interval': BOND_LOOKS_MS,
    ...(mode === '802.3ad' ? { 'lacp-rate': 'fast' } : {}),
    ...(mode === 'active-backup' ? {} : { 'transmit-hash-policy': 'layer3+4' }),
  },
})

const tagging = ({ id, link }: VlanWish): object => ({ id, link })

function addressesOf({ addressing, mtu }: InterfaceWish, wish: NetworkWish, index: number): object {
  const link = mtu === undefined ? {} : { mtu }
  if (addressing.kind !== 'static') return { dhcp4: addressing.kind === 'dhcp', ...link }
  const { addresses, subnet, gateway } = addressing
  const { nameservers, searchDomains } = wish
  const prefixLength = subnet.split('/')[1]
  return {
    dhcp4: false,
    ...link,
    addresses: [`${addresses[index]}/${prefixLength}`],
    // `default` would be netplan's own word; this one every renderer of cloud-init knows.
    ...(gateway === undefined ? {} : { routes: [{ to: '0.0.0.0/0', via: gateway }] }),
    ...(nameservers.length === 0
      ? {}
      : { nameservers: { addresses: [...nameservers], search: [...searchDomains] } }),
  }
}
