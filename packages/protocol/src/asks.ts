import { NETWORK_MODES } from '@brickyard/model/rack'
import * as z from 'zod'
import { macField, sledField } from './fields.ts'

/**
 * What the hub asks a site to look up for a person who waits: too much to be sent all the time, and
 * nothing changes by it. A site that does not know an ask says so; one that does not answer is away.
 */
export const askSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('boot-trace'),
    /** Without either: machines that nobody declared. */
    sled: sledField.optional(),
    mac: macField.optional(),
  }),
  /** What each network would answer, in its own mode or in this one. */
  z.object({ kind: z.literal('netboot-preview'), mode: z.enum(NETWORK_MODES).optional() }),
])
export type Ask = z.infer<typeof askSchema>

/** An answer is smaller than this: it shares a frame's bound and the link with the journal. */
export const ANSWER_CHARS_MAX = 1024 * 1024
