import { Minutes } from '@brickyard/std/units'
import {
  type BootEvent,
  type DhcpEvent,
  type OperationEvent,
  stageOf,
} from './boot-trace-events.ts'

/** How far a boot came, in order. `files`: what its script names; `installer`: it called back. */
export const BOOT_PHASES = [
  'asked',
  'addressed',
  'loader',
  'ipxe',
  'script',
  'files',
  'installer',
  'system',
] as const
export type BootPhase = (typeof BOOT_PHASES)[number]

/** What was seen, and how often in a row. */
export interface Seen {
  readonly event: Exclude<BootEvent, OperationEvent>
  readonly count: number
  readonly lastAtMs: number
}

/** One boot as a site keeps it: plain JSON. `readBoot` (boot-trace-view.ts) puts it into words. */
export interface BootRecord {
  readonly mac: string
  readonly sled: string | null
  readonly network: string
  readonly startedAtMs: number
  readonly lastAtMs: number
  readonly phase: BootPhase
  /** Addresses it was given or said to have: whose files are whose. */
  readonly addresses: readonly string[]
  readonly seen: readonly Seen[]
  /** Sightings left out of the middle because there were too many. */
  readonly leftOut: number
  readonly operation: OperationEvent | null
  /** The machine began its next boot then. */
  readonly followedAtMs: number | null
}

/** Firmware asks again for up to half a minute; after this long without a word it is another boot. */
const PAUSE_MS = Minutes(2)
/** Different sightings of one boot; a chain that works has about fifteen. */
const SEEN_MAX = 60
/** The first ones show how it began; the rest of the room is for the last ones. */
const SEEN_KEPT_FIRST = 20
/** A repeat is looked for among so many: firmware asks on, iPXE and its files alternate. */
const REPEAT_LOOKED_AT = 4
/** A machine has one address, or two when it changed networks. */
const ADDRESSES_MAX = 4

/** Who an event is about, resolved by the caller. */
export interface BootSubject {
  readonly mac: string
  readonly sled: string | null
}

/**
 * Adds an event to a machine's present boot, or begins its next one: firmware that asks after a
 * pause, or after its boot got beyond firmware, or an installer that came from a disc; so PXE → iPXE →
 * installer → OS is one boot, however often each asked. Undefined: the event belongs to no boot (an OS that renews its lease).
 */
export function foldBoot(
  record: BootRecord | undefined,
  subject: BootSubject,
  event: BootEvent,
): { readonly record: BootRecord; readonly began: boolean } | undefined {
  if (event.kind === 'dhcp' && isUpkeep(event)) return undefined
  if (record !== undefined && !beginsAnew(record, subject, event)) {
    return { record: add(record, event), began: false }
  }
  // Files and operations tell of a boot that was seen to begin.
  if (event.kind === 'file' || event.kind === 'operation') return undefined
  const begun: BootRecord = {
    ...subject,
    network: event.network,
    startedAtMs: event.atMs,
    lastAtMs: event.atMs,
    phase: 'asked',
    addresses: [],
    seen: [],
    leftOut: 0,
    operation: null,
    followedAtMs: null,
  }
  return { record: add(begun, event), began: true }
}

/** All boots of one machine from its events, oldest first. */
export function bootsOf(subject: BootSubject, events: readonly BootEvent[]): BootRecord[] {
  const boots: BootRecord[] = []
  for (const event of events) {
    const last = boots.at(-1)
    const folded = foldBoot(last, subject, event)
    if (folded === undefined) continue
    if (last !== undefined) boots.pop()
    if (last !== undefined && folded.began) boots.push(followed(last, folded.record))
    boots.push(folded.record)
  }
  return boots
}

/** The boot before, once the next one has begun. */
export const followed = (record: BootRecord, next: BootRecord): BootRecord => ({
  ...record,
  followedAtMs: next.startedAtMs,
})

/** An installed OS that keeps its lease or gives it back: no boot. */
function isUpkeep({ message, client }: DhcpEvent): boolean {
  if (stageOf(client) !== 'system') return false
  return client.ownAddress !== null || (message !== 'discover' && message !== 'request')
}

function beginsAnew(record: BootRecord, { mac }: BootSubject, event: BootEvent): boolean {
  if (event.kind === 'operation' || event.kind === 'file') return false
  // A disc is good for one claim.
  if (event.kind === 'disc') return true
  const paused = event.atMs - record.lastAtMs >= PAUSE_MS
  if (event.kind === 'script') return paused && !isWorking(record)
  // After one claim of a boot was good, what is refused is another boot.
  if (event.kind === 'refusal') return (paused || isClaimed(record)) && !isWorking(record)
  const { message, client } = event
  switch (stageOf(client)) {
    case 'firmware':
      return message === 'discover' && (paused || isBeyondFirmware(record) || mac !== record.mac)
    case 'ipxe':
      return paused && !isWorking(record)
    case 'system':
      // The OS that an operation waits for belongs to it, however long the disk was written.
      return paused && !isWorking(record)
  }
}

const isClaimed = ({ phase }: BootRecord): boolean =>
  BOOT_PHASES.indexOf(phase) >= BOOT_PHASES.indexOf('installer')

const isBeyondFirmware = ({ phase }: BootRecord): boolean =>
  BOOT_PHASES.indexOf(phase) >= BOOT_PHASES.indexOf('ipxe')

const isWorking = ({ operation }: BootRecord): boolean => operation?.state === 'running'

function add(record: BootRecord, event: BootEvent): BootRecord {
  const next = { ...record, lastAtMs: Math.max(record.lastAtMs, event.atMs) }
  if (event.kind === 'operation') return withOperation(record, event)
  const { seen, leftOut } = bounded(withSeen(record.seen, event), record.leftOut)
  const phase = further(record.phase, phaseOf(record, event))
  return { ...next, phase, seen, leftOut, addresses: withAddress(record.addresses, event) }
}

/**
 * An operation belongs to the boot that it brought about: it began before the machine came to the
 * network, or its installer called back since. What it did before is no part of this boot; and one
 * that only prepares the machine's next boot is none of this one's.
 */
function withOperation(record: BootRecord, event: OperationEvent): BootRecord {
  const steps = event.steps.filter(
    ({ startedAtMs }) => startedAtMs === null || startedAtMs >= record.startedAtMs,
  )
  const claimed = steps.some(({ name }) => name === INSTALLER_CLAIMED)
  const isOwn = record.operation?.id === event.id
  if (!isOwn && !claimed && event.startedAtMs > record.startedAtMs) return record
  const phase = claimed ? further(record.phase, 'installer') : record.phase
  const lastAtMs = Math.max(record.lastAtMs, event.atMs)
  // How it ends is told without what it asked for.
  const lacp = event.lacp ?? (isOwn ? record.operation?.lacp : undefined)
  const told = { ...event, steps, ...(lacp === undefined ? {} : { lacp }) }
  return { ...record, lastAtMs, phase, operation: told }
}

/** The step's name in an operation's trail. */
const INSTALLER_CLAIMED = 'installer claimed'

function phaseOf(record: BootRecord, event: Seen['event']): BootPhase {
  switch (event.kind) {
    case 'script':
      return 'script'
    case 'disc':
      return 'installer'
    case 'refusal':
      return record.phase
    case 'file':
      if (event.result !== 'whole') return record.phase
      return BOOT_PHASES.indexOf(record.phase) >= BOOT_PHASES.indexOf('script') ? 'files' : 'loader'
    case 'dhcp': {
      const stage = stageOf(event.client)
      if (stage === 'ipxe') return 'ipxe'
      const granted = event.answer.kind === 'ack' && event.sent
      if (stage === 'system') return granted ? 'system' : record.phase
      return granted ? 'addressed' : 'asked'
    }
  }
}

const further = (a: BootPhase, b: BootPhase): BootPhase =>
  BOOT_PHASES.indexOf(b) > BOOT_PHASES.indexOf(a) ? b : a

function withSeen(seen: readonly Seen[], event: Seen['event']): readonly Seen[] {
  const from = seen.length - REPEAT_LOOKED_AT
  const at = seen.findLastIndex((one, index) => index >= from && isAlike(one.event, event))
  const before = seen[at]
  if (before === undefined) return [...seen, { event, count: 1, lastAtMs: event.atMs }]
  return seen.with(at, { ...before, count: before.count + 1, lastAtMs: event.atMs })
}

/** Alike for a person: the same thing asked and answered, whenever and however fast. */
function isAlike(a: Seen['event'], b: Seen['event']): boolean {
  // The cheap comparisons first: this runs for every packet of a storm.
  if (a.kind === 'file' && b.kind === 'file') {
    return a.name === b.name && a.way === b.way && a.result === b.result
  }
  if (a.kind !== b.kind) return false
  if (a.kind === 'dhcp' && b.kind === 'dhcp' && a.message !== b.message) return false
  return JSON.stringify({ ...a, atMs: 0 }) === JSON.stringify({ ...b, atMs: 0 })
}

function bounded(seen: readonly Seen[], leftOut: number): Pick<BootRecord, 'seen' | 'leftOut'> {
  if (seen.length <= SEEN_MAX) return { seen, leftOut }
  const dropped = seen[SEEN_KEPT_FIRST]
  return {
    seen: seen.filter((one) => one !== dropped),
    leftOut: leftOut + (dropped?.count ?? 0),
  }
}

/** What DHCP says of whose address is whose; a machine that takes another server's offer names it. */
function withAddress(addresses: readonly string[], event: Seen['event']): readonly string[] {
  if (event.kind === 'disc') return [event.address]
  if (event.kind !== 'dhcp') return addresses
  const { client, answer } = event
  const asked = event.message === 'request' ? client.requestedAddress : null
  const given = answer.kind === 'ack' && event.sent ? answer.address : null
  const own = given ?? client.ownAddress ?? asked
  if (own === null || addresses.at(-1) === own) return addresses
  return [...addresses.filter((address) => address !== own), own].slice(-ADDRESSES_MAX)
}
