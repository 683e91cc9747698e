import type { Result } from '@brickyard/std/result'
import type { BmcFault } from './fault.ts'

/** What a BMC tells by itself, when it happens. */
export interface BmcEvent {
  readonly id: string | undefined
  /** What happened, in words. */
  readonly text: string
  readonly health: 'ok' | 'warning' | 'critical' | 'unknown'
}

export interface EventListener {
  onEvent(event: BmcEvent): void
  /** The stream is over: closed by us, by the BMC, or broken. */
  onClosed(why: string): void
}

/**
 * Events of a BMC as they happen. They may be lost on the way: the log is what counts, and an event is
 * a reason to read it.
 */
export interface EventControl {
  /** Opens a stream; refused where the BMC has none. The result ends it. */
  open(listener: EventListener): Promise<Result<{ close(): void }, BmcFault>>
}
