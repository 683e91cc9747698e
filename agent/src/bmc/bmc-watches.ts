import type { BmcFault } from '@brickyard/bmc/fault'
import type { SledName } from '@brickyard/model/names'
import type { PowerState } from '@brickyard/model/operation'
import type { Clock } from '@brickyard/runtime/clock'
import type { Log } from '@brickyard/runtime/log'
import { err, type Result } from '@brickyard/std/result'
import type { AgentLimits } from '../agent-config.ts'
import type { SiteLogins } from '../credentials/site-logins.ts'
import type { ReadingsBuffer } from '../hub-link/readings-buffer.ts'
import type { SledPower } from '../sled-power.ts'
import type { SiteStore } from '../store/site-store.ts'
import type { Troubles } from '../troubles.ts'
import type { BmcDesk } from './bmc-desk.ts'
import { createBmcPoll } from './bmc-poll.ts'
import { OUTCOMES_MAX, scoreFlakiness, type Outcome } from './flakiness-score.ts'
import { createLogWatch } from './log-watch.ts'
import { createSensorWatch } from './sensor-watch.ts'

export interface BmcWatchesParts {
  readonly desk: BmcDesk
  readonly logins: Pick<SiteLogins, 'watch'>
  readonly site: SiteStore
  readonly clock: Clock
  readonly log: Log
  readonly limits: Pick<AgentLimits, 'powerPollMs' | 'sensorPollMs' | 'logPollMs'>
  readonly readings: ReadingsBuffer
  readonly troubles: Troubles
  readonly power: Pick<SledPower, 'note'>
}

/** Everything that is read of BMCs again and again: power, sensors, event log. */
export interface BmcWatches {
  /** The sleds to watch from now on. */
  watch(sleds: readonly SledName[]): void
  /** The power of a sled changed, whoever did it. */
  powerChanged(sled: SledName): void
  stop(): void
}

export function createBmcWatches(parts: BmcWatchesParts): BmcWatches {
  const { desk, logins, site, clock, limits, readings, power } = parts
  const outcomes = new Map<SledName, readonly Outcome[]>()

  async function readPower(sled: SledName): Promise<Result<PowerState, BmcFault>> {
    const begunMs = clock.monotonicMs()
    const reading = await desk.readPower(sled)
    const silence = reading.ok ? undefined : desk.explainedSilence(sled)
    if (silence !== undefined) return err({ kind: 'refused', message: silence })
    // A refusal is an answer: what it says is another matter than whether it is there.
    const answered = reading.ok || reading.error.kind === 'refused'
    noteOutcome(sled, { answered, tookMs: clock.monotonicMs() - begunMs })
    return reading
  }

  function noteOutcome(sled: SledName, outcome: Outcome): void {
    const recent = [...(outcomes.get(sled) ?? []), outcome].slice(-OUTCOMES_MAX)
    outcomes.set(sled, recent)
    const { score, word, says } = scoreFlakiness(recent)
    readings.put(`sled/${sled}/bmc/score`, word === 'unknown' ? null : score, '%')
    readings.put(`sled/${sled}/bmc/says`, `${word}: ${says}`, null)
  }

  const powers = createBmcPoll<PowerState>({
    read: readPower,
    clock,
    everyMs: limits.powerPollMs,
    report(sled, reading) {
      const fault = reading.ok ? undefined : reading.error
      if (fault !== undefined && desk.explainedSilence(sled) !== undefined) return
      power.note(sled, reading.ok ? reading.value : 'unknown', fault)
      if (fault === undefined) logins.watch.accepted(sled)
      if (fault?.kind !== 'auth') return
      // Another login may work, and one may have been set anew: the next reading asks for it.
      logins.watch.refused(sled, fault)
      void desk.forget(sled)
    },
  })
  const sensors = createSensorWatch({
    ...parts,
    everyMs: limits.sensorPollMs,
    isOn: (sled) => site.sleds.get(sled)?.power === 'on',
  })
  const logs = createLogWatch({ ...parts, everyMs: limits.logPollMs })
  const all = [powers, sensors, logs]

  return {
    watch(sleds) {
      for (const sled of outcomes.keys()) if (!sleds.includes(sled)) outcomes.delete(sled)
      for (const poll of all) poll.watch(sleds)
    },
    powerChanged: (sled) => logs.powerChanged(sled),
    stop() {
      for (const poll of all) poll.stop()
    },
  }
}
