import type { BmcFault } from '@brickyard/bmc/fault'
import type { SledName } from '@brickyard/model/names'
import type { PowerState } from '@brickyard/model/operation'
import type { Clock } from '@brickyard/runtime/clock'
import type { Log } from '@brickyard/runtime/log'
import { err, type Result } from '@brickyard/std/result'
import { Seconds } from '@brickyard/std/units'
import type { AgentLimits } from '../agent-config.ts'
import type { SiteLogins } from '../credentials/site-logins.ts'
import type { ReadingsBuffer } from '../hub-link/readings-buffer.ts'
import type { SledPower } from '../sled-power.ts'
import type { SiteStore } from '../store/site-store.ts'
import type { Troubles } from '../troubles.ts'
import type { BmcDesk } from './bmc-desk.ts'
import { createBmcIntake, type BmcIntakeParts } from './bmc-intake.ts'
import { createBmcPoll } from './bmc-poll.ts'
import { OUTCOMES_MAX, scoreFlakiness, type Outcome } from './flakiness-score.ts'
import { createEventWatch } from './event-watch.ts'
import { createLogWatch } from './log-watch.ts'
import { createSensorWatch } from './sensor-watch.ts'

export interface BmcWatchesParts extends Pick<
  BmcIntakeParts,
  'udp' | 'http' | 'random' | 'rack' | 'pins'
> {
  readonly desk: BmcDesk
  readonly logins: Pick<SiteLogins, 'watch' | 'loginOf'>
  readonly site: SiteStore
  readonly clock: Clock
  readonly log: Log
  readonly limits: Pick<AgentLimits, 'powerPollMs' | 'sensorPollMs' | 'logPollMs'>
  readonly readings: ReadingsBuffer
  readonly troubles: Troubles
  readonly power: Pick<SledPower, 'note'>
}

/** Told again so often although nothing changed. */
const SCORE_EVERY_MS = Seconds(120)
/** What somebody just asked of a BMC ends first. */
const LOOK_OVER_MS = Seconds(5)

/** A BMC tells of an event before it has written it down. */
const AFTER_EVENT_MS = Seconds(2)

/** Everything that is read of BMCs again and again: power, sensors, event log, what is open on them. */
export interface BmcWatches {
  /** The sleds to watch from now on. */
  watch(sleds: readonly SledName[]): void
  /** The power of a sled changed, whoever did it. */
  powerChanged(sled: SledName): void
  /** A BMC is to be looked over soon: it was asked who it is, or its declaration changed. */
  lookOver(sled: SledName): void
  stop(): void
}

export function createBmcWatches(parts: BmcWatchesParts): BmcWatches {
  const { desk, logins, site, clock, limits, readings, power } = parts
  /** BMCs that let us in at the last reading. */
  const answering = new Set<SledName>()
  /** Readings in a row that gave nothing. */
  const lost = new Map<SledName, number>()
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
    const key = `sled/${sled}/bmc/says`
    const told = readings.latest(key)
    const text = `${word}: ${says}`
    // Most readings change nothing about it: it is told anew only to show that it still holds.
    if (told?.value === text && clock.wallMs() - told.atMs < SCORE_EVERY_MS) return
    readings.put(`sled/${sled}/bmc/score`, word === 'unknown' ? null : score, '%')
    readings.put(key, text, null)
  }

  const powers = createBmcPoll<PowerState>({
    read: readPower,
    clock,
    everyMs: limits.powerPollMs,
    report(sled, reading) {
      const fault = reading.ok ? undefined : reading.error
      if (fault !== undefined && desk.explainedSilence(sled) !== undefined) return
      if (!reading.ok) answering.delete(sled)
      else if (!answering.has(sled)) {
        answering.add(sled)
        intake.answers(sled)
        events.answers(sled)
      }
      const inVain = fault === undefined ? 0 : (lost.get(sled) ?? 0) + 1
      lost.set(sled, inVain)
      // A reading that is lost says nothing about the power; that it is unknown is told at the second.
      if (inVain !== 1 || fault?.kind === 'auth') {
        power.note(sled, reading.ok ? reading.value : 'unknown', fault)
      }
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
  const intake = createBmcIntake({
    ...parts,
    loginOf: (sled) => logins.loginOf(sled),
    declaredOf: (sled) => parts.rack()?.sleds.find(({ name }) => name === sled),
  })
  const events = createEventWatch({
    desk,
    clock,
    onEvent: (sled) => logs.soon(sled, AFTER_EVENT_MS),
  })
  const all = [powers, sensors, logs, intake, events]

  return {
    watch(sleds) {
      for (const sled of outcomes.keys()) {
        if (sleds.includes(sled)) continue
        outcomes.delete(sled)
        lost.delete(sled)
        answering.delete(sled)
      }
      for (const poll of all) poll.watch(sleds)
    },
    powerChanged(sled) {
      logs.powerChanged(sled)
      intake.powerChanged(sled)
    },
    lookOver: (sled) => intake.soon(sled, LOOK_OVER_MS),
    stop() {
      for (const poll of all) poll.stop()
    },
  }
}
