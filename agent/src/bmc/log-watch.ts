import type { Bmc } from '@brickyard/bmc/bmc'
import type { BmcFault } from '@brickyard/bmc/fault'
import type { BmcLog } from '@brickyard/bmc/log'
import type { SledName } from '@brickyard/model/names'
import { sleep, type Clock } from '@brickyard/runtime/clock'
import type { Log } from '@brickyard/runtime/log'
import { err, ok, type Result } from '@brickyard/std/result'
import { Seconds } from '@brickyard/std/units'
import type { Change, SiteStore } from '../store/site-store.ts'
import type { Troubles } from '../troubles.ts'
import type { BmcDesk } from './bmc-desk.ts'
import { type BmcPoll, createBmcPoll } from './bmc-poll.ts'
import { takeLog, troubleOf, type LogMarker, type LogStep } from './event-log-machine.ts'

/** Of `site.db`: what was told of each BMC's log, written with the events that tell it. */
export const BMC_LOG_TABLE = `
CREATE TABLE bmc_log (sled TEXT PRIMARY KEY, document TEXT NOT NULL) STRICT, WITHOUT ROWID
`

/** Entries asked for in one turn at a BMC; other work has its turn between two of them. */
const BATCH = 16
const BATCH_PAUSE_MS = Seconds(2)
/** The longest logs hold a few thousand entries. */
const BATCHES_MAX = 512
/** A host that was just switched writes its entries within this. */
const AFTER_POWER_MS = Seconds(20)
const TEXT_CHARS_MAX = 500
const ID_CHARS_MAX = 200

export interface LogWatchParts {
  readonly desk: Pick<BmcDesk, 'with'>
  readonly site: SiteStore
  readonly clock: Clock
  readonly log: Log
  readonly everyMs: number
  readonly troubles: Pick<Troubles, 'set'>
}

export interface LogWatch extends BmcPoll {
  /** The sled's power changed: its log is read soon. */
  powerChanged(sled: SledName): void
}

/** Reads the event log of every BMC, gently, and tells each entry once as an event of the journal. */
export function createLogWatch(parts: LogWatchParts): LogWatch {
  const { desk, site, clock, troubles } = parts

  async function readWhole(sled: SledName): Promise<Result<BmcLog | undefined, BmcFault>> {
    for (let batch = 0; batch < BATCHES_MAX; batch++) {
      if (batch > 0) await sleep(clock, BATCH_PAUSE_MS)
      const log = await desk.with(sled, readSome)
      if (!log.ok || log.value?.more !== true) return log
    }
    return err({ kind: 'protocol', message: 'its event log has no end' })
  }

  function take(sled: SledName, log: BmcLog): void {
    const before = readMarker(site, sled)
    const nowMs = clock.wallMs()
    const step = takeLog(before, log, nowMs)
    const isNews = step.fresh.length > 0 || step.news.length > 0
    const changed =
      before === undefined || isNews || before.prints.length !== step.marker.prints.length
    if (changed) site.commit((change) => tell(change, sled, step))
    troubles.set(`event log of ${sled}`, troubleOf(step.marker, nowMs))
  }

  const poll = createBmcPoll({
    clock,
    everyMs: parts.everyMs,
    read: readWhole,
    // That a BMC does not answer is told by its power already; one without a log has none to tell.
    report(sled, log) {
      if (!log.ok || log.value === undefined) return
      try {
        take(sled, log.value)
      } catch (error) {
        parts.log.error('an event log could not be recorded', { sled, error: String(error) })
      }
    },
  })
  return {
    watch: (sleds) => poll.watch(sleds),
    soon: (sled, delayMs) => poll.soon(sled, delayMs),
    powerChanged: (sled) => poll.soon(sled, AFTER_POWER_MS),
    stop: () => poll.stop(),
  }
}

const readSome = async ({ log }: Bmc): Promise<Result<BmcLog | undefined, BmcFault>> =>
  log === undefined ? ok(undefined) : log.read({ entriesMax: BATCH })

function readMarker(site: SiteStore, sled: SledName): LogMarker | undefined {
  const row = site.read((sql) =>
    sql.get<{ document: string }>('SELECT document FROM bmc_log WHERE sled = ?', sled),
  )
  return row === undefined ? undefined : (JSON.parse(row.document) as LogMarker)
}

function tell(change: Change, sled: SledName, { marker, fresh, news }: LogStep): void {
  for (const { what, text } of news) {
    const health = what === 'skipped' ? 'ok' : 'warning'
    change.event('sled.log', { sled, what, health, id: null, bmcAtMs: null, text })
  }
  for (const { id, atMs, health, text } of fresh) {
    change.event('sled.log', {
      sled,
      what: 'entry',
      health,
      id: id.slice(0, ID_CHARS_MAX),
      bmcAtMs: atMs ?? null,
      text: text.slice(0, TEXT_CHARS_MAX),
    })
  }
  change.sql.run(
    'INSERT INTO bmc_log (sled, document) VALUES (?, ?) ON CONFLICT (sled) DO UPDATE SET document = excluded.document',
    sled,
    JSON.stringify(marker),
  )
}
