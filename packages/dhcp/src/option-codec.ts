import type { Result } from '@brickyard/std/result'

/**
 * How the value of one DHCP option is read and written. `decode` is total: a value of the wrong
 * length or range is an error text, never an exception. `encode` of an impossible value is our own
 * bug and asserts.
 */
export interface OptionCodec<T> {
  /** The option's number, 1..254. */
  readonly code: number
  decode(bytes: Uint8Array): Result<T>
  encode(value: T): Uint8Array
}
