import type { PowerState, PowerVerb } from '@brickyard/model/operation'
import type { Result } from '@brickyard/std/result'
import type { BmcFault } from './fault.ts'

/** Power of a sled, by its BMC. */
export interface PowerControl {
  /** The power as it is now. */
  read(): Promise<Result<PowerState, BmcFault>>
  /**
   * Begins a change of power. Success says that the BMC accepted it, not that it happened: read it
   * back. `cycle`, `reset` and `soft` are sent once only; after a `timeout` the state tells.
   */
  set(verb: PowerVerb): Promise<Result<void, BmcFault>>
}
