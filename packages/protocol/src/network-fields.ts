import { Ipv4, Subnet } from '@brickyard/model/ipv4'
import {
  NETWORK_MODES,
  type AddressRange,
  type Network,
  type RackDocument,
} from '@brickyard/model/rack'
import { problem, type Problem } from '@brickyard/std/problem'
import * as z from 'zod'
import { ipv4Field, macField, nameField, subnetField, vlanField } from './fields.ts'
import { bytesField, placeField } from './port-fields.ts'
import { repeats } from './repeats.ts'

const LEASE_SECONDS_MIN = 60
const LEASE_SECONDS_DEFAULT = 3600
const RESERVATIONS_MAX = 512

const rangeSchema = z.strictObject({ first: ipv4Field, last: ipv4Field })
const reservationSchema = z
  .strictObject({
    address: ipv4Field,
    mac: macField.optional(),
    clientId: bytesField.optional(),
    circuitId: bytesField.optional(),
    remoteId: bytesField.optional(),
    place: placeField.optional(),
  })
  .refine(
    ({ mac, clientId, circuitId, place }) =>
      [mac, clientId, circuitId, place].some((known) => known !== undefined),
    'must name a mac, a clientId, a circuitId or a place',
  )

/** Of machines' own addresses: 64 bits (RFC 4862 §5.5.3), neither link-local nor multicast. */
const routerAdvertisementSchema = z.union(
  [
    z.enum(['none', 'empty']),
    z.strictObject({
      prefix: z
        .cidrv6()
        .regex(/^(?!fe[89ab]|ff)[0-9a-f]{1,4}:[0-9a-f:]*::\/64$/, 'must be such as fd00:98::/64'),
    }),
  ],
  "must be 'none', 'empty' or a prefix such as { prefix: 'fd00:98::/64' }",
)

/** A network of the rack document (`Network`). */
export const networkSchema = z.strictObject({
  name: nameField,
  role: z.enum(['provisioning', 'management']),
  mode: z.enum(NETWORK_MODES).default('listen-only'),
  subnet: subnetField,
  agentAddress: ipv4Field,
  interface: z.string().regex(/^[a-zA-Z0-9_.-]{1,15}$/, 'must be a network device such as eth1'),
  pool: rangeSchema,
  pools: z
    .strictObject({ bmc: rangeSchema.optional(), unknown: rangeSchema.optional() })
    .optional(),
  leaseSeconds: z.number().int().min(LEASE_SECONDS_MIN).default(LEASE_SECONDS_DEFAULT),
  bmcLeaseSeconds: z.number().int().min(LEASE_SECONDS_MIN).optional(),
  reservations: z.array(reservationSchema).max(RESERVATIONS_MAX).optional(),
  router: ipv4Field.optional(),
  dns: z.array(ipv4Field).max(4).default([]),
  vlan: vlanField.optional(),
  domain: z.string().max(253).optional(),
  routerAdvertisement: routerAdvertisementSchema.optional(),
})

/** Addresses outside their subnet, pools that run backwards or overlap, names and devices used twice. */
export function networkProblems(rack: RackDocument): Problem[] {
  const problems: Problem[] = []
  rack.networks.forEach((network, i) => {
    const subnet = Subnet.parse(network.subnet)
    if (!subnet.ok) return
    const inside = (field: string, address: Ipv4 | undefined): void => {
      if (address !== undefined && !Subnet.contains(subnet.value, address)) {
        problems.push(
          problem(`networks[${i}].${field}`, address, `an address in ${network.subnet}`),
        )
      }
    }
    // Behind a relay the agent is where the relay sends to, not in the clients' subnet.
    if (network.mode !== 'relayed') inside('agentAddress', network.agentAddress)
    inside('router', network.router)
    if (network.mode === 'relayed' && (network.routerAdvertisement ?? 'none') !== 'none') {
      const field = `networks[${i}].routerAdvertisement`
      problems.push(problem(field, network.routerAdvertisement, "'none': a relay passes none on"))
    }
    network.reservations?.forEach(({ address }, n) => inside(`reservations[${n}].address`, address))
    for (const [field, range] of poolsOf(network)) {
      inside(`${field}.first`, range.first)
      inside(`${field}.last`, range.last)
      if (Ipv4.toNumber(range.first) > Ipv4.toNumber(range.last)) {
        problems.push(
          problem(`networks[${i}].${field}.last`, range.last, `not below ${range.first}`),
        )
      }
    }
    problems.push(...overlaps(network, i))
  })
  problems.push(
    ...repeats(
      rack.networks.map((n) => n.name),
      (i) => `networks[${i}].name`,
    ),
  )
  problems.push(
    ...repeats(
      // Networks behind relays come in by the device of the relay's own network.
      rack.networks.map((n) => (n.mode === 'relayed' ? undefined : n.interface)),
      (i) => `networks[${i}].interface`,
    ),
  )
  return problems
}

/** The pools of a network by their fields. */
export const poolsOf = ({ pool, pools }: Network): [string, AddressRange][] => {
  const own = Object.entries(pools ?? {}).flatMap(([name, range]): [string, AddressRange][] =>
    range === undefined ? [] : [[`pools.${name}`, range]],
  )
  return [['pool', pool], ...own]
}

/** An address in two pools would be given to two kinds of machines. */
function overlaps(network: Network, i: number): Problem[] {
  const ranges = poolsOf(network).map(([field, { first, last }]) => {
    return { field, first: Ipv4.toNumber(first), last: Ipv4.toNumber(last) }
  })
  return ranges.flatMap((range, at) =>
    ranges
      .slice(0, at)
      .filter(({ first, last }) => range.first <= last && first <= range.last)
      .map(({ field }) =>
        problem(
          `networks[${i}].${range.field}`,
          `${Ipv4.fromNumber(range.first)} to ${Ipv4.fromNumber(range.last)}`,
          `no address of ${field}`,
        ),
      ),
  )
}
