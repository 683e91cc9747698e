import { ARCHITECTURES, FIRMWARE_MODES } from '@brickyard/model/architecture'
import { IMAGE_FORMATS } from '@brickyard/model/image'
import { Ipv4, Subnet } from '@brickyard/model/ipv4'
import { Mac } from '@brickyard/model/mac'
import { isName, type SiteName, type SledName } from '@brickyard/model/names'
import type { Result } from '@brickyard/std/result'
import * as z from 'zod'

/** Zod fields that parse a text into a model type and say what was expected. */
const parsed = <T>(parse: (text: string) => Result<T>, meta: { description: string }) =>
  z
    .string()
    .transform((text, context): T => {
      const result = parse(text)
      if (result.ok) return result.value
      context.addIssue({ code: 'custom', message: result.error, input: text })
      return z.NEVER
    })
    .meta(meta)

export const macField = parsed(Mac.parse, { description: 'MAC address' })
export const ipv4Field = parsed(Ipv4.parse, { description: 'IPv4 address' })
export const subnetField = z.string().refine((text) => Subnet.parse(text).ok, {
  error: (issue) => `'${String(issue.input)}' is no IPv4 subnet such as 10.1.0.0/24`,
})

const NAME_RULE = "must be a name: a-z, 0-9 and '-', 1 to 63 characters"
export const nameField = z.string().refine(isName, NAME_RULE)
export const siteField = nameField.transform((text) => text as SiteName)
export const sledField = nameField.transform((text) => text as SledName)
export const sha256Field = z.string().regex(/^[0-9a-f]{64}$/, 'must be 64 lower-case hex digits')
export const idField = z.string().regex(/^[A-Za-z0-9_.:-]{1,80}$/, 'must be an id')
/** A tag of IEEE 802.1Q; 0 and 4095 are no network's. */
export const vlanField = z.number().int().min(1).max(4094)
/** Milliseconds since 1970. */
export const timeMsField = z.number().int().min(0)

export const imageSchema = z.object({
  sha256: sha256Field,
  bytes: z.number().int().positive(),
  name: z.string().min(1).max(120),
  kind: z.enum(['disk', 'netboot']),
  format: z.enum(IMAGE_FORMATS),
  arch: z.enum(ARCHITECTURES),
  firmware: z.array(z.enum(FIRMWARE_MODES)).min(1),
  secureBoot: z.boolean(),
  seed: z.enum(['nocloud', 'none']),
  rawSha256: sha256Field,
  rawBytes: z.number().int().positive(),
  minDiskBytes: z.number().int().positive(),
  sectorBytes: z.union([z.literal(512), z.literal(4096)]),
})
