import { Ipv4, Subnet } from '@brickyard/model/ipv4'
import type { InterfaceWish, NetworkWish } from '@brickyard/model/network-wish'
import type { AddressRange, RackDocument } from '@brickyard/model/rack'
import { interfacesOf } from '@brickyard/netboot/check-network-wish'
import { problem, type Problem } from '@brickyard/std/problem'

/** A site that would carry sleds of a deployment, as far as their addresses go. */
export interface AddressedSite {
  readonly name: string
  readonly rack: RackDocument | undefined
  /** Networks that its sleds have already, each with its sled's addresses; `who`: for whom, in words. */
  readonly held: readonly { readonly who: string; readonly network: NetworkWish }[]
}

/**
 * Why the sleds of a deployment cannot have the addresses that it asks for: somebody has one of
 * them, or no interface leads to the agent, whom an installed OS has to call. `placed`: the sleds in
 * order; the n-th has the n-th addresses. One problem for each interface and site is enough.
 */
export function checkAddresses(
  wish: NetworkWish,
  placed: readonly { readonly site: string; readonly sled: string }[],
  sites: readonly AddressedSite[],
): Problem[] {
  const problems: Problem[] = []
  for (const site of sites) {
    for (const [field, one] of interfacesOf(wish)) {
      const { addressing } = one
      if (addressing.kind !== 'static') continue
      const vlan = vlanOf(wish, one)
      const holders = takenOn(vlan, site)
      for (const [n, { site: at, sled }] of placed.entries()) {
        const address = addressing.addresses[n]
        if (at !== site.name || address === undefined) continue
        const holder =
          holders.get(address) ?? (vlan === 0 ? poolOf(address, sled, site) : undefined)
        if (holder === undefined || holder === `sled ${sled}`) continue
        const expected = `an address that is free at ${site.name}; it is that of ${holder}`
        problems.push(problem(`network.${field}.addressing.addresses`, address, expected))
        break
      }
    }
    problems.push(...reachProblem(wish, site))
  }
  return problems
}

/** 0 for what is untagged. */
const vlanOf = (wish: NetworkWish, one: InterfaceWish): number =>
  wish.vlans.find(({ name }) => name === one.name)?.id ?? 0

/** Who has which address on a VLAN; the rack document speaks of what is untagged. */
function takenOn(vlan: number, { rack, held }: AddressedSite): Map<Ipv4, string> {
  const taken = new Map<Ipv4, string>()
  for (const { who, network } of held) {
    for (const [, one] of interfacesOf(network)) {
      if (one.addressing.kind !== 'static' || vlanOf(network, one) !== vlan) continue
      for (const address of one.addressing.addresses) taken.set(address, who)
    }
  }
  if (vlan !== 0 || rack === undefined) return taken
  const add = (address: Ipv4 | undefined, who: string): void => {
    if (address !== undefined) taken.set(address, who)
  }
  for (const { name, address, bmc } of rack.sleds) {
    if (address !== undefined && !taken.has(address)) taken.set(address, `sled ${name}`)
    add(bmc?.address, `the BMC of ${name}`)
  }
  for (const { name, agentAddress, router, dns, reservations = [] } of rack.networks) {
    for (const server of dns) add(server, `the name server of network ${name}`)
    for (const { address } of reservations) add(address, `a reservation of network ${name}`)
    add(router, `the router of network ${name}`)
    add(agentAddress, `the agent on network ${name}`)
  }
  return taken
}

/** The pool that would give this address to somebody else; a sled's own address is kept for it. */
function poolOf(address: Ipv4, sled: string, { rack }: AddressedSite): string | undefined {
  const own = rack?.sleds.find(({ name }) => name === sled)?.address
  if (own === address) return undefined
  const network = rack?.networks.find(
    ({ mode, pool, pools }) =>
      (mode === 'authoritative' || mode === 'relayed') &&
      [pool, pools?.bmc, pools?.unknown].some(
        (range) => range !== undefined && isIn(range, address),
      ),
  )
  return network === undefined ? undefined : `the DHCP pool of network ${network.name}`
}

function isIn({ first, last }: AddressRange, address: Ipv4): boolean {
  const number = Ipv4.toNumber(address)
  return number >= Ipv4.toNumber(first) && number <= Ipv4.toNumber(last)
}

/** An OS without a way to the agent never calls home, and its provision fails after an hour. */
function reachProblem(wish: NetworkWish, { name, rack }: AddressedSite): Problem[] {
  const all = interfacesOf(wish)
  const leads = all.some(([, { addressing }]) => {
    return addressing.kind === 'dhcp' || (addressing.kind === 'static' && addressing.gateway)
  })
  const agents = (rack?.networks ?? []).filter(({ role }) => role === 'provisioning')
  if (leads || agents.length === 0) return []
  const isNear = all.some(([, one]) => {
    const subnet =
      one.addressing.kind === 'static' ? Subnet.parse(one.addressing.subnet) : undefined
    if (subnet?.ok !== true || vlanOf(wish, one) !== 0) return false
    return agents.some(({ agentAddress }) => Subnet.contains(subnet.value, agentAddress))
  })
  if (isNear) return []
  const where = agents.map(({ agentAddress }) => agentAddress).join(', ')
  const expected = `DHCP, a gateway or an untagged address beside the agent of ${name} (${where})`
  return [problem('network', 'no way to the agent', expected)]
}
