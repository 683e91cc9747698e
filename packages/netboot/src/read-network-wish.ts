import { Ipv4 } from '@brickyard/model/ipv4'
import type {
  Addressing,
  BondMode,
  InterfaceWish,
  NetworkWish,
} from '@brickyard/model/network-wish'
import { problem, type Problem } from '@brickyard/std/problem'
import { err, ok, type Result } from '@brickyard/std/result'

/** A wish as people write it: what goes without saying may be left out. */
export interface WrittenNetwork {
  readonly nics: readonly (WrittenInterface & { readonly nic: number })[]
  readonly bonds?:
    | readonly (WrittenInterface & {
        readonly mode: BondMode
        readonly members: readonly string[]
      })[]
    | undefined
  readonly vlans?:
    | readonly (WrittenInterface & { readonly link: string; readonly id: number })[]
    | undefined
  readonly nameservers?: readonly string[] | undefined
  readonly searchDomains?: readonly string[] | undefined
}

interface WrittenInterface {
  /** Left out: `nic0`, `bond0`, or link and id as `bond0.120`. */
  readonly name?: string | undefined
  /** Left out: none for a bond's member, DHCP for all others. */
  readonly addressing?: WrittenAddressing | undefined
  readonly mtu?: number | undefined
}

type WrittenAddressing =
  | { readonly kind: 'dhcp' }
  | { readonly kind: 'none' }
  | {
      readonly kind: 'static'
      readonly subnet: string
      /** Single addresses and ranges such as `10.1.0.10-10.1.0.20`, in the order of the sleds. */
      readonly addresses: readonly string[]
      readonly gateway?: string | undefined
    }

/** A deployment has at most 1000 sleds: more addresses are a slip of the pen. */
const ADDRESSES_MAX = 1024

/** The wish in full, its ranges written out; whether it makes sense `checkNetworkWish` says. */
export function readNetworkWish(written: WrittenNetwork): Result<NetworkWish, Problem[]> {
  const problems: Problem[] = []
  const { nics, bonds = [], vlans = [], nameservers = [], searchDomains = [] } = written
  const members = new Set(bonds.flatMap((bond) => bond.members))
  const common = (field: string, name: string, one: WrittenInterface): InterfaceWish => ({
    name,
    addressing: addressingOf(
      one.addressing ?? { kind: members.has(name) ? 'none' : 'dhcp' },
      `${field}.addressing`,
      problems,
    ),
    ...(one.mtu === undefined ? {} : { mtu: one.mtu }),
  })
  const wish: NetworkWish = {
    nics: nics.map((one, n) => ({
      nic: one.nic,
      ...common(`nics[${n}]`, one.name ?? `nic${one.nic}`, one),
    })),
    bonds: bonds.map((one, n) => ({
      mode: one.mode,
      members: [...one.members],
      ...common(`bonds[${n}]`, one.name ?? `bond${n}`, one),
    })),
    vlans: vlans.map((one, n) => ({
      link: one.link,
      id: one.id,
      ...common(`vlans[${n}]`, one.name ?? `${one.link}.${one.id}`, one),
    })),
    nameservers: nameservers.flatMap((text, n) => address(`nameservers[${n}]`, text, problems)),
    searchDomains: [...searchDomains],
  }
  return problems.length > 0 ? err(problems) : ok(wish)
}

/** What is left of a wish for the `index`th of its sleds: of addresses only its own. */
export function wishOfSled(wish: NetworkWish, index: number): NetworkWish {
  const own = <Wish extends InterfaceWish>(one: Wish): Wish => {
    const { addressing } = one
    if (addressing.kind !== 'static') return one
    const addresses = addressing.addresses.slice(index, index + 1)
    return { ...one, addressing: { ...addressing, addresses } }
  }
  const { nics, bonds, vlans } = wish
  return { ...wish, nics: nics.map(own), bonds: bonds.map(own), vlans: vlans.map(own) }
}

function addressingOf(written: WrittenAddressing, field: string, problems: Problem[]): Addressing {
  if (written.kind !== 'static') return written
  const { subnet, gateway } = written
  const addresses = written.addresses.flatMap((text, n) =>
    range(`${field}.addresses[${n}]`, text, problems),
  )
  if (addresses.length > ADDRESSES_MAX) {
    const expected = `at most ${ADDRESSES_MAX} addresses`
    problems.push(problem(`${field}.addresses`, `${addresses.length} addresses`, expected))
  }
  const [way] = gateway === undefined ? [] : address(`${field}.gateway`, gateway, problems)
  return { kind: 'static', subnet, addresses, ...(way === undefined ? {} : { gateway: way }) }
}

function address(field: string, text: string, problems: Problem[]): Ipv4[] {
  const parsed = Ipv4.parse(text)
  if (parsed.ok) return [parsed.value]
  problems.push(problem(field, text, 'an IPv4 address such as 10.1.0.5'))
  return []
}

function range(field: string, text: string, problems: Problem[]): Ipv4[] {
  const [first, last, ...more] = text.split('-').map((part) => Ipv4.parse(part.trim()))
  const isGood = first?.ok === true && last?.ok !== false && more.length === 0
  const from = isGood ? Ipv4.toNumber(first.value) : 0
  const to = isGood && last !== undefined ? Ipv4.toNumber(last.value) : from
  if (!isGood || to < from || to - from >= ADDRESSES_MAX) {
    const expected = `an address, or a range such as 10.1.0.10-10.1.0.20 of at most ${ADDRESSES_MAX}`
    problems.push(problem(field, text, expected))
    return []
  }
  return Array.from({ length: to - from + 1 }, (_, n) => Ipv4.fromNumber(from + n))
}
