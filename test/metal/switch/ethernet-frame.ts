import { ByteReader, ByteWriter } from '@brickyard/std/bytes'
import { toHex } from '@brickyard/std/hex'

/** The parts of an Ethernet frame that a switch looks at (IEEE 802.3, 802.1Q). */
export interface EthernetFrame {
  readonly destination: string
  readonly source: string
  /** VLAN id of its 802.1Q tag: 0 for one that has a priority alone; undefined without a tag. */
  readonly tag: number | undefined
  /** Of what it carries, behind the tag. */
  readonly etherType: number
}

/** Tag protocol identifier of a customer VLAN tag (IEEE 802.1Q-2018 §9.6, table 9-1). */
const TPID = 0x8100
const ADDRESSES_BYTES = 12
const TAG_BYTES = 4
const VLAN_MASK = 0x0fff
/** Bit of the first byte that says: for a group, or for all. */
const GROUP_BIT = 1

/** Undefined for what is too short to be a frame. */
export function readFrame(bytes: Uint8Array): EthernetFrame | undefined {
  const reader = new ByteReader(bytes)
  const destination = toHex(reader.take(6), ':')
  const source = toHex(reader.take(6), ':')
  const type = reader.u16()
  const tag = type === TPID ? reader.u16() & VLAN_MASK : undefined
  const etherType = tag === undefined ? type : reader.u16()
  return reader.short ? undefined : { destination, source, tag, etherType }
}

/** The frame as a port sends it: with the tag of a VLAN, or with none. Priorities are not kept. */
export function retagged(
  bytes: Uint8Array,
  from: EthernetFrame,
  vlan: number | undefined,
): Uint8Array {
  if (from.tag === vlan) return bytes
  const rest = bytes.subarray(ADDRESSES_BYTES + (from.tag === undefined ? 0 : TAG_BYTES))
  const writer = new ByteWriter(ADDRESSES_BYTES + TAG_BYTES + rest.length)
  writer.put(bytes.subarray(0, ADDRESSES_BYTES))
  if (vlan !== undefined) writer.u16(TPID).u16(vlan)
  return writer.put(rest).done()
}

/** Group and broadcast addresses. */
export const isGroup = (mac: string): boolean =>
  (Number.parseInt(mac.slice(0, 2), 16) & GROUP_BIT) === GROUP_BIT

/** Addresses that no bridge passes on (IEEE 802.1Q-2018 §8.6.3, table 8-1): LACP is sent to one. */
export const isLinkLocal = (mac: string): boolean => /^01:80:c2:00:00:0[0-9a-f]$/.test(mac)
