import type { Result } from '@brickyard/std/result'
import type { BmcFault } from './fault.ts'

/** A way into a BMC that it says is open, beside the one it was asked by. */
export type OpenWay = 'ipmi' | 'snmp-v1' | 'snmp-v2c' | 'telnet' | 'http'

/** How a BMC lets people in, as it says itself; undefined is what it does not tell. */
export interface BmcExposure {
  /** Logins without a name and without a password. */
  readonly anonymousLogins: boolean | undefined
  /** Logins without a name, with a password. */
  readonly nullUsers: boolean | undefined
  /** IPMI cipher suite 0, which needs no password. */
  readonly cipherZeroOffered: boolean | undefined
  readonly open: readonly OpenWay[]
}

export interface ExposureReader {
  read(): Promise<Result<BmcExposure, BmcFault>>
}
