import type { Result } from '@brickyard/std/result'
import type { BmcFault } from './fault.ts'

/** One entry of a BMC's event log. */
export interface LogEntry {
  /** Names the entry within the log as it is now; a cleared log counts anew. */
  readonly id: string
  /** Milliseconds since 1970 by the BMC's clock; undefined when the BMC had no time yet. */
  readonly atMs: number | undefined
  readonly health: 'ok' | 'warning' | 'critical' | 'unknown'
  /** What happened, in words. */
  readonly text: string
  /** The entry as the BMC gave it: what the words were made from. */
  readonly raw: string
}

export interface BmcLog {
  readonly entries: readonly LogEntry[]
  /** The log had no room for some events, which are lost. */
  readonly overflowed: boolean
  /** The reading was bounded and there are newer entries: read again to go on. */
  readonly more?: boolean
}

/** The event log of a sled's BMC. */
export interface LogControl {
  /**
   * All entries, oldest first. Where each costs a request of its own, at most `entriesMax` are asked
   * for beyond those that were read before.
   */
  read(options?: { readonly entriesMax?: number }): Promise<Result<BmcLog, BmcFault>>
  /** Clears it. Refused when something was written since `seen` was read: nothing is lost unread. */
  clear(seen: BmcLog): Promise<Result<void, BmcFault>>
}
