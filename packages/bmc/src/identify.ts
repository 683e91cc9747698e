import type { Result } from '@brickyard/std/result'
import type { BmcFault } from './fault.ts'

/** The identify light of a sled, by which a person finds it. */
export interface IdentifyControl {
  /** Lights it for 1..255 seconds; 0 turns it off. Longer times are cut to 255: light it again. */
  light(seconds: number): Promise<Result<void, BmcFault>>
}
