import { Ipv4 } from '@brickyard/model/ipv4'
import type { LeaseAnswer } from './lease-machine.ts'
import type { LeaseNetwork } from './lease-table.ts'
import { optionOffsets } from './option-area.ts'
import { type DhcpPacket, encodePacket, OPTIONS_AT, replyBytesMax } from './packet.ts'
import { clientId } from './options/client-id.ts'
import { messageType } from './options/message-type.ts'
import { relayAgent } from './options/relay-agent.ts'
import { buildReply, type ReplyExtras } from './reply.ts'

type SentAnswer = Exclude<LeaseAnswer, { kind: 'silent' }>
type LeaseGiven = Extract<LeaseAnswer, { readonly leaseSeconds: number }>

/** Writes the packet that carries an answer; the bytes are the caller's. */
export type WriteReply = (
  request: DhcpPacket,
  answer: SentAnswer,
  extras: ReplyExtras,
) => Uint8Array

/** Different answers kept: a rack's sleds, each with firmware, iPXE and OS. Beyond it all are made anew. */
const PATTERNS_MAX = 512
/** Answers are cut from pieces of this size: memory of their own would cost each more than its bytes do. */
const PIECE_BYTES = 64 * 1024
const OPTION_BYTES_MAX = 255

/** An answer that was written once, and where in it stands what differs for the next client. */
interface Pattern {
  readonly bytes: Uint8Array
  readonly typeAt: number
  readonly clientIdAt: number | undefined
  readonly relayAgentAt: number | undefined
}

/**
 * `encodePacket(buildReply(…))` for one network, byte for byte. OFFERs and ACKs of clients that are
 * told the same differ in a few fields alone, so the rest is copied from the first of them.
 */
export function createReplyWriter(network: LeaseNetwork): WriteReply {
  const patterns = new Map<string, Pattern>()
  let piece = new Uint8Array(PIECE_BYTES)
  let used = 0

  function copyOf(bytes: Uint8Array): Uint8Array {
    if (used + bytes.length > piece.length) {
      // Not overwritten: an answer may still be on its way out.
      piece = new Uint8Array(PIECE_BYTES)
      used = 0
    }
    const copy = piece.subarray(used, used + bytes.length)
    used += bytes.length
    copy.set(bytes)
    return copy
  }

  return (request, answer, extras) => {
    const bytesMax = replyBytesMax(request)
    const isLease = answer.kind === 'offer' || answer.kind === 'ack'
    // A longer one is in pieces (RFC 3396).
    const idBytes = request.options.clientId?.length ?? 0
    if (!isLease || idBytes > OPTION_BYTES_MAX) {
      return encodePacket(buildReply(request, answer, network, extras), bytesMax)
    }
    const key = keyOf(request, answer, extras, bytesMax)
    const pattern = patterns.get(key)
    if (pattern !== undefined) return fill(copyOf(pattern.bytes), pattern, request, answer)
    const bytes = encodePacket(buildReply(request, answer, network, extras), bytesMax)
    if (patterns.size >= PATTERNS_MAX) patterns.clear()
    const options = optionOffsets(bytes, OPTIONS_AT)
    patterns.set(key, {
      bytes: bytes.slice(),
      typeAt: options.get(messageType.code) as number,
      clientIdAt: options.get(clientId.code),
      relayAgentAt: options.get(relayAgent.code),
    })
    return bytes
  }
}

/** Everything that decides which bytes stand where, but for those that `fill` writes. */
function keyOf(
  { hardwareType, chaddr, options }: DhcpPacket,
  { leaseSeconds }: LeaseGiven,
  { boot, hostName }: ReplyExtras,
  bytesMax: number,
): string {
  const { clientId: id, relayAgent: relay } = options
  const sizes = `${bytesMax} ${chaddr.length} ${id?.length ?? ''} ${relay?.length ?? ''}`
  const told = boot && `${boot.nextServer ?? ''} ${boot.vendorClass ?? ''} ${boot.file}`
  return `${hardwareType} ${sizes} ${leaseSeconds} ${hostName ?? ''} ${told ?? ''}`
}

function fill(
  bytes: Uint8Array,
  { typeAt, clientIdAt, relayAgentAt }: Pattern,
  request: DhcpPacket,
  answer: LeaseGiven,
): Uint8Array {
  const isOffer = answer.kind === 'offer'
  putU32(bytes, 4, request.xid)
  bytes[10] = request.broadcast ? 0x80 : 0
  putU32(bytes, 12, Ipv4.toNumber(isOffer ? Ipv4.ANY : request.ciaddr))
  putU32(bytes, 16, Ipv4.toNumber(answer.address))
  putU32(bytes, 24, Ipv4.toNumber(request.giaddr))
  bytes.set(request.chaddr, 28)
  bytes[typeAt] = isOffer ? 2 : 5
  const { clientId: id, relayAgent: relay } = request.options
  if (clientIdAt !== undefined && id !== undefined) bytes.set(id, clientIdAt)
  if (relayAgentAt !== undefined && relay !== undefined) bytes.set(relay, relayAgentAt)
  return bytes
}

function putU32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 24
  bytes[at + 1] = value >>> 16
  bytes[at + 2] = value >>> 8
  bytes[at + 3] = value
}
