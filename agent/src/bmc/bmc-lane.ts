import type { Bmc } from '@brickyard/bmc/bmc'
import type { BmcFault } from '@brickyard/bmc/fault'
import type { Clock } from '@brickyard/runtime/clock'
import { err, type Result } from '@brickyard/std/result'
import { Seconds } from '@brickyard/std/units'
import { guardedBmc, type BmcGuard } from './guarded-bmc.ts'

/** Work that may wait for one BMC; more would only be stale when its turn comes. */
const WAITING_MAX = 16

/** After a refused login the BMC is left alone for so long: many lock an account that is tried again and again. */
const REFUSED_LOGIN_HOLD_MS = Seconds(30)

/** The queue of one BMC: its only connection, used by one piece of work at a time. */
export interface BmcLane {
  run<T>(
    work: (bmc: Bmc) => Promise<Result<T, BmcFault>>,
    deadlineMs: number,
  ): Promise<Result<T, BmcFault>>
  /** Fails what waits and gives the session back. */
  close(): Promise<void>
}

interface Job {
  /** Starts the work; settles when the lane is free again. */
  start(): void
  fail(fault: BmcFault): void
}

/**
 * A lane over one connection, which from now on is the lane's own; `rules` say what is not done to
 * this BMC, whoever asks.
 */
export function createBmcLane(
  connection: Bmc,
  clock: Clock,
  rules: Omit<BmcGuard, 'living'> = { untouchable: () => undefined },
): BmcLane {
  const waiting: Job[] = []
  let busy = false
  let closed = false
  let hold: { readonly untilMs: number; readonly fault: BmcFault } | undefined

  function next(): void {
    const job = waiting.shift()
    busy = job !== undefined
    job?.start()
  }

  /** The fault that meets new work before it is queued. */
  function obstacle(): BmcFault | undefined {
    if (closed) return { kind: 'refused', message: 'the connection to the BMC is closed' }
    if (hold !== undefined && clock.monotonicMs() < hold.untilMs) return hold.fault
    if (waiting.length < WAITING_MAX) return undefined
    return { kind: 'refused', message: `${WAITING_MAX} pieces of work wait for this BMC already` }
  }

  function run<T>(
    work: (bmc: Bmc) => Promise<Result<T, BmcFault>>,
    deadlineMs: number,
  ): Promise<Result<T, BmcFault>> {
    const fault = obstacle()
    if (fault !== undefined) return Promise.resolve(err(fault))
    return new Promise((resolve, reject) => {
      let state: 'waiting' | 'running' | 'over' = 'waiting'
      const over = (): void => {
        const held = state === 'running'
        state = 'over'
        timer.cancel()
        if (held) next()
      }
      const job: Job = {
        start() {
          state = 'running'
          const living = (): boolean => state === 'running'
          work(guardedBmc(connection, { ...rules, living })).then(
            (result) => {
              if (state === 'over') return
              note(result)
              resolve(result)
              over()
            },
            (bug: unknown) => {
              reject(bug)
              if (state !== 'over') over()
            },
          )
        },
        fail(why) {
          resolve(err(why))
          over()
        },
      }
      const timer = clock.after(deadlineMs, () => {
        const message = `no end of the work after ${deadlineMs} ms (${state})`
        const at = waiting.indexOf(job)
        if (at >= 0) waiting.splice(at, 1)
        job.fail({ kind: 'timeout', message })
      })
      waiting.push(job)
      if (!busy) next()
    })
  }

  function note(result: Result<unknown, BmcFault>): void {
    hold =
      !result.ok && result.error.kind === 'auth'
        ? { untilMs: clock.monotonicMs() + REFUSED_LOGIN_HOLD_MS, fault: result.error }
        : undefined
  }

  return {
    run,
    async close() {
      closed = true
      const gone = { kind: 'refused', message: 'the connection to the BMC was closed' } as const
      for (const job of waiting.splice(0)) job.fail(gone)
      await connection.close()
    },
  }
}
