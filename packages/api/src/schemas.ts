import { ARCHITECTURES, FIRMWARE_MODES } from '@brickyard/model/architecture'
import { IMAGE_FORMATS } from '@brickyard/model/image'
import { isName } from '@brickyard/model/names'
import {
  OPERATION_KINDS,
  OPERATION_STATES,
  POWER_STATES,
  POWER_VERBS,
  POWER_WAYS,
} from '@brickyard/model/operation'
import { NETWORK_MODES, SLED_FORMS } from '@brickyard/model/rack'
import { SLED_STATES } from '@brickyard/model/sled-lifecycle'
import { z } from '@hono/zod-openapi'
import { NetworkConfigSchema, NetworkRequestSchema } from './network-schemas.ts'

/**
 * The resources of the hub's REST API (DESIGN.md §6): times are milliseconds since 1970, sizes are
 * bytes, `null` means unknown or not there. A sled is addressed as site and sled name.
 */
const name = z.string().refine(isName, "must be a name: a-z, 0-9 and '-', 1 to 63 characters")
const timeMs = z.number().int()
const sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'must be 64 lower-case hex digits')

export const LinkStateSchema = z.enum(['connected', 'away', 'never-seen'])

export const SiteSchema = z
  .object({
    name,
    owner: z.string(),
    displayName: z.string(),
    latitude: z.number().nullable(),
    longitude: z.number().nullable(),
    link: LinkStateSchema,
    /** Last time anything was heard from the site. */
    lastSeenMs: timeMs.nullable(),
    agentVersion: z.string().nullable(),
    wantedGeneration: z.number().int(),
    heldGeneration: z.number().int().nullable(),
    appliedGeneration: z.number().int().nullable(),
    /** Journal position of the site: last committed event and what the site said it has. */
    journalAckedSeq: z.number().int(),
    journalLastSeq: z.number().int().nullable(),
    sledCount: z.number().int(),
    sledCountByState: z.record(z.string(), z.number().int()),
  })
  .openapi('Site')

const PositionSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('slot'),
    cage: z.string(),
    slot: z.number().int(),
    form: z.enum(SLED_FORMS),
  }),
  z.object({
    kind: z.literal('rack-unit'),
    unit: z.number().int(),
    heightRackUnits: z.number().int(),
  }),
])

export const WitnessSchema = z.object({ kind: z.string(), says: z.string(), atMs: timeMs })

export const SledSchema = z
  .object({
    site: name,
    name,
    state: z.enum(SLED_STATES),
    stateReason: z.string().nullable(),
    stateSinceMs: timeMs.nullable(),
    stateDeadlineMs: timeMs.nullable(),
    power: z.enum(POWER_STATES),
    powerAsOfMs: timeMs.nullable(),
    /** True when the site is away: everything here is as last reported. */
    stale: z.boolean(),
    architecture: z.enum(ARCHITECTURES),
    firmwareMode: z.enum(FIRMWARE_MODES),
    position: PositionSchema,
    labels: z.record(z.string(), z.string()),
    macs: z.array(z.string()),
    address: z.string().nullable(),
    bmcAddress: z.string().nullable(),
    manufacturer: z.string().nullable(),
    model: z.string().nullable(),
    serial: z.string().nullable(),
    uuid: z.string().nullable(),
    cpuModel: z.string().nullable(),
    cpuThreads: z.number().int().nullable(),
    memoryBytes: z.number().nullable(),
    disks: z.array(
      z.object({
        path: z.string(),
        bytes: z.number(),
        model: z.string().nullable(),
        serial: z.string().nullable(),
        /** Not said by every site. */
        sectorBytes: z.number().nullable().optional(),
      }),
    ),
    biosVersion: z.string().nullable(),
    bmcVersion: z.string().nullable(),
    firmware: z.array(
      z.object({
        component: z.string(),
        version: z.string().nullable(),
        verdict: z.enum(['compliant', 'behind', 'unknown']),
        reason: z.string(),
      }),
    ),
    placeGrade: z.enum(['confirmed', 'probable', 'declared', 'conflicting', 'unknown']),
    witnesses: z.array(WitnessSchema),
    deployment: z.string().nullable(),
    assignment: z.string().nullable(),
    currentOperation: z.string().nullable(),
  })
  .openapi('Sled')

export const ImageSchema = z
  .object({
    sha256,
    name: z.string(),
    state: z.enum(['awaiting-content', 'ready']),
    bytes: z.number().int(),
    receivedBytes: z.number().int(),
    /** Whether the hub unpacked it and found what is declared; `unknown`: the sled will check. */
    rawCheck: z.enum(['verified', 'unknown']).nullable(),
    kind: z.enum(['disk', 'netboot']),
    format: z.enum(IMAGE_FORMATS),
    arch: z.enum(ARCHITECTURES),
    firmware: z.array(z.enum(FIRMWARE_MODES)),
    secureBoot: z.boolean(),
    seed: z.enum(['nocloud', 'none']),
    rawSha256: sha256,
    rawBytes: z.number().int(),
    minDiskBytes: z.number().int(),
    sectorBytes: z.union([z.literal(512), z.literal(4096)]),
    createdAtMs: timeMs,
  })
  .openapi('Image')

export const ImageCreateSchema = z
  .object({
    name: z.string().min(1).max(120),
    sha256,
    bytes: z.number().int().positive(),
    kind: z.enum(['disk', 'netboot']).default('disk'),
    format: z.enum(IMAGE_FORMATS),
    arch: z.enum(ARCHITECTURES),
    firmware: z.array(z.enum(FIRMWARE_MODES)).min(1),
    secureBoot: z.boolean().default(false),
    seed: z.enum(['nocloud', 'none']).default('nocloud'),
    rawSha256: sha256,
    rawBytes: z.number().int().positive(),
    minDiskBytes: z.number().int().positive(),
    sectorBytes: z.union([z.literal(512), z.literal(4096)]).default(512),
  })
  .openapi('ImageCreate')

export const ConstraintsSchema = z
  .object({
    sites: z.array(name).max(1000).optional(),
    sleds: z.array(z.string()).max(1000).optional(),
    labels: z.record(z.string(), z.string()).optional(),
    model: z.string().optional(),
    spread: z.enum(['site', 'pack']).default('pack'),
  })
  .openapi('Constraints')

export const DeploymentCreateSchema = z
  .object({
    name: name.optional(),
    count: z.number().int().min(1).max(1000),
    constraints: ConstraintsSchema.default({ spread: 'pack' }),
    /** SHA-256 of the image, or its name when only one image has it. */
    image: z.string().min(1),
    userData: z.string().max(65536).default(''),
    sshKeys: z.array(z.string().min(1).max(4096)).max(64).default([]),
    /** `{n}` becomes the number of the sled in the deployment, from 1. */
    hostname: z.string().min(1).max(80).default('sled-{n}'),
    /** Bonds, VLANs and addresses of the installed OS; without it every NIC asks by DHCP. */
    network: NetworkRequestSchema.optional(),
  })
  .openapi('DeploymentCreate')

/** A refused candidate: which rule refused it, and why in words. */
export const RefusalSchema = z.object({
  site: z.string(),
  sled: z.string().nullable(),
  rule: z.string(),
  reason: z.string(),
})

export const PlacementSchema = z
  .object({
    decidedAtMs: timeMs,
    placed: z.array(
      z.object({
        site: z.string(),
        sled: z.string(),
        score: z.number(),
        parts: z.array(z.object({ name: z.string(), points: z.number(), reason: z.string() })),
      }),
    ),
    refused: z.array(RefusalSchema),
    /** How many candidates each rule refused. */
    refusedCountByRule: z.record(z.string(), z.number().int()),
    summary: z.string(),
  })
  .openapi('Placement')

export const PlacementPreviewSchema = PlacementSchema.extend({
  /** Of the first sleds, where the request asks for a network. */
  networkConfigs: z.array(NetworkConfigSchema),
}).openapi('PlacementPreview')

export const AssignmentSchema = z
  .object({
    id: z.string(),
    site: z.string(),
    sled: z.string(),
    hostname: z.string(),
    wanted: z.enum(['running', 'released']),
    state: z.enum(['assigned', 'provisioning', 'in-use', 'releasing', 'released', 'failed']),
    reason: z.string().nullable(),
    operation: z.string().nullable(),
  })
  .openapi('Assignment')

export const DeploymentSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    tenant: z.string(),
    state: z.enum(['refused', 'provisioning', 'in-use', 'releasing', 'released', 'failed']),
    reason: z.string().nullable(),
    count: z.number().int(),
    constraints: ConstraintsSchema,
    image: sha256,
    imageName: z.string(),
    sshKeys: z.array(z.string()),
    hostname: z.string(),
    /** As it was asked for; null: DHCP on every NIC. */
    network: NetworkRequestSchema.nullable(),
    createdAtMs: timeMs,
    createdBy: z.string(),
    placement: PlacementSchema,
    assignments: z.array(AssignmentSchema),
  })
  .openapi('Deployment')

export const OperationSchema = z
  .object({
    id: z.string(),
    site: z.string(),
    sled: z.string(),
    kind: z.enum(OPERATION_KINDS),
    state: z.enum(OPERATION_STATES),
    reason: z.string().nullable(),
    assignment: z.string().nullable(),
    /** The act that it carries out, if it was asked for by one. */
    act: z.string().nullable(),
    requestedBy: z.string(),
    /** Share of the running step that is done, 0..100; null when it has no measure. */
    percent: z.number().nullable(),
    steps: z.array(
      z.object({
        name: z.string(),
        state: z.enum(['waiting', 'running', 'done', 'failed', 'skipped']),
        startedAtMs: timeMs.nullable(),
        endedAtMs: timeMs.nullable(),
        detail: z.string().nullable(),
      }),
    ),
    startedAtMs: timeMs,
    deadlineAtMs: timeMs.nullable(),
    endedAtMs: timeMs.nullable(),
  })
  .openapi('Operation')

/** Answer to a wish that the site carries out. */
export const ActSchema = z
  .object({
    id: z.string(),
    site: z.string(),
    sled: z.string(),
    kind: z.string(),
    state: z.enum(['sent', 'waiting-for-site', 'done', 'failed', 'expired']),
    reason: z.string().nullable(),
    /** The operation that carries it out, once the site began one; the act ends with it. */
    operation: z.string().nullable(),
    expiresAtMs: timeMs,
  })
  .openapi('Act')

export const PowerRequestSchema = z
  .object({
    verb: z.enum(POWER_VERBS),
    via: z.enum(POWER_WAYS).optional().openapi({
      description:
        'By what it is switched: its BMC (unless told), or the outlets that feed it, which cuts off the BMC too and knows on, off and cycle.',
    }),
  })
  .openapi('PowerRequest')
export const IdentifyRequestSchema = z
  .object({ seconds: z.number().int().min(0).max(255).default(60) })
  .openapi('IdentifyRequest')

export const EventSchema = z
  .object({
    /** Position in the hub's own order; also the page token. */
    id: z.number().int(),
    site: z.string(),
    epoch: z.string(),
    seq: z.number().int(),
    atMs: timeMs,
    receivedAtMs: timeMs,
    kind: z.string(),
    sled: z.string().nullable(),
    /** The event in words. */
    text: z.string(),
    body: z.unknown(),
    /** False when this hub's release could not read the body: it is kept raw. */
    readable: z.boolean(),
  })
  .openapi('Event')

/** Something that needs a person, worst first. */
export const AttentionSchema = z
  .object({
    id: z.string(),
    severity: z.enum(['critical', 'warning', 'info']),
    site: z.string(),
    sled: z.string().nullable(),
    /** Deployment it is about, if it is about one. */
    deployment: z.string().nullable(),
    what: z.string(),
    /** What a person can do about it. */
    advice: z.string(),
    sinceMs: timeMs,
  })
  .openapi('Attention')

export const OverviewSchema = z
  .object({
    siteCountByLink: z.record(z.string(), z.number().int()),
    sledCountByState: z.record(z.string(), z.number().int()),
    runningOperations: z.array(OperationSchema),
    attention: z.array(AttentionSchema),
    asOfMs: timeMs,
  })
  .openapi('Overview')

export const RackSchema = z
  .object({
    site: name,
    networks: z.array(
      z.object({
        name: z.string(),
        role: z.string(),
        mode: z.enum(NETWORK_MODES),
        subnet: z.string(),
        agentAddress: z.string(),
      }),
    ),
    cages: z.array(
      z.object({
        name: z.string(),
        heightRackUnits: z.number().int(),
        generation: z.string(),
        rackUnit: z.number().int(),
      }),
    ),
  })
  .openapi('Rack')

export const SiteDetailSchema = SiteSchema.extend({
  rack: RackSchema.nullable(),
  /** Public key of what is sealed for this site alone; null until its agent said it. */
  sealingKey: z.string().nullable(),
}).openapi('SiteDetail')

export const SiteCreateSchema = z
  .object({
    name,
    displayName: z.string().min(1).max(120).optional(),
    owner: z.string().min(1).max(63).default('default'),
    latitude: z.number().min(-90).max(90).optional(),
    longitude: z.number().min(-180).max(180).optional(),
  })
  .openapi('SiteCreate')

export const EnrolmentTokenSchema = z
  .object({ token: z.string(), site: z.string(), expiresAtMs: timeMs })
  .openapi('EnrolmentToken')

export const SessionCreateSchema = z
  .object({ user: z.string().min(1).max(120), password: z.string().min(1).max(400) })
  .openapi('SessionCreate')
export const SessionSchema = z
  .object({
    user: z.string(),
    role: z.string(),
    tenant: z.string(),
    /** Bearer token; only in the answer to a login. The console uses the cookie set beside it. */
    token: z.string().nullable(),
    expiresAtMs: timeMs,
  })
  .openapi('Session')

export const pageOf = <T extends z.ZodType>(item: T) =>
  z.object({ items: z.array(item), nextPage: z.string().nullable() })

/** One line of the live feed (`GET /v1/live`, server-sent events): what changed, fetch it again. */
export const ChangeSchema = z.object({
  kind: z.enum(['site', 'sled', 'deployment', 'operation', 'event', 'image', 'act']),
  /** `site` for sites, `site/sled` for sleds, the id otherwise. */
  id: z.string(),
})

export type Site = z.infer<typeof SiteSchema>
export type SiteDetail = z.infer<typeof SiteDetailSchema>
export type Sled = z.infer<typeof SledSchema>
export type Image = z.infer<typeof ImageSchema>
export type ImageCreate = z.infer<typeof ImageCreateSchema>
export type Constraints = z.infer<typeof ConstraintsSchema>
export type DeploymentCreate = z.infer<typeof DeploymentCreateSchema>
export type Deployment = z.infer<typeof DeploymentSchema>
export type Assignment = z.infer<typeof AssignmentSchema>
export type Placement = z.infer<typeof PlacementSchema>
export type PlacementPreview = z.infer<typeof PlacementPreviewSchema>
export type Operation = z.infer<typeof OperationSchema>
export type Act = z.infer<typeof ActSchema>
export type ApiEvent = z.infer<typeof EventSchema>
export type Attention = z.infer<typeof AttentionSchema>
export type Overview = z.infer<typeof OverviewSchema>
export type Session = z.infer<typeof SessionSchema>
export type Change = z.infer<typeof ChangeSchema>
export type EnrolmentToken = z.infer<typeof EnrolmentTokenSchema>
/** What a caller may leave out: fields with a default are optional here. */
export type SiteAsked = z.input<typeof SiteCreateSchema>
export type ImageAsked = z.input<typeof ImageCreateSchema>
export type DeploymentAsked = z.input<typeof DeploymentCreateSchema>
export interface Page<T> {
  readonly items: readonly T[]
  readonly nextPage: string | null
}
