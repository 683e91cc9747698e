import type { AccountControl } from './accounts.ts'
import type { BiosControl } from './bios.ts'
import type { BootControl } from './boot.ts'
import type { ConsoleControl } from './console.ts'
import type { ExposureReader } from './exposure.ts'
import type { EventControl } from './events.ts'
import type { FirmwareControl } from './firmware.ts'
import type { IdentifyControl } from './identify.ts'
import type { InventoryReader } from './inventory.ts'
import type { LogControl } from './log.ts'
import type { PowerLimitControl } from './power-limit.ts'
import type { PowerControl } from './power.ts'
import type { RestartControl } from './restart.ts'
import type { RestorePolicyControl } from './restore-policy.ts'
import type { SecureBootControl } from './secure-boot.ts'
import type { SensorReader } from './sensors.ts'
import type { VirtualMediaControl } from './virtual-media.ts'

/** A connection to one BMC. Every call ends within its deadline, with a result or a typed fault. */
export interface Bmc {
  readonly power: PowerControl
  readonly boot: BootControl
  readonly identify: IdentifyControl
  readonly inventory: InventoryReader
  /** What only some drivers can do; absent is "not by this driver", a BMC itself may still refuse. */
  readonly sensors?: SensorReader | undefined
  readonly log?: LogControl | undefined
  readonly exposure?: ExposureReader | undefined
  readonly console?: ConsoleControl | undefined
  readonly accounts?: AccountControl | undefined
  readonly powerLimit?: PowerLimitControl | undefined
  readonly restorePolicy?: RestorePolicyControl | undefined
  readonly bios?: BiosControl | undefined
  readonly secureBoot?: SecureBootControl | undefined
  readonly restart?: RestartControl | undefined
  readonly virtualMedia?: VirtualMediaControl | undefined
  readonly events?: EventControl | undefined
  readonly firmware?: FirmwareControl | undefined
  /** Gives the session back to the BMC; afterwards every call is refused. */
  close(): Promise<void>
}
