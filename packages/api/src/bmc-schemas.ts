import { z } from '@hono/zod-openapi'

const timeMs = z.number().int()

export const SensorSchema = z
  .object({
    /** The maker's name of it. */
    name: z.string(),
    /** What it measures, in words; empty when its site does not say. */
    kind: z.string(),
    health: z.enum(['ok', 'warning', 'critical', 'unrecoverable', 'unknown']),
    /** A number in `unit`, states in words, or null: no reading. */
    value: z.union([z.number(), z.string(), z.null()]),
    unit: z.string().nullable(),
    /** Limits in its unit by name, e.g. `upperCritical`; those that are set. */
    limits: z.record(z.string(), z.number()),
    /** Why there is no reading. */
    why: z.string().nullable(),
    atMs: timeMs,
    /** Older than a few rounds of reading, or the site is away: it may be another by now. */
    stale: z.boolean(),
  })
  .openapi('Sensor')

export const FindingSchema = z
  .object({
    id: z.string(),
    severity: z.enum(['info', 'warning', 'critical']),
    text: z.string(),
    /** What a person can do about it. */
    advice: z.string(),
  })
  .openapi('BmcFinding')

export const SettingSchema = z
  .object({
    name: z.string(),
    found: z.string().nullable(),
    wanted: z.string().nullable(),
    state: z.enum(['as-wanted', 'set', 'waits-for-boot', 'differs', 'unknown']),
    detail: z.string().nullable(),
  })
  .openapi('BmcSetting')

const readingOf = <T extends z.ZodType>(value: T) =>
  z.object({ value, atMs: timeMs, stale: z.boolean() }).nullable()

export const SledBmcSchema = z
  .object({
    site: z.string(),
    sled: z.string(),
    /** The way of its packets as declared, in words; null: no BMC is declared. */
    path: z.string().nullable(),
    /** How far the BMC can be relied on, of 100; null: not asked often enough, or never. */
    reliability: readingOf(z.number()),
    /** The same in words, with what it is made of. */
    reliabilityText: z.string().nullable(),
    /** What the sled draws by its BMC's own meter. */
    watts: readingOf(z.number()),
    sensors: z.array(SensorSchema),
    /** What the last look over the BMC found; null: there was none yet. */
    intake: z
      .object({
        atMs: timeMs,
        /** 100 with nothing open; each finding costs by its severity. */
        score: z.number().int(),
        findings: z.array(FindingSchema),
        settings: z.array(SettingSchema),
      })
      .nullable(),
  })
  .openapi('SledBmc')

export type Sensor = z.infer<typeof SensorSchema>
export type BmcFinding = z.infer<typeof FindingSchema>
export type BmcSetting = z.infer<typeof SettingSchema>
export type SledBmc = z.infer<typeof SledBmcSchema>
