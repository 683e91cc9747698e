import { err, ok, type Result } from '@brickyard/std/result'

/** UDP port of RMCP: BMCs listen here (IPMI 2.0 §13.1.2). */
export const RMCP_PORT = 623

/**
 * Longest datagram we take or make. The largest message of this slice is a FRU read of 255 bytes
 * plus about 100 bytes of headers; anything beyond is not for us.
 */
export const DATAGRAM_BYTES_MAX = 1024

const RMCP_VERSION = 0x06
const NO_ACK = 0xff
const CLASSES = { asf: 0x06, ipmi: 0x07 } as const
const HEADER_BYTES = 4

/** Message classes we speak: ASF presence pings and IPMI. */
export type RmcpClass = keyof typeof CLASSES

export interface RmcpMessage {
  readonly messageClass: RmcpClass
  /** Everything after the four header bytes; a view, not a copy. */
  readonly body: Uint8Array
}

/** Reads the RMCP header `06 00 sequence class` (IPMI 2.0 §13.1.3). RMCP ACKs are refused: IPMI never uses them. */
export function decodeRmcp(datagram: Uint8Array): Result<RmcpMessage> {
  if (datagram.length < HEADER_BYTES) return err(`RMCP header is ${datagram.length} bytes, not 4`)
  if (datagram.length > DATAGRAM_BYTES_MAX) return err(`datagram of ${datagram.length} bytes`)
  if (datagram[0] !== RMCP_VERSION) return err(`RMCP version is ${datagram[0]}, not 6`)
  const body = datagram.subarray(HEADER_BYTES)
  if (datagram[3] === CLASSES.ipmi) return ok({ messageClass: 'ipmi', body })
  if (datagram[3] === CLASSES.asf) return ok({ messageClass: 'asf', body })
  return err(`RMCP class is ${datagram[3]}; expected 6 (ASF) or 7 (IPMI)`)
}

/** Puts the RMCP header before `body`; the sequence says that no RMCP ACK is wanted. */
export function encodeRmcp(messageClass: RmcpClass, body: Uint8Array): Uint8Array {
  const datagram = new Uint8Array(HEADER_BYTES + body.length)
  datagram.set([RMCP_VERSION, 0, NO_ACK, CLASSES[messageClass]])
  datagram.set(body, HEADER_BYTES)
  return datagram
}
