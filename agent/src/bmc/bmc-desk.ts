import type { Bmc } from '@brickyard/bmc/bmc'
import type { BootOverride, NextBoot } from '@brickyard/bmc/boot'
import type { BmcFault } from '@brickyard/bmc/fault'
import type { SledName } from '@brickyard/model/names'
import type { PowerState, PowerVerb } from '@brickyard/model/operation'
import { sleep, type Clock } from '@brickyard/runtime/clock'
import type { Log } from '@brickyard/runtime/log'
import { err, ok, type Result } from '@brickyard/std/result'
import { Seconds } from '@brickyard/std/units'
import type { BmcRestarts } from './bmc-restarts.ts'
import { createBmcLane, type BmcLane } from './bmc-lane.ts'
import { interrupts, judgePower, readBackPauseMs, sentFor } from './power-readback.ts'

/** A read or a write with its read-back ends within this, BMCs that need three attempts included. */
const WORK_TIMEOUT_MS = Seconds(60)
/** How long a power command may take to show, unless the caller knows better (soft: minutes). */
const POWER_TIMEOUT_MS = Seconds(60)

/** A BMC that was restarted is back within this, or its silence is a fault. */
const RESTART_SILENCE_MS = Seconds(300)

export interface BmcDeskOptions {
  /** A fresh connection to a sled's BMC; undefined when none is declared or its password is missing. */
  readonly connect: (sled: SledName) => Bmc | undefined
  readonly clock: Clock
  readonly log: Log
  /** Least time between two interruptions (off, soft, cycle, reset) of the same sled. */
  readonly minCycleMs: number
  /** Why nothing may be changed on a sled, by whomever; undefined when it may (and when left out). */
  readonly untouchable?: (sled: SledName) => string | undefined
  /** How long the BMC of a sled may be silent after its sled was switched, because of its path. */
  readonly silenceMs?: (sled: SledName) => number
  /** When BMCs were restarted; left out: none ever is. */
  readonly restarts?: BmcRestarts
}

/**
 * All BMCs of a site. Each has a queue and a session of its own, so a dead one delays nobody else;
 * every call ends within its deadline; every write is read back before it counts as done.
 */
export interface BmcDesk {
  /** Runs `work` with the sled's BMC alone. Past `timeoutMs` it fails, and its BMC answers no more. */
  with<T>(
    sled: SledName,
    work: (bmc: Bmc) => Promise<Result<T, BmcFault>>,
    timeoutMs?: number,
  ): Promise<Result<T, BmcFault>>
  readPower(sled: SledName): Promise<Result<PowerState, BmcFault>>
  /**
   * Changes the power and waits until it reads as it should: `off` after off and soft, `on` after
   * the others; `cycle` is off, proved, then on, proved. Refused while another change of the same sled is under way; held back until the
   * least time since the last interruption is over, refused when that is past `timeoutMs`.
   */
  setPower(
    sled: SledName,
    verb: PowerVerb,
    timeoutMs?: number,
  ): Promise<Result<PowerState, BmcFault>>
  /** Sets the boot override; the driver has read it back when this succeeds. */
  setNextBoot(sled: SledName, wanted: NextBoot): Promise<Result<BootOverride, BmcFault>>
  /** Why a BMC that does not answer now is as it should be; undefined: its silence is a fault. */
  explainedSilence(sled: SledName): string | undefined
  light(sled: SledName, seconds: number): Promise<Result<void, BmcFault>>
  /** Drops the connection, e.g. when address or password have changed; the next call connects anew. */
  forget(sled: SledName): Promise<void>
  /** Gives all sessions back. */
  close(): Promise<void>
}

export function createBmcDesk(options: BmcDeskOptions): BmcDesk {
  const { clock, log, minCycleMs } = options
  const lanes = new Map<SledName, BmcLane>()
  /** Outlives `forget`: a new password is no reason to cycle a sled twice. */
  const interruptedMs = new Map<SledName, number>()
  /** When something was last sent that takes the host's NIC down or brings it up. */
  const switchedMs = new Map<SledName, number>()
  const restartedMs = new Map<SledName, number>()
  const silenceMs = (sled: SledName): number => options.silenceMs?.(sled) ?? 0
  const changing = new Set<SledName>()
  let closed = false

  async function withBmc<T>(
    sled: SledName,
    work: (bmc: Bmc) => Promise<Result<T, BmcFault>>,
    timeoutMs = WORK_TIMEOUT_MS,
  ): Promise<Result<T, BmcFault>> {
    const lane = laneOf(sled)
    if (lane === undefined) {
      const why = closed ? 'the site is shutting down' : `no BMC is known for ${sled}`
      return err({ kind: 'unreachable', message: why })
    }
    const result = await lane.run(work, timeoutMs)
    if (!result.ok)
      log.debug('BMC fault', { sled, fault: result.error.kind, why: result.error.message })
    return result
  }

  function laneOf(sled: SledName): BmcLane | undefined {
    const known = lanes.get(sled)
    if (known !== undefined || closed) return closed ? undefined : known
    const bmc = options.connect(sled)
    if (bmc === undefined) return undefined
    const lane = createBmcLane(bmc, clock, {
      untouchable: () => options.untouchable?.(sled),
      restartHeld: () =>
        options.restarts === undefined
          ? 'nobody remembers here when BMCs are restarted'
          : (options.restarts.held(sled) ?? explainedSilence(sled)),
      onRestart() {
        restartedMs.set(sled, clock.monotonicMs())
        options.restarts?.note(sled)
      },
    })
    lanes.set(sled, lane)
    return lane
  }

  /** It was restarted; or it goes with the host's NIC, which starts anew with the host. */
  function explainedSilence(sled: SledName): string | undefined {
    const sinceRestartMs = clock.monotonicMs() - (restartedMs.get(sled) ?? -Infinity)
    if (sinceRestartMs < RESTART_SILENCE_MS) return 'its BMC was restarted and is not back yet'
    const leftMs = (switchedMs.get(sled) ?? -Infinity) + silenceMs(sled) - clock.monotonicMs()
    if (leftMs <= 0) return undefined
    return `its BMC shares the host's port and may be silent ${Math.ceil(leftMs / 1000)} s more`
  }

  const readPower = (sled: SledName): Promise<Result<PowerState, BmcFault>> =>
    withBmc(sled, (bmc) => bmc.power.read())

  async function setPower(
    sled: SledName,
    verb: PowerVerb,
    timeoutMs = POWER_TIMEOUT_MS,
  ): Promise<Result<PowerState, BmcFault>> {
    if (changing.has(sled)) {
      return err({ kind: 'refused', message: `another power command of ${sled} is under way` })
    }
    changing.add(sled)
    try {
      const deadlineMs = clock.monotonicMs() + timeoutMs + silenceMs(sled)
      return await changePower(sled, verb, deadlineMs)
    } finally {
      changing.delete(sled)
    }
  }

  async function changePower(
    sled: SledName,
    verb: PowerVerb,
    deadlineMs: number,
  ): Promise<Result<PowerState, BmcFault>> {
    const leftMs = (): number => deadlineMs - clock.monotonicMs()
    if (interrupts(verb)) {
      // While it may be silent by its nature, nobody knows what the first interruption came to.
      const leastMs = Math.max(minCycleMs, silenceMs(sled))
      const waitMs = (interruptedMs.get(sled) ?? -Infinity) + leastMs - clock.monotonicMs()
      if (waitMs >= leftMs()) {
        const message = `${sled} was interrupted less than ${leastMs} ms ago; wait ${Math.ceil(waitMs)} ms more`
        return err({ kind: 'refused', message })
      }
      if (waitMs > 0) await sleep(clock, waitMs)
    }
    let outcome: Result<PowerState, BmcFault> = ok('unknown')
    for (const sent of sentFor(verb)) {
      const command = await withBmc(sled, (bmc) => bmc.power.set(sent), leftMs())
      // No answer is not no: the read-back tells whether it was carried out.
      const answered = command.ok || command.error.kind !== 'timeout'
      if (command.ok || !answered) {
        switchedMs.set(sled, clock.monotonicMs())
        if (interrupts(sent)) interruptedMs.set(sled, clock.monotonicMs())
      }
      // Only of a reset nothing can be read: whether it happened stays unknown.
      if (!command.ok && (answered || sent === 'reset')) return command
      outcome = await readBack(sled, (reading) => judgePower(sent, reading), leftMs)
      if (!outcome.ok) return outcome
    }
    return outcome
  }

  /** Looks at the power until `judge` is content or time is up, each look a place of its own in the queue. */
  async function readBack(
    sled: SledName,
    judge: (reading: Result<PowerState, BmcFault>) => Result<PowerState, BmcFault>,
    leftMs: () => number,
  ): Promise<Result<PowerState, BmcFault>> {
    for (let look = 0; ; look++) {
      const verdict = judge(await withBmc(sled, (bmc) => bmc.power.read(), Math.max(0, leftMs())))
      const pauseMs = readBackPauseMs(look)
      if (verdict.ok || verdict.error.kind === 'auth' || leftMs() <= pauseMs) return verdict
      await sleep(clock, pauseMs)
    }
  }

  async function forget(sled: SledName): Promise<void> {
    const lane = lanes.get(sled)
    lanes.delete(sled)
    await lane?.close()
  }

  return {
    with: withBmc,
    readPower,
    explainedSilence,
    setPower,
    setNextBoot: (sled, wanted) => withBmc(sled, (bmc) => bmc.boot.setNextBoot(wanted)),
    light: (sled, seconds) => withBmc(sled, (bmc) => bmc.identify.light(seconds)),
    forget,
    async close() {
      closed = true
      await Promise.all([...lanes.keys()].map(forget))
    },
  }
}
