import type { Result } from '@brickyard/std/result'
import type { BmcFault } from './fault.ts'

/** What the sled draws, in watts. */
export interface PowerDraw {
  readonly watts: number
  readonly wattsMin: number
  readonly wattsMax: number
  readonly wattsAverage: number
  /** The time over which minimum, maximum and average were taken. */
  readonly periodMs: number
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
