import { resourcesOf } from '@brickyard/redfish/collection'
import type { JsonObject } from '@brickyard/redfish/loose-json'
import { wordsOf } from '@brickyard/redfish/message'
import { parseLogEntry, parseLogService, type LogService } from '@brickyard/redfish/resources/log'
import { err, ok, type Result } from '@brickyard/std/result'
import type { BmcFault } from '../fault.ts'
import type { BmcLog, LogControl, LogEntry } from '../log.ts'
import { named, type RedfishSession } from './redfish-session.ts'

const SERVICES_MAX = 16
/** Entries read at once; the longest real logs hold 4096. */
const ENTRIES_MAX = 4096
/** Longest text kept of one entry as the BMC gave it. */
const RAW_CHARS_MAX = 4096

/** The sled's event log by LogServices: the SEL where there is one, else the first that holds events. */
export function createRedfishLog(session: RedfishSession): LogControl {
  /** The log that was found to be the right one. */
  let chosen: string | undefined

  async function service(): Promise<Result<LogService, BmcFault>> {
    if (chosen !== undefined) {
      const answer = await session.client.get(chosen)
      if (answer.ok) return ok(parseLogService(answer.value.body))
      if (answer.error.status !== 404) return err(named(answer.error, undefined))
      chosen = undefined
    }
    const system = await session.system()
    if (!system.ok) return system
    const manager = await session.manager()
    if (!manager.ok && manager.error.kind !== 'refused') return manager
    const places = [
      system.value.value.logServices,
      manager.ok ? manager.value.value.logServices : undefined,
    ].filter((one) => one !== undefined)
    const logs: { readonly path: string; readonly log: LogService }[] = []
    for (const place of places) {
      const found = await resourcesOf(session.client, place, SERVICES_MAX)
      if (!found.ok && found.error.status !== 404) return err(named(found.error, undefined))
      const bodies = found.ok ? found.value : []
      logs.push(...bodies.map(({ path, body }) => ({ path, log: parseLogService(body) })))
    }
    const best = bestLog(logs)
    if (best === undefined) return err({ kind: 'refused', message: 'the BMC has no event log' })
    chosen = best.path
    return ok(best.log)
  }

  async function read(): Promise<Result<BmcLog, BmcFault>> {
    const log = await service()
    if (!log.ok) return log
    const { entries, recordsMax, overwrite } = log.value
    if (entries === undefined)
      return err({ kind: 'protocol', message: 'the log has no entries link' })
    const found = await resourcesOf(session.client, entries, ENTRIES_MAX)
    if (!found.ok) return err(named(found.error, undefined))
    const full = recordsMax !== undefined && recordsMax > 0 && found.value.length >= recordsMax
    const list = found.value.map(({ path, body }) => entryOf(path, body))
    return ok({ entries: oldestFirst(list), overflowed: full && overwrite === 'NeverOverWrites' })
  }

  return {
    read,
    async clear(seen) {
      const now = await read()
      if (!now.ok) return now
      const known = new Set(seen.entries.map(({ id }) => id))
      const unseen = now.value.entries.filter(({ id }) => !known.has(id))
      if (unseen.length > 0) {
        return err({ kind: 'refused', message: `the log has ${unseen.length} entries nobody read` })
      }
      const log = await service()
      if (!log.ok) return log
      const { clearTarget } = log.value
      if (clearTarget === undefined)
        return err({ kind: 'refused', message: 'the log has no clear' })
      const answer = await session.write('other', (client) => client.post(clearTarget, {}))
      if (!answer.ok && answer.error.kind !== 'refused') return answer
      const after = await read()
      if (!after.ok) return after
      const left = after.value.entries.filter(({ id, raw }) =>
        seen.entries.some((one) => one.id === id && one.raw === raw),
      )
      if (left.length === 0) return ok(undefined)
      if (!answer.ok) return answer
      return err({ kind: 'refused', message: `the log was cleared and still holds ${left.length}` })
    },
  }
}

/** `Sel` on Dell, `SEL` on OpenBMC and HPE's `IML` come before logs of the BMC's own doings. */
const PREFERRED = [/^sel$/i, /^iml$/i, /^event/i, /log/i]

function bestLog<T extends { readonly log: LogService }>(logs: readonly T[]): T | undefined {
  const usable = logs.filter(({ log }) => log.enabled !== false && log.entries !== undefined)
  const sel = usable.find(({ log }) => log.entryType === 'SEL')
  if (sel !== undefined) return sel
  for (const pattern of PREFERRED) {
    const found = usable.find(({ log }) => log.id !== undefined && pattern.test(log.id))
    if (found !== undefined) return found
  }
  return usable[0]
}

function entryOf(path: string, body: JsonObject): LogEntry {
  const { id, created, severity, message } = parseLogEntry(body)
  const atMs = created === undefined ? NaN : Date.parse(created)
  return {
    id: id ?? path,
    // Clocks that were never set say 1970.
    atMs: Number.isFinite(atMs) && atMs > 0 ? atMs : undefined,
    health: severity ?? 'unknown',
    text: wordsOf(message),
    raw: JSON.stringify(body).slice(0, RAW_CHARS_MAX),
  }
}

/** Services list from either end; the order of equal times stays. */
function oldestFirst(entries: readonly LogEntry[]): readonly LogEntry[] {
  const byTime = entries.every(({ atMs }) => atMs !== undefined)
  if (byTime) return entries.toSorted((a, b) => (a.atMs ?? 0) - (b.atMs ?? 0))
  const byId = entries.every(({ id }) => /^\d{1,15}$/.test(id))
  return byId ? entries.toSorted((a, b) => Number(a.id) - Number(b.id)) : entries
}
