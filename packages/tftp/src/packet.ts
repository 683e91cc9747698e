import { assert } from '@brickyard/std/assert'
import { ByteWriter } from '@brickyard/std/bytes'
import { err, ok, type Result } from '@brickyard/std/result'

/**
 * TFTP packets (RFC 1350 §5, options RFC 2347 §2):
 *
 *     RRQ, WRQ   | 1 or 2 | name | 0 | mode | 0 | option | 0 | value | 0 | …
 *     DATA       | 3 | block u16 | 0..blksize bytes |
 *     ACK        | 4 | block u16 |
 *     ERROR      | 5 | code u16 | message | 0 |
 *     OACK       | 6 | option | 0 | value | 0 | …
 */
export type TftpPacket =
  | {
      readonly kind: 'read' | 'write'
      readonly name: string
      /** Lower case: `octet`, `netascii` or something unknown. */
      readonly mode: string
      readonly options: TftpOptions
    }
  | { readonly kind: 'data'; readonly block: number; readonly bytes: Uint8Array }
  | { readonly kind: 'ack'; readonly block: number }
  | { readonly kind: 'error'; readonly code: number; readonly message: string }
  | { readonly kind: 'oack'; readonly options: TftpOptions }

/** Options by name, names in lower case since RFC 2347 §2 makes them case-insensitive. */
export type TftpOptions = ReadonlyMap<string, string>

/** RFC 1350 §5 and RFC 2347 §2. */
export const TFTP_ERROR = {
  undefinedError: 0,
  fileNotFound: 1,
  accessViolation: 2,
  illegalOperation: 4,
  unknownTransfer: 5,
  optionRefused: 8,
} as const

const OPCODE = { read: 1, write: 2, data: 3, ack: 4, error: 5, oack: 6 } as const
const DATA_HEADER_BYTES = 4
/** A request fits one 512-byte datagram (RFC 2347 §2); some firmware is a little longer. */
const REQUEST_BYTES_MAX = 1024
/** What firmware sends is four options; more is not a boot client. */
const OPTIONS_MAX = 16

/** Reads a datagram. Total: any bytes give a packet or an error text, in linear time. */
export function decodeTftp(bytes: Uint8Array): Result<TftpPacket> {
  if (bytes.length < 2) return err(`${bytes.length} bytes are too few for TFTP`)
  const opcode = ((bytes[0] as number) << 8) | (bytes[1] as number)
  if (opcode === OPCODE.read || opcode === OPCODE.write) {
    return decodeRequest(opcode === OPCODE.read ? 'read' : 'write', bytes)
  }
  if (opcode === OPCODE.oack) {
    const options = decodeOptions(fieldsOf(bytes.subarray(2, REQUEST_BYTES_MAX)))
    return options.ok ? ok({ kind: 'oack', options: options.value }) : options
  }
  if (opcode < OPCODE.data || opcode > OPCODE.oack) return err(`opcode ${opcode}; expected 1 to 6`)
  if (bytes.length < 4) return err(`${bytes.length} bytes are too few for opcode ${opcode}`)
  const number = ((bytes[2] as number) << 8) | (bytes[3] as number)
  switch (opcode) {
    case OPCODE.data:
      return ok({ kind: 'data', block: number, bytes: bytes.subarray(4) })
    case OPCODE.ack:
      return ok({ kind: 'ack', block: number })
    default: {
      const [message = ''] = fieldsOf(bytes.subarray(4, REQUEST_BYTES_MAX))
      return ok({ kind: 'error', code: number, message })
    }
  }
}

function decodeRequest(kind: 'read' | 'write', bytes: Uint8Array): Result<TftpPacket> {
  if (bytes.length > REQUEST_BYTES_MAX) return err(`a request of ${bytes.length} bytes is too long`)
  const [name = '', mode = '', ...rest] = fieldsOf(bytes.subarray(2))
  if (name === '' || mode === '') return err('a request without file name or mode')
  const options = decodeOptions(rest)
  if (!options.ok) return options
  return ok({ kind, name, mode: mode.toLowerCase(), options: options.value })
}

function decodeOptions(fields: readonly string[]): Result<TftpOptions> {
  if (fields.length > OPTIONS_MAX * 2) return err(`${fields.length / 2} options are too many`)
  const options = new Map<string, string>()
  for (let at = 0; at + 1 < fields.length; at += 2) {
    const name = (fields[at] as string).toLowerCase()
    // RFC 2347 §2: an option may be named once; the first one counts.
    if (!options.has(name)) options.set(name, fields[at + 1] as string)
  }
  return ok(options)
}

/** NUL-ended Latin-1 texts; a last one without its NUL is taken too, as some ROMs write it. */
function fieldsOf(bytes: Uint8Array): string[] {
  const fields: string[] = []
  let text = ''
  for (const byte of bytes) {
    if (byte === 0) {
      fields.push(text)
      text = ''
    } else text += String.fromCharCode(byte)
  }
  if (text !== '') fields.push(text)
  return fields
}

export function encodeRequest(
  kind: 'read' | 'write',
  name: string,
  options: TftpOptions = new Map(),
  mode = 'octet',
): Uint8Array {
  const writer = new ByteWriter(64).u16(OPCODE[kind])
  for (const text of [name, mode, ...[...options].flat()]) putText(writer, text)
  return writer.done()
}

export const encodeData = (block: number, bytes: Uint8Array): Uint8Array =>
  encodeBlocks(bytes, { first: block, count: 1, blockBytes: bytes.length })[0] as Uint8Array

/** How many bytes `count` DATA packets of whole blocks take. */
export const dataBytes = (count: number, blockBytes: number): number =>
  count * (DATA_HEADER_BYTES + blockBytes)

/**
 * The DATA packets of `count` blocks, the first of which has the number `first` and the first bytes
 * of `bytes`. They share one piece of memory: at full speed, an allocation for each is felt. Where
 * `memory` is given (of `dataBytes`), it is that piece.
 */
export function encodeBlocks(
  bytes: Uint8Array,
  { first, count, blockBytes }: { first: number; count: number; blockBytes: number },
  memory: Uint8Array = new Uint8Array(
    Math.min(count * blockBytes, bytes.length) + count * DATA_HEADER_BYTES,
  ),
): Uint8Array[] {
  const packets: Uint8Array[] = []
  let end = 0
  for (let n = 0; n < count; n++) {
    const block = first + n
    const content = bytes.subarray(n * blockBytes, (n + 1) * blockBytes)
    const start = end
    memory[start + 1] = OPCODE.data
    memory[start + 2] = (block >>> 8) & 0xff
    memory[start + 3] = block & 0xff
    memory.set(content, start + DATA_HEADER_BYTES)
    end = start + DATA_HEADER_BYTES + content.length
    packets.push(memory.subarray(start, end))
  }
  return packets
}

export const encodeAck = (block: number): Uint8Array =>
  Uint8Array.of(0, OPCODE.ack, (block >>> 8) & 0xff, block & 0xff)

export function encodeError(code: number, message: string): Uint8Array {
  const writer = new ByteWriter(64).u16(OPCODE.error).u16(code)
  putText(writer, message)
  return writer.done()
}

export function encodeOack(options: TftpOptions): Uint8Array {
  const writer = new ByteWriter(64).u16(OPCODE.oack)
  for (const text of [...options].flat()) putText(writer, text)
  return writer.done()
}

function putText(writer: ByteWriter, text: string): void {
  for (const character of text) {
    const code = character.charCodeAt(0)
    assert(code > 0 && code <= 0xff, `no one-byte character: ${code}`)
    writer.u8(code)
  }
  writer.u8(0)
}
