import type { Result } from '@brickyard/std/result'
import type { BmcFault } from './fault.ts'

/** What a sled does by itself when mains power comes back. */
export type RestorePolicy = 'stay-off' | 'as-before' | 'turn-on'

/** Power restore policy of a sled, by its BMC: it decides what happens when nobody is there to. */
export interface RestorePolicyControl {
  /** `unknown` when the BMC does not tell. */
  read(): Promise<Result<RestorePolicy | 'unknown', BmcFault>>
  /** Sets it and reads it back; refused when it reads back as another. */
  set(policy: RestorePolicy): Promise<Result<void, BmcFault>>
}
