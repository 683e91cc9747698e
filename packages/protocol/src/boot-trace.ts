import {
  BOOT_LINE_PARTS,
  BOOT_STATES,
  BOOT_TONES,
  type BootTrace,
} from '@brickyard/model/boot-attempt'
import type { NetbootPreview } from '@brickyard/model/netboot-preview'
import * as z from 'zod'
import { timeMsField } from './fields.ts'

const text = z.string().max(2000)
const word = z.string().max(80)

const lineSchema = z.object({
  atMs: timeMsField,
  lastAtMs: timeMsField,
  count: z.number().int().min(1),
  part: z.enum(BOOT_LINE_PARTS),
  tone: z.enum(BOOT_TONES),
  text,
  details: z.array(text).max(40),
})

const attemptSchema = z.object({
  mac: word,
  sled: word.nullable(),
  network: word,
  startedAtMs: timeMsField,
  lastAtMs: timeMsField,
  state: z.enum(BOOT_STATES),
  summary: text,
  findings: z.array(text).max(20),
  lines: z.array(lineSchema).max(300),
})

const watchSchema = z.object({
  network: word,
  role: word,
  mode: word,
  interface: word,
  sinceAtMs: timeMsField,
  lastHeard: z.object({ atMs: timeMsField, mac: word, what: word }).nullable(),
  foreignServers: z
    .array(z.object({ address: word, atMs: timeMsField, about: text.optional() }))
    .max(20),
})

/** How a machine boots, as its site says it. */
export const bootTraceSchema = z.object({
  of: word,
  asOfMs: timeMsField,
  /** Not said by older agents. */
  findings: z.array(text).max(20).optional(),
  attempts: z.array(attemptSchema).max(100),
  watches: z.array(watchSchema).max(64),
}) satisfies z.ZodType<BootTrace>
const loaderSchema = z.object({
  name: word,
  version: z.string().max(120).nullable(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  source: z.string().max(120),
  pinned: z.boolean(),
})

/** What a site would answer, as it says it. */
export const netbootPreviewSchema = z.object({
  asOfMs: timeMsField,
  loaders: z.array(loaderSchema).max(64).optional(),
  networks: z
    .array(
      z.object({
        network: word,
        role: word,
        mode: word,
        as: word,
        foreignServers: watchSchema.shape.foreignServers,
        machines: z
          .array(
            z.object({
              machine: z.string().max(120),
              mac: word,
              state: z.enum(BOOT_STATES),
              summary: text,
              lines: z.array(lineSchema).max(20),
            }),
          )
          .max(1000),
      }),
    )
    .max(64),
}) satisfies z.ZodType<NetbootPreview>

export type BootTraceBody = z.infer<typeof bootTraceSchema>
