import { ByteReader, ByteWriter } from '@brickyard/std/bytes'
import { toHex } from '@brickyard/std/hex'
import { err, ok, type Result } from '@brickyard/std/result'

/** Where LACPDUs are sent to and what marks them (IEEE 802.1AX-2020 §6.4.2.1, §6.4.2.3). */
export const SLOW_PROTOCOLS_MAC = '01:80:c2:00:00:02'
export const SLOW_PROTOCOLS_TYPE = 0x8809
const LACP_SUBTYPE = 1
const LACP_VERSION = 1

/** One end of a link as an LACPDU tells of it (§6.4.2.3 l–t). */
export interface LacpEnd {
  readonly systemPriority: number
  readonly system: string
  readonly key: number
  readonly portPriority: number
  readonly port: number
  readonly state: LacpState
}

/** The eight flags of `Actor_State` (§6.4.2.3 i, figure 6-9), the lowest bit first. */
export const LACP_FLAGS = [
  'activity',
  'shortTimeout',
  'aggregation',
  'synchronization',
  'collecting',
  'distributing',
  'defaulted',
  'expired',
] as const
export type LacpState = Readonly<Record<(typeof LACP_FLAGS)[number], boolean>>

export interface LacpPdu {
  /** Who sends it. */
  readonly actor: LacpEnd
  /** What the sender believes of whom it sends to. */
  readonly partner: LacpEnd
}

const [ACTOR_TLV, PARTNER_TLV, COLLECTOR_TLV, TERMINATOR_TLV] = [1, 2, 3, 0]
/** Lengths of the TLVs, type and length included (§6.4.2.3). */
const END_BYTES = 20
const COLLECTOR_BYTES = 16
/** What follows the terminator's two bytes. */
const PADDING_BYTES = 50
const SYSTEM_BYTES = 6

/** A frame's LACPDU; `frame` begins with its destination. The error names the field. */
export function decodeLacpPdu(frame: Uint8Array): Result<LacpPdu> {
  const reader = new ByteReader(frame)
  reader.skip(2 * SYSTEM_BYTES)
  const [type, subtype] = [reader.u16(), reader.u8()]
  if (type !== SLOW_PROTOCOLS_TYPE || subtype !== LACP_SUBTYPE) {
    return err(`type ${type} subtype ${subtype}: no LACPDU`)
  }
  // A later version is read as far as version 1 goes (§6.4.2.3 c).
  reader.skip(1)
  const actor = readEnd(reader, ACTOR_TLV)
  const partner = readEnd(reader, PARTNER_TLV)
  if (actor === undefined) return err('the actor TLV is not the first, or has another length')
  if (partner === undefined) return err('the partner TLV is not the second, or has another length')
  return reader.short ? err('the LACPDU ends before its partner TLV') : ok({ actor, partner })
}

function readEnd(reader: ByteReader, tlv: number): LacpEnd | undefined {
  const [type, length] = [reader.u8(), reader.u8()]
  const systemPriority = reader.u16()
  const system = toHex(reader.take(SYSTEM_BYTES), ':')
  const [key, portPriority, port, flags] = [reader.u16(), reader.u16(), reader.u16(), reader.u8()]
  reader.skip(3)
  if (type !== tlv || length !== END_BYTES) return undefined
  return { systemPriority, system, key, portPriority, port, state: stateOf(flags) }
}

/** The whole frame from `source`, the sending port's own address. */
export function encodeLacpPdu(pdu: LacpPdu, source: string): Uint8Array {
  const writer = new ByteWriter()
  writer.put(macBytes(SLOW_PROTOCOLS_MAC)).put(macBytes(source)).u16(SLOW_PROTOCOLS_TYPE)
  writer.u8(LACP_SUBTYPE).u8(LACP_VERSION)
  writeEnd(writer, ACTOR_TLV, pdu.actor)
  writeEnd(writer, PARTNER_TLV, pdu.partner)
  writer
    .u8(COLLECTOR_TLV)
    .u8(COLLECTOR_BYTES)
    .u16(0)
    .zeroes(COLLECTOR_BYTES - 4)
  writer.u8(TERMINATOR_TLV).u8(0).zeroes(PADDING_BYTES)
  return writer.done()
}

function writeEnd(writer: ByteWriter, tlv: number, end: LacpEnd): void {
  const { systemPriority, system, key, portPriority, port, state } = end
  writer.u8(tlv).u8(END_BYTES).u16(systemPriority).put(macBytes(system)).u16(key)
  writer.u16(portPriority).u16(port).u8(flagsOf(state)).zeroes(3)
}

const stateOf = (flags: number): LacpState =>
  Object.fromEntries(
    LACP_FLAGS.map((name, bit) => [name, ((flags >>> bit) & 1) === 1]),
  ) as LacpState

const flagsOf = (state: LacpState): number =>
  LACP_FLAGS.reduce((flags, name, bit) => flags | (state[name] ? 1 << bit : 0), 0)

const macBytes = (mac: string): Uint8Array =>
  Uint8Array.from(mac.split(':'), (pair) => Number.parseInt(pair, 16))
