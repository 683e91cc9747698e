import { Ipv4 } from '@brickyard/model/ipv4'
import { assert } from '@brickyard/std/assert'
import { ByteReader } from '@brickyard/std/bytes'
import { err, ok, type Result } from '@brickyard/std/result'
import {
  END,
  optionBytes,
  OVERLOAD,
  type RawOptions,
  readOptionArea,
  writeOption,
} from './option-area.ts'
import { decodeOptions, type DhcpOptions, encodeOptions } from './options.ts'
import { MESSAGE_SIZE_BYTES_MIN } from './options/max-message-size.ts'
import { bytesFromText, textFromBytes } from './text.ts'

/** A DHCP message: the BOOTP frame of RFC 2131 §2 with its options read. */
export interface DhcpPacket {
  readonly op: 'request' | 'reply'
  /** 1 is Ethernet, 32 InfiniBand (IANA ARP hardware types). */
  readonly hardwareType: number
  readonly hops: number
  readonly xid: number
  /** Seconds the client says it has been trying. */
  readonly secs: number
  /** The client cannot take unicast before it has an address. */
  readonly broadcast: boolean
  readonly ciaddr: Ipv4
  readonly yiaddr: Ipv4
  /** The next server: where the boot file comes from. */
  readonly siaddr: Ipv4
  /** The relay that passed this on, 0.0.0.0 without one. */
  readonly giaddr: Ipv4
  /** Hardware address, hlen (0..16) bytes. */
  readonly chaddr: Uint8Array
  readonly serverName: string
  readonly bootFile: string
  readonly options: DhcpOptions
}

export interface DecodedPacket {
  readonly packet: DhcpPacket
  /** Options that made no sense, for the log; the rest of the packet is good. */
  readonly faults: readonly string[]
}

const HEADER_BYTES = 236
const SERVER_NAME_BYTES = 64
const BOOT_FILE_BYTES = 128
const CHADDR_BYTES = 16
/** 99.130.83.99, RFC 2131 §3: what tells options from BOOTP's vendor area. */
const MAGIC_COOKIE = 0x63825363
const FLAG_BROADCAST = 0x8000
/** BOOTP's own length; shorter answers are dropped by old relays and ROMs (RFC 1542 §2.1). */
const PACKET_BYTES_MIN = 300
/** No client needs more; a longer datagram is not DHCP. */
const PACKET_BYTES_MAX = 4096
/** IP and UDP headers, which option 57 counts and we do not write. */
const DATAGRAM_HEADER_BYTES = 28
/** What fits a client that states no size: RFC 2131 §2, 576 bytes of IP datagram. */
export const REPLY_BYTES_DEFAULT = MESSAGE_SIZE_BYTES_MIN - DATAGRAM_HEADER_BYTES
/** Ethernet without fragments, whatever the client would take. */
const REPLY_BYTES_MAX = 1500 - DATAGRAM_HEADER_BYTES

/** Reads a datagram. Total: any bytes give a packet or an error text, in time linear in their length. */
export function decodePacket(bytes: Uint8Array): Result<DecodedPacket> {
  if (bytes.length < HEADER_BYTES + 4) return err(`${bytes.length} bytes are too few for DHCP`)
  if (bytes.length > PACKET_BYTES_MAX) return err(`${bytes.length} bytes are too many for DHCP`)
  const reader = new ByteReader(bytes)
  const op = reader.u8()
  const hardwareType = reader.u8()
  const hardwareLength = reader.u8()
  const hops = reader.u8()
  const xid = reader.u32()
  const secs = reader.u16()
  const flags = reader.u16()
  const ciaddr = Ipv4.fromBytes(reader.take(4))
  const yiaddr = Ipv4.fromBytes(reader.take(4))
  const siaddr = Ipv4.fromBytes(reader.take(4))
  const giaddr = Ipv4.fromBytes(reader.take(4))
  const chaddr = reader.take(CHADDR_BYTES)
  const serverName = reader.take(SERVER_NAME_BYTES)
  const bootFile = reader.take(BOOT_FILE_BYTES)
  const cookie = reader.u32()
  if (op !== 1 && op !== 2) return err(`op is ${op}; expected 1 or 2`)
  if (hardwareLength > CHADDR_BYTES) return err(`hlen is ${hardwareLength}; expected 0 to 16`)
  if (cookie !== MAGIC_COOKIE) return err('no DHCP: the magic cookie is missing')

  const areas = readAreas(reader.rest(), bootFile, serverName)
  if (!areas.ok) return areas
  const { raw, overload } = areas.value
  const { options, faults } = decodeOptions(raw)
  const packet: DhcpPacket = {
    op: op === 1 ? 'request' : 'reply',
    hardwareType,
    hops,
    xid,
    secs,
    broadcast: (flags & FLAG_BROADCAST) !== 0,
    ciaddr,
    yiaddr,
    siaddr,
    giaddr,
    chaddr: chaddr.subarray(0, hardwareLength),
    serverName: (overload & 2) === 0 ? textFromBytes(serverName) : '',
    bootFile: (overload & 1) === 0 ? textFromBytes(bootFile) : '',
    options,
  }
  return ok({ packet, faults })
}

/**
 * The options, and those the sender put into `file` (overload bit 0) and `sname` (bit 1): RFC 2132
 * §9.3, read in the order of RFC 3396 §5.
 */
function readAreas(
  area: Uint8Array,
  bootFile: Uint8Array,
  serverName: Uint8Array,
): Result<{ raw: RawOptions; overload: number }> {
  const raw: RawOptions = new Map()
  const main = readOptionArea(area, raw)
  if (!main.ok) return main
  const overload = raw.get(OVERLOAD)?.[0] ?? 0
  raw.delete(OVERLOAD)
  for (const [bit, field] of [
    [1, bootFile],
    [2, serverName],
  ] as const) {
    const more = (overload & bit) === 0 ? main : readOptionArea(field, raw)
    if (!more.ok) return more
    // An overloaded area that names option 52 again must not start another round.
    raw.delete(OVERLOAD)
  }
  return ok({ raw, overload })
}

/**
 * Writes a packet of at most `bytesMax` bytes (the client's limit, see `replyBytesMax`). Options
 * that do not fit are left out, least needed first (the order of options.ts); option 82 always fits
 * in, since a relay cannot place an answer without it.
 */
export function encodePacket(packet: DhcpPacket, bytesMax = REPLY_BYTES_MAX): Uint8Array {
  assert(packet.chaddr.length <= CHADDR_BYTES, 'hardware address of at most 16 bytes')
  assert(bytesMax >= PACKET_BYTES_MIN, 'room for a BOOTP packet')
  const bytes = new Uint8Array(bytesMax)
  const view = new DataView(bytes.buffer)
  bytes[0] = packet.op === 'request' ? 1 : 2
  bytes[1] = packet.hardwareType
  bytes[2] = packet.chaddr.length
  bytes[3] = packet.hops
  view.setUint32(4, packet.xid)
  view.setUint16(8, packet.secs)
  view.setUint16(10, packet.broadcast ? FLAG_BROADCAST : 0)
  view.setUint32(12, Ipv4.toNumber(packet.ciaddr))
  view.setUint32(16, Ipv4.toNumber(packet.yiaddr))
  view.setUint32(20, Ipv4.toNumber(packet.siaddr))
  view.setUint32(24, Ipv4.toNumber(packet.giaddr))
  bytes.set(packet.chaddr, 28)
  bytes.set(field(packet.serverName, SERVER_NAME_BYTES), 44)
  bytes.set(field(packet.bootFile, BOOT_FILE_BYTES), 108)
  view.setUint32(HEADER_BYTES, MAGIC_COOKIE)

  const pairs = encodeOptions(packet.options)
  const relay = packet.options.relayAgent
  const kept = 1 + (relay === undefined ? 0 : optionBytes(relay))
  let at = HEADER_BYTES + 4
  for (const [code, value] of pairs) {
    const room = bytesMax - at - (value === relay ? 1 : kept)
    if (optionBytes(value) <= room) at = writeOption(bytes, at, code, value)
  }
  bytes[at++] = END
  return bytes.subarray(0, Math.max(at, PACKET_BYTES_MIN))
}

/** The longest answer a client takes, in bytes of UDP payload, from its option 57. */
export const replyBytesMax = (request: DhcpPacket): number => {
  const stated = request.options.maxMessageSizeBytes
  if (stated === undefined) return REPLY_BYTES_DEFAULT
  return Math.min(stated - DATAGRAM_HEADER_BYTES, REPLY_BYTES_MAX)
}

/** True when `text` fits the `file` field with its closing NUL, which some ROMs insist on. */
export const fitsBootFile = (text: string): boolean => text.length < BOOT_FILE_BYTES

function field(text: string, fieldBytes: number): Uint8Array {
  assert(text.length < fieldBytes, 'a text fits its field with a closing NUL')
  return bytesFromText(text)
}
