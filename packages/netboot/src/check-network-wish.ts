import { Ipv4, Subnet } from '@brickyard/model/ipv4'
import type { InterfaceWish, NetworkWish } from '@brickyard/model/network-wish'
import { problem, type Problem } from '@brickyard/std/problem'

/** Linux's limit is 15 characters (IFNAMSIZ less the NUL); the rest is what every renderer takes. */
const NAME = /^[a-z][a-z0-9._-]{0,14}$/
const MTU_MIN = 576
const MTU_MAX = 9216
const VLAN_MAX = 4094
/** A sled has a handful of ports and a tenant a handful of networks. */
const INTERFACES_MAX = 64
const MEMBERS_MAX = 8
const NAMESERVERS_MAX = 8
/** More ports than any sled has. */
const NICS_MAX = 16

/** The sleds that a wish is to serve. */
export interface WishedFor {
  readonly sleds: number
  /** Declared MACs of the sled that has the fewest; undefined while the sleds are not chosen. */
  readonly nics?: number | undefined
}

/**
 * Everything that is wrong with a wish, before a sled is wiped for it: an OS that comes up without
 * its network cannot be reached to be mended. Empty when it can be carried out.
 */
export function checkNetworkWish(wish: NetworkWish, on: WishedFor): Problem[] {
  const found: Problem[] = []
  const wrong = (field: string, value: unknown, expected: string): void =>
    void found.push(problem(field, value, expected))
  const all = interfacesOf(wish)
  if (all.length > INTERFACES_MAX) {
    wrong('network', `${all.length} interfaces`, `at most ${INTERFACES_MAX}`)
    return found
  }
  const names = new Set<string>()
  const addresses = new Map<Ipv4, string>()
  for (const [field, one] of all) {
    if (!NAME.test(one.name)) wrong(`${field}.name`, one.name, 'a name such as nic0 or bond0.120')
    if (names.has(one.name)) wrong(`${field}.name`, one.name, 'a name that no other interface has')
    names.add(one.name)
    const { mtu } = one
    if (mtu !== undefined && (!Number.isInteger(mtu) || mtu < MTU_MIN || mtu > MTU_MAX)) {
      wrong(`${field}.mtu`, mtu, `${MTU_MIN} to ${MTU_MAX}`)
    }
    checkAddressing(one, field, on, wrong)
    if (one.addressing.kind !== 'static') continue
    const shared = one.addressing.addresses.find((address) => addresses.has(address))
    if (shared !== undefined) {
      const expected = `an address that ${addresses.get(shared)} does not have`
      wrong(`${field}.addressing.addresses`, shared, expected)
    }
    for (const address of one.addressing.addresses) addresses.set(address, one.name)
  }
  checkNics(wish, on, wrong)
  checkBonds(wish, wrong)
  checkVlans(wish, wrong)
  checkReach(wish, wrong)
  return found
}

type Wrong = (field: string, value: unknown, expected: string) => void

/** NICs, bonds and VLANs with their fields. */
export const interfacesOf = (wish: NetworkWish): [field: string, wish: InterfaceWish][] => [
  ...wish.nics.map((one, n): [string, InterfaceWish] => [`nics[${n}]`, one]),
  ...wish.bonds.map((one, n): [string, InterfaceWish] => [`bonds[${n}]`, one]),
  ...wish.vlans.map((one, n): [string, InterfaceWish] => [`vlans[${n}]`, one]),
]

function checkAddressing(
  { addressing }: InterfaceWish,
  field: string,
  { sleds }: WishedFor,
  wrong: Wrong,
): void {
  if (addressing.kind !== 'static') return
  const { addresses, gateway } = addressing
  const place = `${field}.addressing`
  const subnet = Subnet.parse(addressing.subnet)
  if (!subnet.ok) return wrong(`${place}.subnet`, addressing.subnet, 'a subnet such as 10.1.0.0/24')
  const expected = `a host of ${addressing.subnet}`
  if (addresses.length < sleds) {
    const count = addresses.length === 1 ? '1 address' : `${addresses.length} addresses`
    wrong(`${place}.addresses`, count, `one for each of ${sleds} sleds`)
  }
  const twice = addresses.find((address, n) => addresses.indexOf(address) < n)
  if (twice !== undefined) wrong(`${place}.addresses`, twice, 'each address once')
  const stray = addresses.find((address) => !isHost(subnet.value, address))
  if (stray !== undefined) wrong(`${place}.addresses`, stray, expected)
  if (gateway === undefined) return
  if (!isHost(subnet.value, gateway)) wrong(`${place}.gateway`, gateway, expected)
  if (addresses.includes(gateway)) wrong(`${place}.gateway`, gateway, 'no address of a sled')
}

/** In the subnet, and neither its network nor its broadcast address where it has them (RFC 3021). */
function isHost(subnet: Subnet, address: Ipv4): boolean {
  if (!Subnet.contains(subnet, address)) return false
  if (subnet.prefixLength >= 31) return true
  const number = Ipv4.toNumber(address)
  return number !== Subnet.first(subnet) && number !== Subnet.last(subnet)
}

function checkNics({ nics }: NetworkWish, on: WishedFor, wrong: Wrong): void {
  const taken = new Set<number>()
  for (const [n, { nic }] of nics.entries()) {
    const { nics: count = NICS_MAX } = on
    if (!Number.isInteger(nic) || nic < 0 || nic >= count) {
      const why = on.nics === undefined ? '' : `: every sled has ${count} declared NICs`
      wrong(`nics[${n}].nic`, nic, `0 to ${count - 1}${why}`)
    } else if (taken.has(nic)) wrong(`nics[${n}].nic`, nic, 'a NIC that is not wished for before')
    taken.add(nic)
  }
}

function checkBonds({ nics, bonds }: NetworkWish, wrong: Wrong): void {
  const taken = new Set<string>()
  for (const [n, { members }] of bonds.entries()) {
    const field = `bonds[${n}].members`
    if (members.length === 0 || members.length > MEMBERS_MAX) {
      wrong(field, members, `1 to ${MEMBERS_MAX} names of NICs`)
    }
    for (const member of members) {
      const nic = nics.find(({ name }) => name === member)
      if (nic === undefined) wrong(field, member, 'the name of a NIC of this wish')
      else if (nic.addressing.kind !== 'none') wrong(field, member, 'a NIC without addresses')
      if (taken.has(member)) wrong(field, member, 'a NIC that is in one bond only')
      taken.add(member)
    }
  }
}

function checkVlans({ nics, bonds, vlans }: NetworkWish, wrong: Wrong): void {
  const members = new Set(bonds.flatMap((bond) => bond.members))
  const carriers = new Set([...nics, ...bonds].map(({ name }) => name))
  const taken = new Set<string>()
  for (const [n, { link, id }] of vlans.entries()) {
    if (!carriers.has(link)) wrong(`vlans[${n}].link`, link, 'the name of a NIC or bond')
    if (members.has(link)) wrong(`vlans[${n}].link`, link, 'no member of a bond, but the bond')
    if (!Number.isInteger(id) || id < 1 || id > VLAN_MAX) {
      wrong(`vlans[${n}].id`, id, `1 to ${VLAN_MAX}`)
    }
    const key = `${link}/${id}`
    if (taken.has(key)) wrong(`vlans[${n}].id`, id, `an id that is used once on ${link}`)
    taken.add(key)
  }
}

/** The OS has to call home, so it needs an address; and of two default ways one is chance. */
function checkReach(wish: NetworkWish, wrong: Wrong): void {
  const all = interfacesOf(wish).map(([, one]) => one.addressing)
  if (all.every(({ kind }) => kind === 'none')) {
    wrong('network', 'no address anywhere', 'an interface with DHCP or a static address')
  }
  const gateways = all.flatMap((one) => (one.kind === 'static' ? (one.gateway ?? []) : []))
  if (gateways.length > 1) wrong('network', gateways, 'one gateway')
  if (wish.nameservers.length > NAMESERVERS_MAX) {
    wrong('nameservers', wish.nameservers.length, `at most ${NAMESERVERS_MAX}`)
  }
  for (const [n, domain] of wish.searchDomains.entries()) {
    if (!/^[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63}){0,8}$/.test(domain)) {
      wrong(`searchDomains[${n}]`, domain, 'a domain such as example.net')
    }
  }
}
