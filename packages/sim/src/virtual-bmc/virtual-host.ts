import type { BootDevice } from '@brickyard/ipmi/commands/boot-options'
import type { PowerState, PowerVerb } from '@brickyard/model/operation'

/** What the host shall boot in place of its own order. */
export interface HostBootOverride {
  readonly device: Exclude<BootDevice, 'none'>
  /** False: used up by the next boot. */
  readonly persistent: boolean
  readonly efi: boolean
}

/** The machine behind a virtual BMC: a QEMU process in the metal rig, a simulated sled elsewhere. */
export interface VirtualHost {
  power(): PowerState
  /** Begins a change of power; a refusal reaches the console as "not supported in present state". */
  apply(verb: PowerVerb): void | { readonly refused: string }
  /** Undefined takes the override back. */
  setBootOverride(override: HostBootOverride | undefined): void
  /** The override still standing: undefined once a boot has used it up. */
  bootOverride(): HostBootOverride | undefined
  /** The identify light: 0 off, Infinity until told otherwise. */
  identify(seconds: number): void
  /** Its serial port, where it has one. */
  readonly serial?: VirtualSerial | undefined
}

/** A host's serial port as its BMC sees it. */
export interface VirtualSerial {
  /** Bytes typed at the console. */
  write(bytes: Uint8Array): void
  sendBreak(): void
  /** Calls `listener` with what the host writes, from now on. */
  onOutput(listener: (bytes: Uint8Array) => void): void
}
