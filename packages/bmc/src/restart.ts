import type { Result } from '@brickyard/std/result'
import type { BmcFault } from './fault.ts'

/** `cold`: as after a loss of its power; `warm`: it ends what it does first, where it can. */
export type RestartKind = 'cold' | 'warm'

/** A restart of the BMC itself; the sled runs on. The remedy for a BMC that has lost its way. */
export interface RestartControl {
  /**
   * Restarts the BMC and stays until it was seen to be gone and then answers again, which takes a
   * minute or two, ten at most. Refused when it says yes and stays. A BMC that knows one kind only is
   * restarted in that way.
   */
  restart(kind: RestartKind): Promise<Result<void, BmcFault>>
}
