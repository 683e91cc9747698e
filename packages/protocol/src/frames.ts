import { err, ok, type Result } from '@brickyard/std/result'
import * as z from 'zod'
import { journalEventSchema } from './events.ts'
import { idField, sha256Field, siteField, timeMsField } from './fields.ts'
import { serialAskSchema, serialOpenSchema, serialToldSchema } from './serial-stream.ts'
import { wantedDeltaSchema } from './wanted-state.ts'

/** Version of the frames (DESIGN.md §5). `hello`, `renew` and `upgrade` never change. */
export const FRAMES_VERSION = 1
/** A frame longer than this is refused before it is parsed. */
export const FRAME_CHARS_MAX = 4 * 1024 * 1024
/** Events in one frame. */
export const EVENTS_PER_FRAME_MAX = 200

const v = z.literal(FRAMES_VERSION)

/** What a reading of a sensor says beside its value. */
const sensorSchema = z.object({
  /** What it measures, in words: `temperature`, `fan`. */
  kind: z.string().max(80),
  health: z.enum(['ok', 'warning', 'critical', 'unrecoverable', 'unknown']),
  /** Limits in the sensor's unit, by name (`upperCritical`); those that are set. */
  limits: z.record(z.string().max(40), z.number()),
  /** Why there is no reading. */
  why: z.string().max(200).optional(),
})
export type SensorDetail = z.infer<typeof sensorSchema>

const readingSchema = z.object({
  /** What was read, e.g. `sled/sled-01/power` or `operation/op-1/percent`. */
  key: z.string().min(1).max(200),
  value: z.union([z.string().max(500), z.number(), z.null()]),
  unit: z.string().max(20).nullable(),
  atMs: timeMsField,
  /** Of a sensor; not said by older agents. */
  sensor: sensorSchema.optional(),
})
export type Reading = z.infer<typeof readingSchema>

const fromSite = [
  z.object({
    v,
    kind: z.literal('hello'),
    site: siteField,
    agentVersion: z.string().max(80),
    /** Minted whenever the journal is created: (site, epoch, seq) names an event for ever. */
    epoch: idField,
    bootId: z.string().max(80),
    lastSeq: z.number().int().min(0),
    /** Oldest event the site still has; tells a hub restored from an old backup what is gone. */
    firstSeq: z.number().int().min(1).optional(),
    wantedGeneration: z.number().int().min(0),
    wallMs: timeMsField,
  }),
  z.object({
    v,
    kind: z.literal('events'),
    epoch: idField,
    events: z.array(journalEventSchema).min(1).max(EVENTS_PER_FRAME_MAX),
  }),
  z.object({ v, kind: z.literal('readings'), values: z.array(readingSchema).max(2000) }),
  z.object({
    v,
    kind: z.literal('wanted-report'),
    held: z.number().int().min(0),
    applied: z.number().int().min(0),
  }),
  /** The site cannot use a delta on a base it does not hold: send the whole state. */
  z.object({ v, kind: z.literal('wanted-resend'), held: z.number().int().min(0) }),
  /** What is the print of this event in the hub's copy of the journal? (`journal-fork.ts`) */
  z.object({ v, kind: z.literal('journal-ask'), epoch: idField, seq: z.number().int().min(1) }),
  z.object({ v, kind: z.literal('renew'), requestPem: z.string().max(8192) }),
  z.object({ v, kind: z.literal('alive') }),
  /** What an ask found; `reason` says why there is nothing. Sent only to a hub that asked. */
  z.object({
    v,
    kind: z.literal('answer'),
    id: idField,
    body: z.unknown(),
    reason: z.string().max(500).nullable(),
  }),
  /** `data` is base64, both ways. */
  z.object({ v, kind: z.literal('stream-data'), stream: z.number().int(), data: z.string() }),
  z.object({ v, kind: z.literal('stream-told'), stream: z.number().int(), told: serialToldSchema }),
  z.object({ v, kind: z.literal('stream-credit'), stream: z.number().int(), bytes: z.number() }),
  z.object({ v, kind: z.literal('stream-close'), stream: z.number().int(), reason: z.string() }),
] as const

const fromHub = [
  z.object({
    v,
    kind: z.literal('welcome'),
    /** Last sequence of the site's epoch that the hub has committed; 0 for none. */
    ackedSeq: z.number().int().min(0),
    /** Print of that event, so that the site sees whether it is its own; null when there is none. */
    ackedPrint: sha256Field.nullable().optional(),
    hubMs: timeMsField,
  }),
  z.object({
    v,
    kind: z.literal('journal-held'),
    epoch: idField,
    seq: z.number().int().min(1),
    /** Null: the hub holds no such event. */
    print: sha256Field.nullable(),
  }),
  z.object({ v, kind: z.literal('refused'), reason: z.string() }),
  z.object({ v, kind: z.literal('ack'), epoch: idField, seq: z.number().int().min(0) }),
  z.object({ v, kind: z.literal('wanted'), delta: wantedDeltaSchema }),
  z.object({ v, kind: z.literal('act'), payload: z.string().max(65536), signature: z.string() }),
  z.object({ v, kind: z.literal('certificate'), certPem: z.string().max(16384) }),
  z.object({ v, kind: z.literal('upgrade'), reason: z.string() }),
  /** The hub's answer to every `alive`: the way back is there as well. */
  z.object({ v, kind: z.literal('heard') }),
  /** Something to look up (`asks.ts`); what an older site does not know it says in its answer. */
  z.object({
    v,
    kind: z.literal('ask'),
    id: idField,
    what: z.looseObject({ kind: z.string().max(80) }),
  }),
  z.object({
    v,
    kind: z.literal('stream-open'),
    stream: z.number().int(),
    what: z.string(),
    /** Where `what` is `serial`. */
    serial: serialOpenSchema.optional(),
  }),
  z.object({ v, kind: z.literal('stream-data'), stream: z.number().int(), data: z.string() }),
  z.object({ v, kind: z.literal('stream-ask'), stream: z.number().int(), ask: serialAskSchema }),
  z.object({ v, kind: z.literal('stream-credit'), stream: z.number().int(), bytes: z.number() }),
  z.object({ v, kind: z.literal('stream-close'), stream: z.number().int(), reason: z.string() }),
] as const

const siteFrameSchema = z.discriminatedUnion('kind', fromSite)
const hubFrameSchema = z.discriminatedUnion('kind', fromHub)

/** What a site says to the hub. */
export type SiteFrame = z.infer<typeof siteFrameSchema>
/** What the hub says to a site. */
export type HubFrame = z.infer<typeof hubFrameSchema>

export const encodeFrame = (frame: SiteFrame | HubFrame): string => JSON.stringify(frame)

export const decodeSiteFrame = (message: string): Result<SiteFrame> =>
  decode(message, siteFrameSchema)
export const decodeHubFrame = (message: string): Result<HubFrame> => decode(message, hubFrameSchema)

function decode<T>(message: string, schema: z.ZodType<T>): Result<T> {
  if (message.length > FRAME_CHARS_MAX) return err(`a frame of ${message.length} characters`)
  let body: unknown
  try {
    body = JSON.parse(message)
  } catch {
    return err('a frame that is no JSON')
  }
  const parsed = schema.safeParse(body)
  if (parsed.success) return ok(parsed.data)
  const issue = parsed.error.issues[0]
  return err(`a frame that cannot be read: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`)
}
