import { Ipv4 } from '@brickyard/model/ipv4'
import { err, ok } from '@brickyard/std/result'
import type { OptionCodec } from '../option-codec.ts'
import { decodeSubOptions, type SubOptions } from './sub-options.ts'

/** One option's worth (RFC 3046 §2.0): more would leave no room for the answer itself. */
const RELAY_BYTES_MAX = 255

/**
 * RFC 3046: what a relay or a snooping switch adds. Kept raw, because it must come back exactly as
 * it went (§2.2) and as the last option, and because vendors fill it as they please.
 */
export const relayAgent: OptionCodec<Uint8Array> = {
  code: 82,
  decode: (bytes) =>
    bytes.length <= RELAY_BYTES_MAX
      ? ok(bytes)
      : err(`option 82 has ${bytes.length} bytes; expected at most ${RELAY_BYTES_MAX}`),
  encode: (bytes) => bytes,
}

/** What of option 82 tells where a client is. */
export interface RelayAgentFacts {
  /** Sub-option 1, usually the switch port; vendor's own format. */
  readonly circuitId?: Uint8Array
  /** Sub-option 2, usually the switch's MAC or name; vendor's own format. */
  readonly remoteId?: Uint8Array
  /** Sub-option 5 (RFC 3527): the subnet the client is in, where that is not giaddr's. */
  readonly linkSelection?: Ipv4
  /** Sub-option 6 (RFC 3993): whose line it is, in the provider's words. */
  readonly subscriberId?: Uint8Array
  /** Sub-option 11 (RFC 5107): the address by which the relay wants the server to be called. */
  readonly serverIdOverride?: Ipv4
  /** Every sub-option, as it came. */
  readonly raw: SubOptions
}

/** Reads option 82; an unreadable one tells nothing (and is still echoed). */
export function relayAgentFacts(bytes: Uint8Array): RelayAgentFacts {
  const parts = decodeSubOptions(bytes, false)
  const circuitId = parts?.get(1)
  const remoteId = parts?.get(2)
  const [link, subscriberId, override] = [parts?.get(5), parts?.get(6), parts?.get(11)]
  return {
    raw: parts ?? new Map(),
    ...(circuitId !== undefined && { circuitId }),
    ...(remoteId !== undefined && { remoteId }),
    ...(link?.length === 4 && { linkSelection: Ipv4.fromBytes(link) }),
    ...(subscriberId !== undefined && { subscriberId }),
    ...(override?.length === 4 && { serverIdOverride: Ipv4.fromBytes(override) }),
  }
}
