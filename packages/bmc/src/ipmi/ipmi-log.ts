import { decodeSelRecord, selTime } from '@brickyard/ipmi/sel-record'
import { clearSel, readSel, type SelContent, type SelEntryBytes } from '@brickyard/ipmi/sel-walk'
import { describeSel, indexSensors, type SensorIndex } from '@brickyard/ipmi/sel-words'
import type { Clock } from '@brickyard/runtime/clock'
import { toHex } from '@brickyard/std/hex'
import { err, ok } from '@brickyard/std/result'
import { Seconds } from '@brickyard/std/units'
import type { BmcLog, LogControl, LogEntry } from '../log.ts'
import { hold } from './ipmi-conversation.ts'
import type { IpmiSensorRecords } from './ipmi-sensors.ts'
import type { IpmiSession } from './ipmi-session.ts'

/** The event log by the SEL commands. What was read once is not asked for again. */
export function createIpmiLog(
  session: IpmiSession,
  clock: Clock,
  records: IpmiSensorRecords,
): LogControl {
  let known: SelContent | undefined
  /** What each log handed out was made from, so that it may be cleared and nothing else. */
  const made = new WeakMap<BmcLog, SelContent>()
  return {
    async read({ entriesMax } = {}) {
      const content = await hold(session, clock, readSel(known, entriesMax))
      if (!content.ok) return content
      known = content.value
      // Without the sensors' names the events are still worth having.
      const sensors = await records.read()
      const index = indexSensors(sensors.ok ? sensors.value.repository.records : [])
      const entries = content.value.entries.map((entry) => entryOf(entry, index))
      const { info, more = false } = content.value
      const log: BmcLog = { entries, overflowed: info.overflow, more }
      made.set(log, content.value)
      return ok(log)
    },
    async clear(seen) {
      const content = made.get(seen)
      if (content === undefined) {
        return err({ kind: 'refused', message: 'only a log read from this BMC may be cleared' })
      }
      if (content.more === true) {
        return err({ kind: 'refused', message: 'the log has entries nobody read' })
      }
      const cleared = await hold(session, clock, clearSel(content.info))
      if (cleared.ok) known = undefined
      return cleared
    },
  }
}

function entryOf({ recordId, bytes }: SelEntryBytes, sensors: SensorIndex): LogEntry {
  const id = String(recordId)
  const raw = toHex(bytes, ' ')
  const record = decodeSelRecord(bytes)
  if (!record.ok) return { id, atMs: undefined, health: 'unknown', text: record.error, raw }
  const { text, severity } = describeSel(record.value, sensors)
  const time = record.value.atS === undefined ? undefined : selTime(record.value.atS)
  return {
    id,
    atMs: time?.kind === 'since-1970' ? Seconds(time.seconds) : undefined,
    health: severity === 'unrecoverable' ? 'critical' : severity,
    text,
    raw,
  }
}
