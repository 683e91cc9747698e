import { ByteReader, ByteWriter } from '@brickyard/std/bytes'
import { err, ok, type Result } from '@brickyard/std/result'

/** Bytes before the characters. */
export const SOL_HEADER_BYTES = 4
/** The accepted character count is one byte, so no packet carries more. */
export const SOL_CHARACTERS_MAX = 255

/** Operation bits from the console to the BMC (IPMI 2.0 §15.9, table 15-2, byte 4). */
export const SOL_OPERATION = {
  nack: 0x40,
  ringWor: 0x20,
  generateBreak: 0x10,
  /** Holds the host's output back, as a terminal that lowers CTS does. */
  pause: 0x08,
  dropCarrier: 0x04,
  flushInbound: 0x02,
  flushOutbound: 0x01,
} as const

/** Status bits from the BMC to the console (table 15-2, byte 4). */
export const SOL_STATUS = {
  nack: 0x40,
  /** Characters cannot be passed on now: the host is off or its port is full. */
  transferUnavailable: 0x20,
  deactivating: 0x10,
  transmitOverrun: 0x08,
  breakDetected: 0x04,
} as const

/** One serial-over-LAN packet, in either direction (§15.9). */
export interface SolPacket {
  /** 1..15; 0 for a packet that only acknowledges and is not acknowledged itself. */
  readonly sequence: number
  /** The packet acknowledged; 0 for none. */
  readonly acknowledges: number
  /** Characters of that packet that were taken. */
  readonly accepted: number
  /** Operation or status bits, by direction. */
  readonly bits: number
  readonly characters: Uint8Array
}

export function decodeSolPacket(payload: Uint8Array): Result<SolPacket> {
  const reader = new ByteReader(payload)
  const sequence = reader.u8() & 0x0f
  const acknowledges = reader.u8() & 0x0f
  const accepted = reader.u8()
  const bits = reader.u8()
  if (reader.short) return err(`SOL packet of ${payload.length} bytes; at least 4`)
  const characters = reader.rest()
  if (characters.length > SOL_CHARACTERS_MAX) {
    return err(`SOL packet with ${characters.length} characters; at most 255 can be acknowledged`)
  }
  return ok({ sequence, acknowledges, accepted, bits, characters })
}

export const encodeSolPacket = (packet: SolPacket): Uint8Array =>
  new ByteWriter(SOL_HEADER_BYTES + packet.characters.length)
    .u8(packet.sequence)
    .u8(packet.acknowledges)
    .u8(packet.accepted)
    .u8(packet.bits)
    .put(packet.characters)
    .done()
