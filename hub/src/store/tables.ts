/**
 * The hub's tables as kysely sees them. Columns hold integers, text and blobs only, so that the same
 * queries run on SQLite and PostgreSQL: times are milliseconds since 1970, booleans 0 and 1, JSON text.
 */
export interface HubTables {
  counters: CounterTable
  users: UserTable
  sessions: SessionTable
  sites: SiteTable
  enrolment_tokens: EnrolmentTokenTable
  journals: JournalTable
  events: EventTable
  sleds: SledTable
  operations: OperationTable
  images: ImageTable
  deployments: DeploymentTable
  assignments: AssignmentTable
  wanted_documents: WantedDocumentTable
  acts: ActTable
  notices: NoticeTable
  work_orders: WorkOrderTable
  boot_traces: BootTraceTable
  sealed_logins: SealedLoginTable
  idempotency: IdempotencyTable
  console_records: ConsoleRecordTable
  console_parts: ConsolePartTable
}

/** Numbers handed out in order: events and acts, which must not depend on a database's own sequences. */
export interface CounterTable {
  name: string
  value: number
}

export interface UserTable {
  name: string
  role: string
  tenant: string
  /** Owner whose sites a site owner sees; null: all. */
  owner: string | null
  password_hash: string
}

export interface SessionTable {
  /** SHA-256 of the token; the token itself is nowhere. */
  token_hash: string
  user: string
  created_at_ms: number
  expires_at_ms: number
}

export interface SiteTable {
  name: string
  owner: string
  display_name: string
  latitude_e6: number | null
  longitude_e6: number | null
  created_at_ms: number
  /** The rack document as it was put, JSON. */
  rack: string | null
  wanted_generation: number
  held_generation: number | null
  applied_generation: number | null
  /** Set when the site holds a newer generation than this hub ever sent: a person has to decide. */
  conflict_generation: number | null
  /** A site that holds less than this gets the whole wanted state: what it holds is not ours. */
  whole_below_generation: number
  /** Key of the certificate that speaks for the site; an older one is refused. */
  certified_spki: string | null
  agent_version: string | null
  /** Public key of what is sealed for this site alone. */
  sealing_key: string | null
  epoch: string | null
  boot_id: string | null
  /** Newest event the site said it has, in `epoch`. */
  last_seq: number | null
  last_seen_ms: number | null
}

export interface EnrolmentTokenTable {
  secret_hash: string
  site: string
  expires_at_ms: number
  used_at_ms: number | null
}

/** How far each journal of a site is committed here. */
export interface JournalTable {
  site: string
  epoch: string
  acked_seq: number
  /** Events the site no longer had when this hub asked for them. */
  lost: number
}

export interface EventTable {
  id: number
  site: string
  epoch: string
  seq: number
  at_ms: number
  received_at_ms: number
  kind: string
  sled: string | null
  /** JSON as it came. */
  body: string
  readable: number
}

export interface SledTable {
  site: string
  name: string
  /** 1 while the rack document declares it. */
  declared: number
  /** The declaration, JSON; null when the site only told of it. */
  declaration: string | null
  state: string
  state_reason: string | null
  state_since_ms: number | null
  state_deadline_ms: number | null
  power: string
  power_as_of_ms: number | null
  facts: string | null
  firmware: string | null
  place_grade: string
  witnesses: string | null
  operation: string | null
  /** What the last look over its BMC found, JSON. */
  intake: string | null
}

export interface OperationTable {
  site: string
  id: string
  sled: string
  kind: string
  state: string
  assignment: string | null
  started_at_ms: number
  /** The record as the site last sent it, JSON. */
  record: string
}

export interface ImageTable {
  tenant: string
  sha256: string
  name: string
  state: string
  bytes: number
  /** The rest of the declaration, JSON. */
  spec: string
  /** `verified` by decompressing, or `unknown` where the hub cannot: the sled checks it then. */
  raw_check: string
  created_at_ms: number
}

export interface DeploymentTable {
  id: string
  tenant: string
  name: string
  /** `refused`, or `placed`: from then on its state follows from its assignments. */
  decision: string
  reason: string | null
  image: string
  image_name: string
  /** The request, JSON. */
  spec: string
  placement: string
  created_at_ms: number
  created_by: string
}

export interface AssignmentTable {
  id: string
  deployment: string
  site: string
  sled: string
  wanted: string
  state: string
  reason: string | null
  operation: string | null
  hostname: string
  changed_at_ms: number
  /** The document as it goes into the wanted state, without `wanted`, JSON. */
  document: string
}

/** Documents of the wanted state, with the generation of their last change. */
export interface WantedDocumentTable {
  site: string
  key: string
  /** JSON, or null: it was removed (kept, so that a delta can say so). */
  body: string | null
  generation: number
}

export interface ActTable {
  id: string
  site: string
  sled: string
  kind: string
  state: string
  reason: string | null
  payload: string
  signature: string
  created_at_ms: number
  expires_at_ms: number
  requested_by: string
  /** The operation that the site began for it. */
  operation: string | null
}

/** What a site tells that is no state of a sled: the newest of each, for "needs a person". */
export interface NoticeTable {
  site: string
  key: string
  kind: string
  sled: string | null
  text: string
  at_ms: number
  first_at_ms: number
}

export interface WorkOrderTable {
  site: string
  id: string
  sled: string
  state: string
  body: string
  at_ms: number
}

/** A BMC's login, sealed to a key that lies offline. */
export interface SealedLoginTable {
  /** Number of the event that brought it. */
  event: number
  site: string
  sled: string
  operation: string
  key_id: string
  user: string
  box: string
  sealed_at_ms: number
}

export interface IdempotencyTable {
  key: string
  user: string
  request_hash: string
  deployment: string
  created_at_ms: number
}

/** How machines boot, as their site said last when it was asked. */
export interface BootTraceTable {
  site: string
  /** A sled's name, a MAC, or empty for all that nobody declared. */
  machine: string
  received_at_ms: number
  document: string
}

export interface ConsoleRecordTable {
  id: string
  site: string
  sled: string
  began_at_ms: number
  last_at_ms: number
  bytes: number
  /** 0 or 1: it grew beyond its bound. */
  cut: number
}

export interface ConsolePartTable {
  record: string
  number: number
  at_ms: number
  what: 'printed' | 'typed' | 'note'
  by_whom: string | null
  ring: string | null
  /** Offset of its first byte in the ring. */
  first_byte: number | null
  bytes: number
  /** Base64. */
  data: string
}
