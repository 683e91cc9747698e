import type { Result } from '@brickyard/std/result'

/** How an SNMP agent lets us in. */
export type SnmpAccess =
  | { readonly version: 'v1' | 'v2c'; readonly community: string }
  | {
      readonly version: 'v3'
      readonly user: string
      readonly auth: 'sha' | 'sha256' | 'sha512'
      readonly authPassphrase: string
      /** Undefined: what is said is signed and not encrypted. */
      readonly privacy?:
        | { readonly cipher: 'aes' | 'aes256'; readonly passphrase: string }
        | undefined
    }

export interface SnmpTarget {
  readonly address: string
  readonly port: number
  readonly access: SnmpAccess
}

/**
 * - `silent`: nothing came back; a wrong community looks like that as well.
 * - `denied`: the login is wrong, or may not do this.
 * - `refused`: it understood and said no.
 * - `protocol`: what came back makes no sense.
 */
export interface SnmpFault {
  readonly kind: 'silent' | 'denied' | 'refused' | 'protocol'
  readonly message: string
}

/** An object's value: a number, a text, or undefined where there is no such object. */
export type SnmpValue = number | string | undefined

/** SNMP (RFC 3416) as a manager speaks it; object names are dotted numbers without a leading dot. */
export interface Snmp {
  /** The values of up to 16 objects, in the order asked. */
  get(
    target: SnmpTarget,
    objects: readonly string[],
  ): Promise<Result<readonly SnmpValue[], SnmpFault>>
  /** Sets one INTEGER. Sent again when nothing comes back: only for what may be done twice. */
  setInteger(target: SnmpTarget, object: string, value: number): Promise<Result<void, SnmpFault>>
}
