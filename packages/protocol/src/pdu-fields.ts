import { PDU_KINDS } from '@brickyard/model/pdu'
import type { RackDocument } from '@brickyard/model/rack'
import { problem, type Problem } from '@brickyard/std/problem'
import * as z from 'zod'
import { ipv4Field, nameField } from './fields.ts'

const SNMP_PORT = 161

const loginSchema = z.union([
  z.strictObject({ version: z.enum(['v1', 'v2c']) }),
  z.strictObject({
    version: z.literal('v3'),
    user: z.string().min(1).max(32),
    auth: z.enum(['sha', 'sha256', 'sha512']).default('sha256'),
    privacy: z.enum(['aes', 'aes256']).optional(),
  }),
])

/** A PDU of the rack document (`PduDeclaration`). */
export const pduSchema = z.strictObject({
  name: nameField,
  kind: z.enum(PDU_KINDS),
  address: ipv4Field,
  port: z.number().int().min(1).max(65535).default(SNMP_PORT),
  login: loginSchema.default({ version: 'v2c' }),
})

/** Outlets that feed one sled (`FeedDeclaration`): real ones have four supplies at most. */
export const feedsSchema = z
  .array(
    z.strictObject({
      pdu: nameField,
      outlet: z
        .string()
        .regex(/^\d{1,3}(\.\d{1,3}){0,3}$/, "must be an outlet's number, such as 7 or 2.7"),
    }),
  )
  .max(4)

/** Feeds of PDUs that are not declared, and outlets that two sleds claim: one would cut the other off. */
export function feedProblems(rack: RackDocument): Problem[] {
  const names = new Set<string>()
  const problems = (rack.pdus ?? []).flatMap(({ name }, i) => {
    if (!names.has(name)) {
      names.add(name)
      return []
    }
    return [problem(`pdus[${i}].name`, name, 'a name not used before')]
  })
  const owners = new Map<string, string>()
  rack.sleds.forEach(({ feeds }, i) =>
    feeds?.forEach(({ pdu, outlet }, n) => {
      const field = `sleds[${i}].feeds[${n}]`
      if (!names.has(pdu)) problems.push(problem(`${field}.pdu`, pdu, 'the name of a declared PDU'))
      const owner = owners.get(`${pdu}/${outlet}`)
      if (owner === undefined) owners.set(`${pdu}/${outlet}`, field)
      else problems.push(problem(`${field}.outlet`, outlet, `an outlet not used before (${owner})`))
    }),
  )
  return problems
}
