import type { Result } from '@brickyard/std/result'
import type { BmcFault } from './fault.ts'

export type NextBootDevice = 'network' | 'disk' | 'cdrom' | 'none'

/** What the sled shall boot; `none` takes an override back. */
export interface NextBoot {
  readonly device: NextBootDevice
  /** True for every boot, false for the next one only. */
  readonly persistent: boolean
  /** True for UEFI, false for legacy BIOS. */
  readonly efi: boolean
}

/** An override as the BMC reports it; `other` is a device we never ask for (setup, diagnostics …). */
export interface BootOverride {
  readonly device: NextBootDevice | 'other'
  readonly persistent: boolean
  readonly efi: boolean
}

/** Boot override of a sled, by its BMC. */
export interface BootControl {
  /**
   * Sets the override and reads it back. Refused when another device or persistence reads back;
   * the UEFI bit is reported as read, because many BMCs drop it and boot right all the same.
   */
  setNextBoot(wanted: NextBoot): Promise<Result<BootOverride, BmcFault>>
  read(): Promise<Result<BootOverride, BmcFault>>
}
