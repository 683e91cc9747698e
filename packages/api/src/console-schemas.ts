import { z } from '@hono/zod-openapi'
import type { ConsoleFromReader } from './console-wire.ts'

/** A reader's message as it is checked at the hub. */
export const consoleFromReaderSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('credit'), bytes: z.number().int().min(1) }),
  z.object({ kind: z.literal('write'), take: z.boolean() }),
  z.object({ kind: z.literal('release') }),
  z.object({ kind: z.literal('break') }),
  z.object({ kind: z.literal('take-over') }),
  z.object({ kind: z.literal('alive') }),
]) satisfies z.ZodType<ConsoleFromReader>

const timeMs = z.number().int().min(0)

/** From the first reader's coming to the last one's going. */
export const ConsoleRecordSchema = z
  .object({
    id: z.string(),
    site: z.string(),
    sled: z.string(),
    beganAtMs: timeMs,
    /** When it was last written to. */
    lastAtMs: timeMs,
    bytes: z.number().int().min(0),
    /** It grew beyond its bound: what came after is not in it. */
    cut: z.boolean(),
  })
  .openapi('ConsoleRecord')
export type ConsoleRecord = z.infer<typeof ConsoleRecordSchema>

export const ConsoleRecordPartSchema = z
  .object({
    number: z.number().int().min(1),
    atMs: timeMs,
    /** `printed` by the sled, `typed` by a person, or a `note` of what a person did. */
    what: z.enum(['printed', 'typed', 'note']),
    by: z.string().nullable(),
    /** Where what was printed begins: the ring and the offset in it. */
    ring: z.string().nullable(),
    offset: z.number().int().min(0).nullable(),
    /** Base64. */
    data: z.string(),
  })
  .openapi('ConsoleRecordPart')
export type ConsoleRecordPart = z.infer<typeof ConsoleRecordPartSchema>
