import type { BootAttempt } from '@brickyard/model/boot-attempt'
import {
  type BootRecord,
  type BootSubject,
  foldBoot,
  followed,
} from '@brickyard/netboot/boot-trace'
import type { BootEvent, FileEvent } from '@brickyard/netboot/boot-trace-events'
import { bootState, readBoot, uuidsOf } from '@brickyard/netboot/boot-trace-view'
import { sameUuid } from '@brickyard/netboot/boot-trace-words'
import type { Clock, Timer } from '@brickyard/runtime/clock'
import type { Log } from '@brickyard/runtime/log'
import type { Sql, Store } from '@brickyard/runtime/store'
import { Seconds } from '@brickyard/std/units'
import { type Count, tally } from './trace-counts.ts'

/** One migration step of readings.db: a trace is a reading, disposable and too chatty for the journal. */
export const BOOT_TABLES = `
CREATE TABLE boot (
  machine TEXT NOT NULL,
  started_at_ms INTEGER NOT NULL,
  last_at_ms INTEGER NOT NULL,
  declared INTEGER NOT NULL CHECK (declared IN (0, 1)),
  document TEXT NOT NULL,
  PRIMARY KEY (machine, started_at_ms)
) STRICT, WITHOUT ROWID;
CREATE INDEX boot_by_age ON boot (declared, last_at_ms)`

/** Boots kept of each sled. */
const BOOTS_PER_SLED = 50
/** Boots kept of all machines together that nobody declared. */
const BOOTS_OF_STRANGERS = 50
/** Boots kept in all: with 15 kB each, below the bound of readings.db. */
const BOOTS_MAX = 3000
/** Sleds whose present boot is in memory; a rack has at most 96. */
const SLEDS_MAX = 500
/** What a crash of the agent may cost of a trace; the disk is written no more often. */
const SAVE_MS = Seconds(5)

/** What the book asks about a sled to put its boots into words. */
export interface SledIdentity {
  readonly macs: readonly string[]
  /** As it was inspected. */
  readonly uuid: string | null
}

/** The boots of every machine: the present one of each in memory, all of them in readings.db. */
export interface BootBook {
  take(subject: BootSubject, event: BootEvent): void
  /**
   * The same, put together when somebody looks or many wait: a server in a storm of clients need not
   * stop for it. `asksForAddress`: the event is a DISCOVER, which no boot goes without.
   */
  takeLater(subject: BootSubject, event: () => BootEvent, asksForAddress: boolean): void
  /** The same for whoever holds this address. */
  takeAt(address: string, event: FileEvent): void
  /** The same for a sled whose boot was seen to begin. */
  takeOf(sled: string, event: BootEvent): void
  /** Newest first. Without `of`: machines nobody declared. */
  read(of: { readonly sled: string } | { readonly mac: string } | undefined): BootAttempt[]
  /** How the latest boot of each machine stands, counted by network and state. */
  standing(): readonly Count[]
  /** Writes what changed, at once. */
  save(): void
}

export function createBootBook(parts: {
  readonly store: Store
  readonly clock: Clock
  readonly log: Log
  readonly identity: (sled: string) => SledIdentity | undefined
}): BootBook {
  const { store, clock, log } = parts
  const sleds = new Map<string, BootRecord>()
  const strangers = new Map<string, BootRecord>()
  for (const record of loadPresent(store, log)) {
    const kin = record.sled === null ? strangers : sleds
    kin.set(machineOf(record), record)
  }
  const unsaved = new Map<string, BootRecord>()
  let timer: Timer | undefined
  let waiting: WaitingEvent[] = []

  const changed = (record: BootRecord): void => {
    unsaved.set(rowOf(record), record)
    if (unsaved.size > UNSAVED_MAX) unsaved.delete(unsaved.keys().next().value as string)
    timer ??= clock.after(SAVE_MS, save)
  }
  /** A flood of strangers displaces strangers only, and is not written after it was displaced. */
  const hold = (record: BootRecord): void => {
    const [kin, countMax] =
      record.sled === null ? [strangers, BOOTS_OF_STRANGERS] : [sleds, SLEDS_MAX]
    const machine = machineOf(record)
    kin.delete(machine)
    kin.set(machine, record)
    changed(record)
    if (kin.size <= countMax) return
    const [oldest, displaced] = kin.entries().next().value as [string, BootRecord]
    kin.delete(oldest)
    if (kin === strangers) unsaved.delete(rowOf(displaced))
  }
  const put = (before: BootRecord | undefined, subject: BootSubject, event: BootEvent): void => {
    const folded = foldBoot(before, subject, event)
    if (folded === undefined || folded.record === before) return
    if (before !== undefined && folded.began) changed(followed(before, folded.record))
    hold(folded.record)
  }

  const take = (subject: BootSubject, event: BootEvent): void => {
    const kin = subject.sled === null ? strangers : sleds
    put(kin.get(machineOf(subject)), subject, event)
  }
  /** Puts everything that waits into the boots; whoever looks at these or changes them does it first. */
  const settle = (): void => {
    if (waiting.length === 0) return
    const events = waiting
    waiting = []
    for (const { subject, event } of worthTaking(events)) take(subject, event())
  }

  /** Each beside the boot before it, of a list that is newest first and of one machine. */
  const inWords = (records: readonly BootRecord[], macs: readonly string[]): BootAttempt[] => {
    const nowMs = clock.wallMs()
    return records.map((record, at) => readBoot(record, { macs, nowMs, before: records[at + 1] }))
  }

  function save(): void {
    timer?.cancel()
    timer = undefined
    settle()
    if (unsaved.size === 0) return
    try {
      store.tx((sql) => {
        for (const record of unsaved.values()) write(sql, record)
        for (const machine of new Set([...unsaved.values()].map(machineOf))) prune(sql, machine)
        pruneAll(sql)
      })
    } catch (error) {
      log.warn('boot traces could not be saved', { error: String(error) })
    }
    unsaved.clear()
  }

  return {
    take(subject, event) {
      settle()
      take(subject, event)
    },
    takeLater(subject, event, asksForAddress) {
      waiting.push({ subject, event, asksForAddress })
      if (waiting.length >= WAITING_MAX) settle()
      else timer ??= clock.after(SAVE_MS, save)
    },
    takeAt(address, event) {
      settle()
      const holder = [...strangers.values(), ...sleds.values()].findLast(
        ({ network, addresses }) => network === event.network && addresses.includes(address),
      )
      if (holder !== undefined) put(holder, holder, event)
    },
    takeOf(sled, event) {
      settle()
      const record = sleds.get(sled)
      if (record !== undefined) put(record, record, event)
    },
    read(of) {
      save()
      const records = readRecords(store, log, of)
      if (of === undefined || 'mac' in of) {
        return inWords(records, [])
      }
      const identity = parts.identity(of.sled)
      const alike = readRecords(store, log, undefined).filter((record) => isOf(record, identity))
      const newest = [...records, ...alike.map((record) => ({ ...record, sled: of.sled }))]
        .toSorted((a, b) => b.startedAtMs - a.startedAtMs)
        .slice(0, BOOTS_PER_SLED)
      return inWords(newest, identity?.macs ?? [])
    },
    standing() {
      settle()
      const nowMs = clock.wallMs()
      const counts = tally('network', 'state')
      for (const record of [...sleds.values(), ...strangers.values()]) {
        counts.add(record.network, bootState(record, nowMs))
      }
      return counts.all()
    },
    save,
  }
}

/** Events that wait; each holds a packet in memory. Beyond it they are put into the boots at once. */
const WAITING_MAX = 512

interface WaitingEvent {
  readonly subject: BootSubject
  readonly event: () => BootEvent
  readonly asksForAddress: boolean
}

/**
 * Leaves out the strangers that later ones of the same events displace: a flood of them costs no
 * more than what is kept of it.
 */
function worthTaking(events: readonly WaitingEvent[]): readonly WaitingEvent[] {
  const asking = new Set<string>()
  const latest = new Set<string>()
  let from = events.length
  while (from > 0 && asking.size < BOOTS_OF_STRANGERS) {
    from--
    const { subject, asksForAddress } = events[from] as WaitingEvent
    if (subject.sled !== null) continue
    latest.add(subject.mac)
    if (asksForAddress) asking.add(subject.mac)
  }
  return events.filter(({ subject }) => subject.sled !== null || latest.has(subject.mac))
}

/** Boots that wait for the disk; a machine that begins boot after boot loses its oldest. */
const UNSAVED_MAX = 1000

const rowOf = (record: BootRecord): string => `${machineOf(record)} ${record.startedAtMs}`

/** Under which name a machine's boots are kept: its sled's, else its MAC. */
const machineOf = ({ sled, mac }: BootSubject): string => sled ?? mac

/** A stranger that says to be this sled: its boots by a NIC that nobody declared. */
const isOf = (record: BootRecord, identity: SledIdentity | undefined): boolean => {
  const uuid = identity?.uuid
  return typeof uuid === 'string' && uuidsOf(record).some((said) => sameUuid(said, uuid))
}

function write(sql: Sql, record: BootRecord): void {
  sql.run(
    `INSERT INTO boot (machine, started_at_ms, last_at_ms, declared, document) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT (machine, started_at_ms) DO UPDATE SET
       last_at_ms = excluded.last_at_ms, document = excluded.document`,
    machineOf(record),
    record.startedAtMs,
    record.lastAtMs,
    record.sled === null ? 0 : 1,
    JSON.stringify(record),
  )
}

const prune = (sql: Sql, machine: string): unknown =>
  sql.run(
    `DELETE FROM boot WHERE machine = ? AND started_at_ms NOT IN
       (SELECT started_at_ms FROM boot WHERE machine = ? ORDER BY started_at_ms DESC LIMIT ?)`,
    machine,
    machine,
    BOOTS_PER_SLED,
  )

function pruneAll(sql: Sql): void {
  const kept = (where: string, countMax: number): void => {
    sql.run(
      `DELETE FROM boot WHERE ${where} AND last_at_ms <
         (SELECT last_at_ms FROM boot WHERE ${where} ORDER BY last_at_ms DESC LIMIT 1 OFFSET ?)`,
      countMax - 1,
    )
  }
  kept('declared = 0', BOOTS_OF_STRANGERS)
  kept('declared >= 0', BOOTS_MAX)
}

/** The present boot of each machine as the last run of the agent left it. */
const loadPresent = (store: Store, log: Log): BootRecord[] =>
  documents(store, log, (sql) =>
    sql.all(
      `SELECT document, max(started_at_ms) AS started_at_ms FROM boot
       GROUP BY machine ORDER BY started_at_ms`,
    ),
  )

const readRecords = (
  store: Store,
  log: Log,
  of: { readonly sled: string } | { readonly mac: string } | undefined,
): BootRecord[] =>
  documents(store, log, (sql) =>
    of === undefined
      ? sql.all(
          'SELECT document FROM boot WHERE declared = 0 ORDER BY last_at_ms DESC LIMIT ?',
          BOOTS_OF_STRANGERS,
        )
      : sql.all(
          'SELECT document FROM boot WHERE machine = ? ORDER BY started_at_ms DESC LIMIT ?',
          'sled' in of ? of.sled : of.mac,
          BOOTS_PER_SLED,
        ),
  )

/** readings.db is disposable: one that cannot be read has no traces, and nothing else stops for it. */
function documents(
  store: Store,
  log: Log,
  rows: (sql: Sql) => { readonly document: string }[],
): BootRecord[] {
  try {
    return store.read(rows).map(({ document }) => JSON.parse(document) as BootRecord)
  } catch (error) {
    log.warn('boot traces could not be read', { error: String(error) })
    return []
  }
}
