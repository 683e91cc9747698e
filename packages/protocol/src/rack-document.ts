import { ARCHITECTURES, FIRMWARE_MODES } from '@brickyard/model/architecture'
import { Ipv4, Subnet } from '@brickyard/model/ipv4'
import {
  RESTORE_POLICIES,
  SLED_FORMS,
  type AddressRange,
  type BmcDeclaration,
  type RackDocument,
} from '@brickyard/model/rack'
import { problem, type Problem } from '@brickyard/std/problem'
import { err, ok, type Result } from '@brickyard/std/result'
import { parseBoxKey } from '@brickyard/std/sealed-box'
import * as z from 'zod'
import { ipv4Field, macField, nameField, siteField, sledField, vlanField } from './fields.ts'
import { networkProblems, networkSchema, poolsOf } from './network-fields.ts'
import { feedProblems, feedsSchema, pduSchema } from './pdu-fields.ts'
import { portProblems, portSchema } from './port-fields.ts'
import { repeats } from './repeats.ts'

const SLEDS_MAX = 512
const PDUS_MAX = 16
/** Two NICs and a BMC of each sled. */
const PORTS_MAX = 1536

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
    .filter((network) => poolsOf(network).some(([, range]) => holds(range)))
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
