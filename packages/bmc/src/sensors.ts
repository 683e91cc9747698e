import type { Result } from '@brickyard/std/result'
import type { BmcFault } from './fault.ts'

/** How grave the present state of a sensor is, as the BMC itself judges it; `unknown` is never green. */
export type SensorHealth = 'ok' | 'warning' | 'critical' | 'unrecoverable' | 'unknown'

/** Limits in the sensor's own unit; absent ones are not set or not told. */
export interface SensorLimits {
  readonly lowerWarning?: number | undefined
  readonly lowerCritical?: number | undefined
  readonly lowerUnrecoverable?: number | undefined
  readonly upperWarning?: number | undefined
  readonly upperCritical?: number | undefined
  readonly upperUnrecoverable?: number | undefined
}

/** One sensor and what it says now. */
export interface SensorReading {
  /** The maker's name of it, e.g. `Inlet Temp`; not always unique within a BMC. */
  readonly name: string
  /** What it measures, in words: `temperature`, `fan`, `power supply`. */
  readonly kind: string
  readonly health: SensorHealth
  readonly reading:
    | { readonly kind: 'value'; readonly value: number; readonly unit: string }
    /** States that hold now, in words; empty when none does. */
    | { readonly kind: 'states'; readonly states: readonly string[] }
    /** No reading: powered off, absent, or the BMC refuses. */
    | { readonly kind: 'none'; readonly why: string }
  readonly limits: SensorLimits
}

/** Every sensor of a sled, by its BMC. */
export interface SensorReader {
  /** One sweep over all sensors. A sensor without a reading is in the list and says why. */
  read(): Promise<Result<readonly SensorReading[], BmcFault>>
}
