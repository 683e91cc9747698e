/**
 * Why a BMC did not do what was asked.
 * - `unreachable`: nothing at that address answers.
 * - `timeout`: it answered before and stopped, or the deadline passed; whether a write was carried
 *   out must be read back.
 * - `auth`: the login or the privilege was refused.
 * - `refused`: it understood and said no, or said yes and reads back something else.
 * - `protocol`: it answered something that makes no sense.
 */
export interface BmcFault {
  readonly kind: 'unreachable' | 'refused' | 'auth' | 'timeout' | 'protocol'
  readonly message: string
  /** Somebody else has what was asked for (a console), and it can be taken over. */
  readonly elsewhere?: true
}
