import { BOOT_LINE_PARTS, BOOT_STATES, BOOT_TONES } from '@brickyard/model/boot-attempt'
import { z } from '@hono/zod-openapi'

/** How machines boot, in words made at their site; times are the site's own wall clock. */
const timeMs = z.number().int()

const BootLineSchema = z
  .object({
    atMs: timeMs,
    lastAtMs: timeMs,
    count: z.number().int(),
    part: z.enum(BOOT_LINE_PARTS),
    tone: z.enum(BOOT_TONES),
    text: z.string(),
    details: z.array(z.string()),
  })
  .openapi('BootLine')

const BootAttemptSchema = z
  .object({
    mac: z.string(),
    sled: z.string().nullable(),
    network: z.string(),
    startedAtMs: timeMs,
    lastAtMs: timeMs,
    state: z.enum(BOOT_STATES),
    summary: z.string(),
    findings: z.array(z.string()),
    lines: z.array(BootLineSchema),
  })
  .openapi('BootAttempt')

const NetworkWatchSchema = z
  .object({
    network: z.string(),
    role: z.string(),
    mode: z.string(),
    interface: z.string(),
    sinceAtMs: timeMs,
    lastHeard: z.object({ atMs: timeMs, mac: z.string(), what: z.string() }).nullable(),
    foreignServers: z.array(
      z.object({ address: z.string(), atMs: timeMs, about: z.string().optional() }),
    ),
  })
  .openapi('NetworkWatch')

const BootTraceSchema = z
  .object({
    of: z.string(),
    asOfMs: timeMs,
    /** What should be known beside its boots, e.g. that one is awaited and was not heard. */
    findings: z.array(z.string()).optional(),
    attempts: z.array(BootAttemptSchema),
    watches: z.array(NetworkWatchSchema),
  })
  .openapi('BootTrace')

export const BootTraceAnswerSchema = z
  .object({
    site: z.string(),
    /** Null: the site never gave one. */
    trace: BootTraceSchema.nullable(),
    /** When the hub got it, by its own clock. */
    receivedAtMs: timeMs.nullable(),
    /** Why this is not what the site knows now; null where it is. */
    problem: z.string().nullable(),
  })
  .openapi('BootTraceAnswer')

export const NetbootPreviewSchema = z
  .object({
    asOfMs: timeMs,
    /** The boot loaders it serves; an agent of an earlier release does not say. */
    loaders: z
      .array(
        z.object({
          name: z.string(),
          version: z.string().nullable(),
          sha256: z.string(),
          source: z.string(),
          /** The operator said which content it must have, and it has. */
          pinned: z.boolean(),
        }),
      )
      .optional(),
    networks: z.array(
      z.object({
        network: z.string(),
        role: z.string(),
        mode: z.string(),
        /** The mode that was previewed. */
        as: z.string(),
        foreignServers: NetworkWatchSchema.shape.foreignServers,
        machines: z.array(
          z.object({
            machine: z.string(),
            mac: z.string(),
            state: z.enum(BOOT_STATES),
            summary: z.string(),
            lines: z.array(BootLineSchema),
          }),
        ),
      }),
    ),
  })
  .openapi('NetbootPreview')

export type NetbootPreviewAnswer = z.infer<typeof NetbootPreviewSchema>
export type BootTraceAnswer = z.infer<typeof BootTraceAnswerSchema>
