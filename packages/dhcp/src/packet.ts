import { Ipv4 } from '@brickyard/model/ipv4'
import { assert } from '@brickyard/std/assert'
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
/** Where the options begin, after the magic cookie. */
export const OPTIONS_AT = HEADER_BYTES + 4
const CIADDR_AT = 12
const YIADDR_AT = 16
const SIADDR_AT = 20
const GIADDR_AT = 24
const CHADDR_AT = 28
const SERVER_NAME_AT = 44
const BOOT_FILE_AT = 108
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
  if (bytes.length < OPTIONS_AT) return err(`${bytes.length} bytes are too few for DHCP`)
  if (bytes.length > PACKET_BYTES_MAX) return err(`${bytes.length} bytes are too many for DHCP`)
  // Byte by byte: a reader and a view for every field would cost more than all the rest.
  const op = bytes[0] as number
  const hardwareLength = bytes[2] as number
  if (op !== 1 && op !== 2) return err(`op is ${op}; expected 1 or 2`)
  if (hardwareLength > CHADDR_BYTES) return err(`hlen is ${hardwareLength}; expected 0 to 16`)
  if (u32(bytes, HEADER_BYTES) !== MAGIC_COOKIE) return err('no DHCP: the magic cookie is missing')

  const areas = readAreas(bytes)
  if (!areas.ok) return areas
  const { raw, overload } = areas.value
  const { options, faults } = decodeOptions(raw)
  const packet: DhcpPacket = {
    op: op === 1 ? 'request' : 'reply',
    hardwareType: bytes[1] as number,
    hops: bytes[3] as number,
    xid: u32(bytes, 4),
    secs: u16(bytes, 8),
    broadcast: (u16(bytes, 10) & FLAG_BROADCAST) !== 0,
    ciaddr: addressAt(bytes, CIADDR_AT),
    yiaddr: addressAt(bytes, YIADDR_AT),
    siaddr: addressAt(bytes, SIADDR_AT),
    giaddr: addressAt(bytes, GIADDR_AT),
    chaddr: bytes.subarray(CHADDR_AT, CHADDR_AT + hardwareLength),
    serverName: (overload & 2) === 0 ? textAt(bytes, SERVER_NAME_AT, SERVER_NAME_BYTES) : '',
    bootFile: (overload & 1) === 0 ? textAt(bytes, BOOT_FILE_AT, BOOT_FILE_BYTES) : '',
    options,
  }
  return ok({ packet, faults })
}

const u16 = (bytes: Uint8Array, at: number): number =>
  ((bytes[at] as number) << 8) | (bytes[at + 1] as number)

const u32 = (bytes: Uint8Array, at: number): number => u16(bytes, at) * 0x10000 + u16(bytes, at + 2)

/** Most addresses of a request are not set yet. */
const addressAt = (bytes: Uint8Array, at: number): Ipv4 =>
  u32(bytes, at) === 0 ? Ipv4.ANY : Ipv4.fromBytes(bytes, at)

const textAt = (bytes: Uint8Array, at: number, byteCount: number): string =>
  bytes[at] === 0 ? '' : textFromBytes(bytes.subarray(at, at + byteCount))

/**
 * The options, and those the sender put into `file` (overload bit 0) and `sname` (bit 1): RFC 2132
 * §9.3, read in the order of RFC 3396 §5.
 */
function readAreas(bytes: Uint8Array): Result<{ raw: RawOptions; overload: number }> {
  const raw: RawOptions = new Map()
  const main = readOptionArea(bytes.subarray(OPTIONS_AT), raw)
  if (!main.ok) return main
  const overload = raw.get(OVERLOAD)?.[0] ?? 0
  raw.delete(OVERLOAD)
  if (overload === 0) return ok({ raw, overload })
  const bootFile = bytes.subarray(BOOT_FILE_AT, BOOT_FILE_AT + BOOT_FILE_BYTES)
  const serverName = bytes.subarray(SERVER_NAME_AT, SERVER_NAME_AT + SERVER_NAME_BYTES)
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
  view.setUint32(CIADDR_AT, Ipv4.toNumber(packet.ciaddr))
  view.setUint32(YIADDR_AT, Ipv4.toNumber(packet.yiaddr))
  view.setUint32(SIADDR_AT, Ipv4.toNumber(packet.siaddr))
  view.setUint32(GIADDR_AT, Ipv4.toNumber(packet.giaddr))
  bytes.set(packet.chaddr, CHADDR_AT)
  bytes.set(field(packet.serverName, SERVER_NAME_BYTES), SERVER_NAME_AT)
  bytes.set(field(packet.bootFile, BOOT_FILE_BYTES), BOOT_FILE_AT)
  view.setUint32(HEADER_BYTES, MAGIC_COOKIE)

  const pairs = encodeOptions(packet.options)
  const relay = packet.options.relayAgent
  const kept = 1 + (relay === undefined ? 0 : optionBytes(relay))
  let at = OPTIONS_AT
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
