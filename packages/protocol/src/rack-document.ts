import { ARCHITECTURES, FIRMWARE_MODES } from '@brickyard/model/architecture'
import { Ipv4, Subnet } from '@brickyard/model/ipv4'
import {
  NETWORK_MODES,
  RESTORE_POLICIES,
  SLED_FORMS,
  type AddressRange,
  type BmcDeclaration,
  type Network,
  type RackDocument,
} from '@brickyard/model/rack'
import { problem, type Problem } from '@brickyard/std/problem'
import { err, ok, type Result } from '@brickyard/std/result'
import { parseBoxKey } from '@brickyard/std/sealed-box'
import * as z from 'zod'
import { ipv4Field, macField, nameField, siteField, sledField, subnetField } from './fields.ts'
import { feedProblems, feedsSchema, pduSchema } from './pdu-fields.ts'
import { bytesField, placeField, portProblems, portSchema } from './port-fields.ts'

const LEASE_SECONDS_MIN = 60
const LEASE_SECONDS_DEFAULT = 3600
const SLEDS_MAX = 512
const PDUS_MAX = 16
const RESERVATIONS_MAX = 512
/** Two NICs and a BMC of each sled. */
const PORTS_MAX = 1536

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

const VLAN_MAX = 4094
const vlanField = z.number().int().min(1).max(VLAN_MAX)

const networkSchema = z.strictObject({
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

const cageSchema = z.strictObject({
  name: nameField,
  heightRackUnits: z.union([z.literal(8), z.literal(12)]),
  generation: z.enum(['v1', 'v2']),
  rackUnit: z.number().int().min(1).max(60),
})

const positionSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('slot'),
    cage: nameField,
    slot: z.number().int().min(1),
    form: z.enum(SLED_FORMS).default('half-width'),
  }),
  z.strictObject({
    kind: z.literal('rack-unit'),
    unit: z.number().int().min(1).max(60),
    heightRackUnits: z.number().int().min(1).max(12).default(1),
  }),
])

const portField = z.number().int().min(1).max(65535)

/** A host's NIC is back within this, or something is wrong. */
const SILENCE_SECONDS_MAX = 1800
const bmcPathSchema = z.strictObject({
  port: z.enum(['dedicated', 'shared']).default('dedicated'),
  vlan: vlanField.optional(),
  addressing: z.enum(['dhcp', 'static']).optional(),
  silenceSeconds: z.number().int().min(0).max(SILENCE_SECONDS_MAX).optional(),
})

const bmcSchema = z.discriminatedUnion('protocol', [
  z.strictObject({
    protocol: z.literal('ipmi'),
    address: ipv4Field,
    port: portField.default(623),
    mac: macField.optional(),
    path: bmcPathSchema.optional(),
    // IPMI 2.0 §22.28: a name has room for 16 characters.
    user: z.string().min(1).max(16),
    cipherSuite: z.union([z.literal(3), z.literal(17)]).default(17),
  }),
  z.strictObject({
    protocol: z.literal('redfish'),
    address: ipv4Field,
    port: portField.default(443),
    mac: macField.optional(),
    path: bmcPathSchema.optional(),
    user: z.string().min(1).max(64),
    spkiSha256: z
      .string()
      .regex(/^[0-9a-f]{64}$/, "must be the SHA-256 of the BMC's public key, in lower-case hex")
      .optional(),
  }),
])

const sledSchema = z.strictObject({
  name: sledField,
  position: positionSchema,
  architecture: z.enum(ARCHITECTURES),
  firmwareMode: z.enum(FIRMWARE_MODES),
  secureBoot: z.boolean().optional(),
  model: z.string().min(1).max(120).optional(),
  serial: z.string().min(1).max(120).optional(),
  macs: z.array(macField).min(1).max(16),
  address: ipv4Field.optional(),
  bmc: bmcSchema.optional(),
  feeds: feedsSchema.optional(),
  adopted: z.boolean().optional(),
  serialLog: z.literal('always').optional(),
  labels: z.record(nameField, z.string().max(120)).default({}),
})

const bmcPasswordsSchema = z.strictObject({
  recoveryKey: z
    .string()
    .refine(
      (text) => parseBoxKey(text).ok,
      'must be a public key as "yard recovery new-key" shows it',
    ),
  rotateAtIntake: z.boolean().default(true),
  rotateAfterRelease: z.boolean().default(true),
})

const PROFILES_MAX = 64
const profileSchema = z.strictObject({
  model: z.string().min(1).max(120).optional(),
  restorePolicy: z.enum(RESTORE_POLICIES).optional(),
  bios: z
    .record(z.string().min(1).max(120), z.union([z.string().max(200), z.number(), z.boolean()]))
    .optional(),
})

/** The shape of a rack document; `parseRackDocument` checks what spans several fields as well. */
export const rackDocumentSchema = z.strictObject({
  site: siteField,
  networks: z.array(networkSchema).min(1).max(16),
  cages: z.array(cageSchema).max(8).default([]),
  sleds: z.array(sledSchema).max(SLEDS_MAX),
  ports: z.array(portSchema).max(PORTS_MAX).optional(),
  pdus: z.array(pduSchema).max(PDUS_MAX).optional(),
  bmcPasswords: bmcPasswordsSchema.optional(),
  profiles: z.array(profileSchema).max(PROFILES_MAX).optional(),
})

/** Parses a rack document and checks it as a whole; every problem names its field. */
export function parseRackDocument(input: unknown): Result<RackDocument, Problem[]> {
  const shape = rackDocumentSchema.safeParse(input)
  if (!shape.success) return err(shape.error.issues.map((issue) => zodProblem(issue, input)))
  const problems = [
    ...networkProblems(shape.data),
    ...sledProblems(shape.data),
    ...feedProblems(shape.data),
    ...portProblems(shape.data),
  ]
  return problems.length === 0 ? ok(shape.data) : err(problems)
}

/** A zod issue in the house's words: the field's path, its value as found, what was expected. */
export function zodProblem(issue: z.core.$ZodIssue, input: unknown): Problem {
  const field = issue.path.reduce<string>(
    (text, part) =>
      typeof part === 'number'
        ? `${text}[${part}]`
        : `${text}${text === '' ? '' : '.'}${String(part)}`,
    '',
  )
  let value: unknown = input
  for (const part of issue.path) {
    value =
      typeof value === 'object' && value !== null
        ? (value as Record<PropertyKey, unknown>)[part]
        : undefined
  }
  const shown = value === undefined ? 'missing' : value
  return problem(field === '' ? 'document' : field, shown, issue.message)
}

function networkProblems(rack: RackDocument): Problem[] {
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
    for (const [field, range] of rangesOf(network)) {
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

const rangesOf = ({ pool, pools }: Network): [string, AddressRange][] => {
  const own = Object.entries(pools ?? {}).flatMap(([name, range]): [string, AddressRange][] =>
    range === undefined ? [] : [[`pools.${name}`, range]],
  )
  return [['pool', pool], ...own]
}

/** An address in two pools would be given to two kinds of machines. */
function overlaps(network: Network, i: number): Problem[] {
  const ranges = rangesOf(network).map(([field, { first, last }]) => {
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

/** An address that is set in a BMC itself is asked of nobody: no pool may give it away. */
function staticBmcProblems(
  { networks }: RackDocument,
  bmc: BmcDeclaration | undefined,
  field: string,
): Problem[] {
  if (bmc?.path?.addressing !== 'static') return []
  const at = Ipv4.toNumber(bmc.address)
  const holds = ({ first, last }: AddressRange): boolean =>
    Ipv4.toNumber(first) <= at && at <= Ipv4.toNumber(last)
  return networks
    .filter((network) => rangesOf(network).some(([, range]) => holds(range)))
    .map(({ name }) => problem(field, bmc.address, `a static address outside the pools of ${name}`))
}

function sledProblems(rack: RackDocument): Problem[] {
  const problems: Problem[] = []
  const cages = new Map(rack.cages.map((cage) => [cage.name, cage]))
  rack.sleds.forEach((sled, i) => {
    if (sled.position.kind === 'slot' && !cages.has(sled.position.cage)) {
      problems.push(
        problem(`sleds[${i}].position.cage`, sled.position.cage, 'the name of a declared cage'),
      )
    }
    problems.push(...staticBmcProblems(rack, sled.bmc, `sleds[${i}].bmc.address`))
    if (sled.secureBoot === true && sled.firmwareMode !== 'uefi') {
      problems.push(
        problem(`sleds[${i}].secureBoot`, true, "false, or firmwareMode 'uefi': a BIOS knows none"),
      )
    }
    const home = rack.networks.some((network) => {
      const subnet = Subnet.parse(network.subnet)
      return subnet.ok && sled.address !== undefined && Subnet.contains(subnet.value, sled.address)
    })
    if (sled.address !== undefined && !home) {
      problems.push(
        problem(`sleds[${i}].address`, sled.address, 'an address in a declared network'),
      )
    }
  })
  problems.push(
    ...repeats(
      rack.sleds.map((sled) => sled.name),
      (i) => `sleds[${i}].name`,
    ),
  )
  problems.push(
    ...repeats(
      rack.sleds.map((sled) => sled.address),
      (i) => `sleds[${i}].address`,
    ),
  )
  const owners = rack.sleds.flatMap((sled, i) => sled.macs.map((mac, j) => ({ mac, i, j })))
  problems.push(
    ...repeats(
      owners.map((owner) => owner.mac),
      (k) => `sleds[${owners[k]?.i}].macs[${owners[k]?.j}]`,
    ),
  )
  return problems
}

function repeats(values: readonly (string | undefined)[], field: (i: number) => string): Problem[] {
  const seen = new Map<string, number>()
  return values.flatMap((value, i) => {
    if (value === undefined) return []
    const first = seen.get(value)
    if (first === undefined) seen.set(value, i)
    return first === undefined
      ? []
      : [problem(field(i), value, `a value not used before (${field(first)} has it)`)]
  })
}
