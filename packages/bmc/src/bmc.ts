import type { BootControl } from './boot.ts'
import type { IdentifyControl } from './identify.ts'
import type { InventoryReader } from './inventory.ts'
import type { PowerControl } from './power.ts'

/** A connection to one BMC. Every call ends within its deadline, with a result or a typed fault. */
export interface Bmc {
  readonly power: PowerControl
  readonly boot: BootControl
  readonly identify: IdentifyControl
  readonly inventory: InventoryReader
  /** Gives the session back to the BMC; afterwards every call is refused. */
  close(): Promise<void>
}
