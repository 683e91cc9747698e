import { OPERATION_KINDS, OPERATION_STATES, POWER_STATES } from '@brickyard/model/operation'
import { SLED_STATES } from '@brickyard/model/sled-lifecycle'
import * as z from 'zod'
import { idField, sha256Field, sledField, timeMsField } from './fields.ts'

const text = z.string().max(2000)

/** One step of an operation as people see it. */
export const operationStepSchema = z.object({
  name: z.string().max(80),
  state: z.enum(['waiting', 'running', 'done', 'failed', 'skipped']),
  startedAtMs: timeMsField.nullable(),
  endedAtMs: timeMsField.nullable(),
  detail: text.nullable(),
})

/** An operation as the site knows it: the whole record, sent at every change. */
export const operationRecordSchema = z.object({
  id: idField,
  sled: sledField,
  kind: z.enum(OPERATION_KINDS),
  state: z.enum(OPERATION_STATES),
  reason: text.nullable(),
  assignment: idField.nullable(),
  /** The act that it carries out; not said by older agents. */
  act: idField.nullable().optional(),
  requestedBy: z.string().max(120),
  steps: z.array(operationStepSchema).max(64),
  startedAtMs: timeMsField,
  deadlineAtMs: timeMsField.nullable(),
  endedAtMs: timeMsField.nullable(),
})
export type OperationRecord = z.infer<typeof operationRecordSchema>

const diskSchema = z.object({
  path: z.string().max(120),
  bytes: z.number().int().min(0),
  model: z.string().max(200).nullable(),
  serial: z.string().max(200).nullable(),
  /** Logical sector size; not said by an installer that did not look. */
  sectorBytes: z.number().int().min(1).nullable().optional(),
})

const factsSchema = z.object({
  sled: sledField,
  manufacturer: z.string().max(200).nullable(),
  model: z.string().max(200).nullable(),
  serial: z.string().max(200).nullable(),
  uuid: z.string().max(80).nullable(),
  cpuModel: z.string().max(200).nullable(),
  cpuThreads: z.number().int().min(0).nullable(),
  memoryBytes: z.number().int().min(0).nullable(),
  disks: z.array(diskSchema).max(64),
  nics: z.array(z.object({ name: z.string().max(40), mac: z.string().max(40) })).max(64),
  biosVersion: z.string().max(200).nullable(),
  bmcVersion: z.string().max(200).nullable(),
})
export type SledFacts = z.infer<typeof factsSchema>

const findingSchema = z.object({
  /** Names it for programs, e.g. `cipher-zero`. */
  id: z.string().max(60),
  severity: z.enum(['info', 'warning', 'critical']),
  text,
  /** What a person can do about it. */
  advice: text,
})
export type BmcFinding = z.infer<typeof findingSchema>

const settingSchema = z.object({
  name: z.string().max(120),
  /** As found; null when it could not be read. */
  found: text.nullable(),
  /** What the site wants; null: nothing, it is only told. */
  wanted: text.nullable(),
  state: z.enum(['as-wanted', 'set', 'waits-for-boot', 'differs', 'unknown']),
  detail: text.nullable(),
})
export type BmcSetting = z.infer<typeof settingSchema>

/** Bodies of the events this release knows, by kind. Additions are optional fields (DESIGN.md §5). */
export const EVENT_BODIES = {
  'site.started': z.object({
    agentVersion: z.string().max(80),
    bootId: z.string().max(80),
    /** Public key of what is sealed for this site alone; not said by older agents. */
    sealingKey: z.string().max(80).optional(),
  }),
  'wanted.applied': z.object({ generation: z.number().int(), problems: z.array(text) }),
  'sled.state': z.object({
    sled: sledField,
    from: z.enum(SLED_STATES).nullable(),
    to: z.enum(SLED_STATES),
    reason: text,
    deadlineAtMs: timeMsField.nullable(),
  }),
  'sled.facts': factsSchema,
  'sled.power': z.object({ sled: sledField, power: z.enum(POWER_STATES), reason: text.nullable() }),
  'sled.place': z.object({
    sled: sledField,
    grade: z.enum(['confirmed', 'probable', 'declared', 'conflicting', 'unknown']),
    witnesses: z.array(z.object({ kind: z.string().max(40), says: text, atMs: timeMsField })),
  }),
  'sled.firmware': z.object({
    sled: sledField,
    items: z.array(
      z.object({
        component: z.string().max(40),
        version: z.string().max(200).nullable(),
        verdict: z.enum(['compliant', 'behind', 'unknown']),
        reason: text,
      }),
    ),
  }),
  /** What a release wiped and what read back as zero: the record behind "this sled is clean". */
  'sled.wiped': z.object({
    sled: sledField,
    operation: idField,
    assignment: idField.nullable(),
    disks: z
      .array(
        z.object({
          path: z.string().max(200),
          serial: z.string().max(200).nullable(),
          bytes: z.number().int().min(0),
          method: z.string().max(40),
          verifiedBytes: z.number().int().min(0),
        }),
      )
      .max(64),
  }),
  /**
   * The login that a BMC is about to get, sealed to the site's recovery key: the hub keeps it and
   * cannot open it. The site goes on only once this event is acknowledged.
   */
  'sled.login-sealed': z.object({
    sled: sledField,
    operation: idField,
    /** Which recovery key opens it (`boxKeyId`). */
    keyId: z.string().regex(/^[0-9a-f]{16}$/),
    user: z.string().max(64),
    box: z.string().max(8192),
  }),
  /** Somebody at a sled's serial console: who came, went, took the keyboard (from whom) or sent what. */
  'sled.console': z.object({
    sled: sledField,
    what: z.enum(['joined', 'left', 'writer', 'break', 'took-over']),
    /** Null: nobody writes any more. */
    by: z.string().max(120).nullable(),
    from: z.string().max(120).nullable().optional(),
  }),
  /** An entry of the event log of a sled's BMC, or something about that log as a whole. Each is told once. */
  'sled.log': z.object({
    sled: sledField,
    what: z.enum(['entry', 'cleared', 'skipped', 'overflowed', 'lost']),
    health: z.enum(['ok', 'warning', 'critical', 'unknown']),
    /** The BMC's own number and time of an entry; a BMC without a clock has none. */
    id: z.string().max(200).nullable(),
    bmcAtMs: timeMsField.nullable(),
    text,
  }),
  /** What was found when a BMC was looked over: what is open to others, and settings read, set, read back. */
  'sled.intake': z.object({
    sled: sledField,
    findings: z.array(findingSchema).max(32),
    settings: z.array(settingSchema).max(32),
  }),
  /** Somebody at the site gave a login, and the BMC took it. */
  'sled.login-given': z.object({
    sled: sledField,
    user: z.string().max(64),
    by: z.string().max(120),
  }),
  'operation.changed': z.object({ operation: operationRecordSchema }),
  'act.result': z.object({ act: idField, ok: z.boolean(), reason: text.nullable() }),
  'image.fetched': z.object({ sha256: sha256Field, bytes: z.number().int().min(0) }),
  'image.refused': z.object({ sha256: sha256Field, reason: text }),
  'dhcp.unknown-client': z.object({
    network: z.string(),
    mac: z.string(),
    vendor: text.nullable(),
  }),
  /** `pool` names the pool's first and last address; not said by older agents. */
  'dhcp.pool-exhausted': z.object({
    network: z.string(),
    asked: z.string(),
    pool: text.optional(),
  }),
  'dhcp.pool-available': z.object({ network: z.string(), pool: text.optional() }),
  'dhcp.address-declined': z.object({ network: z.string(), address: text, asked: z.string() }),
  'dhcp.reservation-taken': z.object({ network: z.string(), address: text, asked: z.string() }),
  /** Somebody else answers there: what it gives, and who it is as far as was seen. */
  'dhcp.foreign-server': z.object({
    network: z.string(),
    server: text,
    gives: z.string().max(40).optional(),
    mac: z.string().nullable().optional(),
    relay: z.string().nullable().optional(),
    options: text.optional(),
  }),
  'dhcp.foreign-server-gone': z.object({ network: z.string(), server: text }),
  /** A machine that nobody declared was about to be given an address that somebody has already. */
  'dhcp.address-in-use': z.object({ network: z.string(), address: text, mac: z.string() }),
  /** More unknown clients than people plug in: they are no more told of one by one. */
  'dhcp.flood': z.object({ network: z.string(), clients: z.number().int().min(0).optional() }),
  'dhcp.flood-over': z.object({ network: z.string(), clients: z.number().int().min(0) }),
  /** A client asked; `address` is what it was or would be given. */
  'dhcp.client-seen': z.looseObject({
    network: z.string(),
    mac: z.string(),
    sled: sledField.nullable(),
    address: text.nullable(),
  }),
  /** On a listen-only network: what would have been answered. */
  'dhcp.would-answer': z.looseObject({
    network: z.string(),
    mac: z.string(),
    sled: sledField.nullable(),
    asked: text,
    would: text,
  }),
  'tftp.refused': z.object({ network: z.string(), client: text, name: text, reason: text }),
  'netboot.refused': z.object({ sled: sledField.nullable(), mac: z.string(), reason: text }),
  'netboot.served': z.object({ sled: sledField, mac: z.string(), what: z.string().max(200) }),
  'intent.claimed': z.object({ sled: sledField, operation: idField }),
  'intent.refused': z.object({ sled: sledField.nullable(), mac: z.string(), reason: text }),
  /** A disc that carries a token; `by` is a person, or for what ends it by itself the reason. */
  'boot-disc.changed': z.object({
    id: idField,
    sled: sledField,
    state: z.enum(['made', 'inserted', 'used', 'revoked', 'expired']),
    by: z.string().max(120),
  }),
  'work-order.changed': z.object({
    id: idField,
    procedure: z.string().max(80),
    sled: sledField,
    state: z.enum(['open', 'done', 'cancelled']),
    step: z.string().max(120).nullable(),
    by: z.string().max(120),
  }),
  /**
   * The appliance's store was set back behind what the hub held (an old backup, another disk): the
   * journal was begun anew after the last event that both had alike. `carried` events that the hub
   * did not have came along, under new numbers.
   */
  'journal.set-back': z.object({
    previousEpoch: idField,
    commonSeq: z.number().int().min(0),
    hubSeq: z.number().int().min(0),
    carried: z.number().int().min(0),
  }),
  /** The site was dark for longer than its certificate lasts, and got a new one for its key. */
  'site.certificate-renewed': z.object({ expiredAtMs: timeMsField }),
  /** `over`: it is well again; not said by older agents. */
  'site.trouble': z.object({
    what: z.string().max(120),
    reason: text,
    over: z.boolean().optional(),
  }),
} as const

export type EventKind = keyof typeof EVENT_BODIES
export type EventBody<K extends EventKind> = z.input<(typeof EVENT_BODIES)[K]>

/** An event in the journal and on the wire; `body` is checked by kind, an unreadable one is kept raw. */
export const journalEventSchema = z.object({
  seq: z.number().int().min(1),
  atMs: timeMsField,
  kind: z.string().min(1).max(80),
  body: z.unknown(),
})
export type JournalEvent = z.infer<typeof journalEventSchema>

/** A known event with its body read, or undefined when this release cannot read it. */
export type ReadEvent = {
  [K in EventKind]: {
    readonly seq: number
    readonly atMs: number
    readonly kind: K
    readonly body: z.output<(typeof EVENT_BODIES)[K]>
  }
}[EventKind]

export function readEvent(event: JournalEvent): ReadEvent | undefined {
  if (!Object.hasOwn(EVENT_BODIES, event.kind)) return undefined
  const kind = event.kind as EventKind
  const body = EVENT_BODIES[kind].safeParse(event.body)
  if (!body.success) return undefined
  return { seq: event.seq, atMs: event.atMs, kind, body: body.data } as ReadEvent
}
