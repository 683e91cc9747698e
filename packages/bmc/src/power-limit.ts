import type { Result } from '@brickyard/std/result'
import type { BmcFault } from './fault.ts'

/** What the sled draws, in watts; undefined is what the BMC does not tell. */
export interface PowerDraw {
  readonly watts: number
  readonly wattsMin: number | undefined
  readonly wattsMax: number | undefined
  readonly wattsAverage: number | undefined
  /** The time over which minimum, maximum and average were taken. */
  readonly periodMs: number | undefined
}

export interface PowerLimit {
  /** Undefined: no limit in force. */
  readonly watts: number | undefined
}

/** Draw and cap of a sled's power, by its BMC. */
export interface PowerLimitControl {
  readDraw(): Promise<Result<PowerDraw, BmcFault>>
  readLimit(): Promise<Result<PowerLimit, BmcFault>>
  /** Sets a limit in watts or lifts it (`undefined`), and reads it back. */
  setLimit(watts: number | undefined): Promise<Result<PowerLimit, BmcFault>>
}
