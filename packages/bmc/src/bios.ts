import type { Result } from '@brickyard/std/result'
import type { BmcFault } from './fault.ts'

export type BiosValue = string | number | boolean | null

/** BIOS attributes by the maker's own names, e.g. `BootMode`, `SriovGlobalEnable`. */
export type BiosAttributes = Readonly<Record<string, BiosValue>>

export interface BiosState {
  /** As the sled started with them. */
  readonly attributes: BiosAttributes
  /** What will be another after the sled's next boot; empty when nothing waits. */
  readonly pending: BiosAttributes
}

/** BIOS settings of a sled, by its BMC. */
export interface BiosControl {
  read(): Promise<Result<BiosState, BmcFault>>
  /**
   * Makes `wanted` hold from the next boot on, and reads it back: each of its attributes then stands
   * in `pending`, or in `attributes` where it held already. Nothing is written when all do. Refused,
   * unwritten, for a name the BMC does not have or a value of another type. The sled is not booted;
   * after its boot, read again: only what stands in `attributes` is done.
   */
  set(wanted: BiosAttributes): Promise<Result<BiosState, BmcFault>>
}
