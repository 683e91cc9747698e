import type { RedfishMessage } from './message.ts'

/**
 * Why a Redfish service did not do what was asked.
 * - `unreachable`: nothing answers there.
 * - `timeout`: it answered before and stopped; whether a write was carried out must be read back.
 * - `auth`: its key is not the pinned one, or the login or the privilege was refused.
 * - `refused`: it understood and said no.
 * - `protocol`: it answered something that makes no sense.
 */
export interface RedfishFault {
  readonly kind: 'unreachable' | 'timeout' | 'auth' | 'refused' | 'protocol'
  /** For people: what was asked of whom, and what came of it. */
  readonly message: string
  /** HTTP status, where there was an answer. */
  readonly status?: number | undefined
  /** What the service itself said. */
  readonly said: readonly RedfishMessage[]
}
