/** Bounds how often a PIN may be guessed. Pure over time; one per page. */
import { Hours, Minutes, Seconds } from '@brickyard/std/units'

/** A person mistypes a few times; after that each further try waits twice as long. */
const FREE_FAILURES = 5
const FIRST_WAIT_MS = Seconds(30)
const WAIT_MAX_MS = Minutes(15)
/** Failures are forgotten after this long without another. */
const FORGET_MS = Hours(1)
/** Addresses remembered; beyond it the one quiet for longest goes. A rack's network has fewer. */
const ADDRESSES_MAX = 256
/**
 * Failures of all addresses together in one hour before every try waits a minute after the last
 * failure: whoever changes address still gets 1500 guesses a day at six digits, one in 700.
 */
const FAILURES_PER_HOUR_MAX = 60
const CROWD_WAIT_MS = Minutes(1)

interface Record {
  readonly failures: number
  readonly lastMs: number
}

export interface SignInAttempts {
  /** Milliseconds until this address may try again; 0: now. */
  waitMs(address: string, nowMs: number): number
  /** Also called before a try whose end is not known yet. */
  failed(address: string, nowMs: number): void
  /** Takes the latest failure back, and forgives this address the earlier ones. */
  succeeded(address: string): void
}

export function createSignInAttempts(): SignInAttempts {
  const records = new Map<string, Record>()
  let recent: number[] = []
  const recordOf = (address: string, nowMs: number): Record | undefined => {
    const record = records.get(address)
    return record !== undefined && nowMs - record.lastMs < FORGET_MS ? record : undefined
  }
  return {
    waitMs(address, nowMs) {
      const record = recordOf(address, nowMs)
      const own = record === undefined ? 0 : record.lastMs + waitAfter(record.failures) - nowMs
      recent = recent.filter((atMs) => nowMs - atMs < Hours(1))
      const last = recent.at(-1) ?? nowMs
      const crowd = recent.length < FAILURES_PER_HOUR_MAX ? 0 : last + CROWD_WAIT_MS - nowMs
      return Math.max(0, own, crowd)
    },
    failed(address, nowMs) {
      const failures = (recordOf(address, nowMs)?.failures ?? 0) + 1
      records.delete(address)
      records.set(address, { failures, lastMs: nowMs })
      const [quietest] = records.keys()
      if (records.size > ADDRESSES_MAX && quietest !== undefined) records.delete(quietest)
      recent = [...recent, nowMs].slice(-FAILURES_PER_HOUR_MAX)
    },
    succeeded(address) {
      records.delete(address)
      recent = recent.slice(0, -1)
    },
  }
}

function waitAfter(failures: number): number {
  if (failures < FREE_FAILURES) return 0
  return Math.min(WAIT_MAX_MS, FIRST_WAIT_MS * 2 ** (failures - FREE_FAILURES))
}
