import type { Result } from '@brickyard/std/result'
import type { BmcFault } from './fault.ts'

export type AccountPrivilege = 'none' | 'callback' | 'user' | 'operator' | 'administrator' | 'other'

/** One account slot of a BMC. */
export interface Account {
  /** Names the slot for this BMC, e.g. `3`. */
  readonly slot: string
  /** Empty for an unused slot, or for the anonymous user, which `enabled` tells apart. */
  readonly name: string
  readonly enabled: boolean
  readonly privilege: AccountPrivilege
}

/** The accounts of a sled's BMC. */
export interface AccountControl {
  list(): Promise<Result<readonly Account[], BmcFault>>
  /**
   * Writes name, password, privilege and switches the account on, in an order in which a half-done
   * change never leaves an account with an old password and a new privilege; then reads it back.
   */
  set(
    slot: string,
    account: {
      readonly name: string
      readonly password: string
      readonly privilege: 'user' | 'operator' | 'administrator'
    },
  ): Promise<Result<void, BmcFault>>
  /** Switches the account off, then takes its privilege; read back. */
  disable(slot: string): Promise<Result<void, BmcFault>>
  /** True when `password` is the slot's present one, by the BMC's own test. */
  verify(slot: string, password: string): Promise<Result<boolean, BmcFault>>
}
