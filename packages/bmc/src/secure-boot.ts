import type { Result } from '@brickyard/std/result'
import type { BmcFault } from './fault.ts'

export interface SecureBootState {
  /** Whether the sled's present start was checked; undefined where the BMC does not tell. */
  readonly running: boolean | undefined
  /** Whether its next start shall be. */
  readonly enabled: boolean | undefined
  /**
   * `user`: keys are enrolled; `setup`: there is no platform key, so whoever runs may enrol theirs;
   * `audit`, `deployed`: see UEFI 2.10 §32.3.
   */
  readonly mode: 'user' | 'setup' | 'audit' | 'deployed' | 'unknown'
}

/** `defaults`: the maker's keys; `no-keys`: none at all; `no-platform-key`: setup mode. */
export type SecureBootKeys = 'defaults' | 'no-keys' | 'no-platform-key'

/** UEFI Secure Boot of a sled, by its BMC. */
export interface SecureBootControl {
  read(): Promise<Result<SecureBootState, BmcFault>>
  /** Switches it for the next boot on and reads it back. The sled is not booted. */
  setEnabled(enabled: boolean): Promise<Result<SecureBootState, BmcFault>>
  /**
   * Asks for other keys, and reads the state. Most BMCs carry it out during the next boot: only a
   * `mode` read after it (`user`, or `setup`) tells that it was.
   */
  resetKeys(keys: SecureBootKeys): Promise<Result<SecureBootState, BmcFault>>
}
