/**
 * The usual networks of a deployment in a few words, for flags and forms, and any network in words
 * for people. A browser carries it: it imports types alone.
 */
import type { NetworkRequest } from '@brickyard/api/network-schemas'
import { BOND_MODES, type BondMode } from '@brickyard/model/network-wish'
import { err, ok, type Result } from '@brickyard/std/result'

/** As typed; empty texts and lists are what nobody said. */
export interface SimpleNetwork {
  /** Joins the first two NICs. */
  readonly bond: string
  readonly vlan: string
  readonly subnet: string
  /** Addresses and ranges, one address for each sled in order. */
  readonly addresses: readonly string[]
  readonly gateway: string
  readonly nameservers: readonly string[]
}

export const NO_NETWORK: SimpleNetwork = {
  bond: '',
  vlan: '',
  subnet: '',
  addresses: [],
  gateway: '',
  nameservers: [],
}

type Addressing = NonNullable<NetworkRequest['nics'][number]['addressing']>

const VLAN_MAX = 4094

/**
 * The request that these words stand for; undefined when nothing was said. Addresses go on the VLAN
 * where there is one: what is untagged then keeps DHCP, for by it the installed OS calls home.
 */
export function simpleNetwork(said: SimpleNetwork): Result<NetworkRequest | undefined> {
  const { bond, vlan, nameservers } = said
  if (Object.values(said).every((each: string | readonly string[]) => each.length === 0)) {
    return ok(undefined)
  }
  const mode = BOND_MODES.find((known) => known === bond)
  if (bond !== '' && mode === undefined) {
    return err(`'${bond}' is no bond mode; one of ${BOND_MODES.join(', ')}.`)
  }
  const id = Number(vlan)
  if (vlan !== '' && !(Number.isInteger(id) && id >= 1 && id <= VLAN_MAX)) {
    return err(`'${vlan}' is no VLAN; 1 to ${VLAN_MAX}.`)
  }
  const addressing = addressingOf(said)
  if (!addressing.ok) return addressing
  const untagged = vlan === '' ? addressing.value : undefined
  const tagged = { link: mode === undefined ? 'nic0' : 'bond0', id, ...addressing.value }
  return ok({
    nics: mode === undefined ? [{ nic: 0, ...untagged }] : [{ nic: 0 }, { nic: 1 }],
    ...(mode === undefined ? {} : { bonds: [bondOf(mode, untagged)] }),
    ...(vlan === '' ? {} : { vlans: [tagged] }),
    ...(nameservers.length === 0 ? {} : { nameservers: [...nameservers] }),
  })
}

const bondOf = (mode: BondMode, addressing: { readonly addressing?: Addressing } | undefined) => ({
  mode,
  members: ['nic0', 'nic1'],
  ...addressing,
})

function addressingOf(said: SimpleNetwork): Result<{ readonly addressing?: Addressing }> {
  const { subnet, addresses, gateway, nameservers } = said
  if (addresses.length === 0) {
    if (subnet === '' && gateway === '' && nameservers.length === 0) return ok({})
    return err('Subnet, gateway and name servers go with addresses; say one for each sled.')
  }
  if (subnet === '') return err('Addresses need their subnet, such as 10.1.0.0/24.')
  return ok({
    addressing: {
      kind: 'static',
      subnet,
      addresses: [...addresses],
      ...(gateway === '' ? {} : { gateway }),
    },
  })
}

/** One short line for each interface that has a part in it. */
export function networkInWords(network: NetworkRequest): string[] {
  const { nics, bonds = [], vlans = [], nameservers = [] } = network
  const members = new Set(bonds.flatMap((bond) => bond.members))
  const line = (name: string, what: string, addressing: Addressing | undefined): string =>
    `${name}${what}: ${addressingInWords(addressing)}`
  return [
    ...nics.flatMap(({ nic, name = `nic${nic}`, addressing }) =>
      members.has(name) ? [] : [line(name, '', addressing)],
    ),
    ...bonds.map(({ name, mode, members: of, addressing }, n) =>
      line(name ?? `bond${n}`, ` (${mode} of ${of.join(', ')})`, addressing),
    ),
    ...vlans.map(({ name, link, id, addressing }) =>
      line(name ?? `${link}.${id}`, ` (VLAN ${id} on ${link})`, addressing),
    ),
    ...(nameservers.length === 0 ? [] : [`name servers: ${nameservers.join(', ')}`]),
  ]
}

function addressingInWords(addressing: Addressing = { kind: 'dhcp' }): string {
  if (addressing.kind === 'dhcp') return 'DHCP'
  if (addressing.kind === 'none') return 'no address'
  const { subnet, addresses, gateway } = addressing
  const by = gateway === undefined ? '' : ` by ${gateway}`
  return `${addresses.join(', ')} in ${subnet}${by}`
}
