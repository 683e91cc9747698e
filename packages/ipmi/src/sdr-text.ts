import { assert } from '@brickyard/std/assert'
import type { ByteReader, ByteWriter } from '@brickyard/std/bytes'
import { bcdPlusText, sixBitText } from './fru-field.ts'

const TEXT_8_BIT = 0xc0
/** Five bits of length, of which the specification lets an ID string use 16. */
const LENGTH_MASK = 0x1f
export const SDR_NAME_BYTES_MAX = 16

/**
 * Reads an ID string with its type/length byte (IPMI 2.0 §43.15): Unicode, BCD plus, packed 6-bit
 * ASCII or 8-bit ASCII. A string cut short by the record's end is read as far as it goes.
 */
export function takeSdrText(reader: ByteReader): string {
  const head = reader.u8()
  const bytes = reader.take(Math.min(head & LENGTH_MASK, reader.remaining))
  return decodeText(head >> 6, bytes)
    .replace(/\p{Cc}/gu, '')
    .trim()
}

function decodeText(type: number, bytes: Uint8Array): string {
  if (type === 0) return new TextDecoder('utf-16le').decode(bytes)
  if (type === 1) return bcdPlusText(bytes)
  return type === 2 ? sixBitText(bytes) : new TextDecoder('latin1').decode(bytes)
}

/** Writes an ID string as 8-bit text. */
export function putSdrText(writer: ByteWriter, text: string): void {
  assert(text.length <= SDR_NAME_BYTES_MAX, `SDR name '${text}' is longer than 16 bytes`)
  writer.u8(TEXT_8_BIT | text.length)
  for (const char of text) writer.u8(char.charCodeAt(0) & 0xff)
}
