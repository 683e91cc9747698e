import type { BmcFault } from '@brickyard/bmc/fault'
import type { SledName } from '@brickyard/model/names'
import type { PowerState } from '@brickyard/model/operation'
import type { Clock } from '@brickyard/runtime/clock'
import type { Log } from '@brickyard/runtime/log'
import type { ReadingsBuffer } from './hub-link/readings-buffer.ts'
import { exclusiveOperation } from './operations/sled-boot.ts'
import type { SiteStore } from './store/site-store.ts'

/** What the site knows of the power of its sleds, from polling and from operations alike. */
export interface SledPower {
  note(sled: string, state: PowerState, fault: BmcFault | undefined): void
  /** Milliseconds since it was last read, whatever it said; undefined before the first reading. */
  ageMs(sled: string): number | undefined
}

export function createSledPower(parts: {
  readonly site: SiteStore
  readonly clock: Clock
  readonly log: Log
  readonly readings: ReadingsBuffer
  /** A sled came a step further in its life: there may be something to do. */
  readonly onChange: () => void
  /** Its power reads as another than before. */
  readonly onPowerChange: (sled: SledName) => void
}): SledPower {
  const { site, clock, log, readings } = parts
  const readMs = new Map<string, number>()

  function record(sled: string, state: PowerState, fault: BmcFault | undefined): void {
    const record = site.sleds.get(sled)
    if (record === undefined) return
    const answered = fault === undefined && state !== 'unknown'
    const reason = fault === undefined ? null : `BMC ${fault.kind}: ${fault.message}`
    const silent = `declared; its BMC does not answer (${fault?.kind ?? 'unknown'})`
    const isNew = record.state === 'seen' && exclusiveOperation(site, sled) === undefined
    const tell = isNew && !answered && record.reason !== silent
    if (record.power === state && !tell && !(isNew && answered)) return
    site.commit((change) => {
      if (record.power !== state) {
        change.putSled({ ...record, power: state, powerAtMs: change.wallMs })
        change.event('sled.power', { sled: record.name, power: state, reason })
      }
      if (tell) change.moveSled(sled, 'seen', silent)
      if (!isNew || !answered) return
      // Whatever runs was there before us: it is watched and not touched until somebody gives it to us.
      if (state === 'on')
        change.moveSled(sled, 'adopted', 'it was running when its BMC first answered')
      else change.moveSled(sled, 'discovered', 'its BMC answered; powered off')
    })
    if (record.power !== state) parts.onPowerChange(record.name)
    if (isNew) parts.onChange()
  }

  return {
    note(sled, state, fault) {
      if (fault === undefined) readMs.set(sled, clock.monotonicMs())
      readings.put(`sled/${sled}/power`, state, null)
      try {
        record(sled, state, fault)
      } catch (error) {
        log.error('a power reading could not be recorded', { sled, error: String(error) })
      }
    },
    ageMs(sled) {
      const atMs = readMs.get(sled)
      return atMs === undefined ? undefined : clock.monotonicMs() - atMs
    },
  }
}
