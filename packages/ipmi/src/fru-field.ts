import type { ByteReader, ByteWriter } from '@brickyard/std/bytes'
import { assert } from '@brickyard/std/assert'
import { toHex } from '@brickyard/std/hex'

/** Ends the list of fields in an area (Platform Management FRU 1.0 §13). */
export const END_OF_FIELDS = 0xc1
/** Six bits of length. */
export const FIELD_BYTES_MAX = 63

const BCD_PLUS = '0123456789 -.:,_'

/** Characters of six bits each, packed four to three bytes, least significant first (FRU 1.0 §13.3). */
export function sixBitText(bytes: Uint8Array): string {
  let text = ''
  let bits = 0
  let held = 0
  for (const byte of bytes) {
    held |= byte << bits
    bits += 8
    while (bits >= 6) {
      text += String.fromCharCode((held & 0x3f) + 0x20)
      held >>>= 6
      bits -= 6
    }
  }
  return text
}

/** Two characters a byte out of sixteen: digits and a few signs (FRU 1.0 §13.1). */
export const bcdPlusText = (bytes: Uint8Array): string =>
  Array.from(bytes, (b) => `${BCD_PLUS[b >> 4]}${BCD_PLUS[b & 0x0f]}`).join('')

function fieldText(type: number, bytes: Uint8Array): string {
  if (type === 0) return toHex(bytes)
  if (type === 1) return bcdPlusText(bytes)
  return type === 2 ? sixBitText(bytes) : new TextDecoder('latin1').decode(bytes)
}

/**
 * Reads one type/length field (FRU 1.0 §13): binary as hex, BCD plus, 6-bit ASCII or 8-bit text.
 * Padding (spaces, NULs) and unprintable characters are cut away; undefined at the end of the list.
 */
export function takeField(reader: ByteReader): string | undefined {
  const head = reader.u8()
  if (reader.short || head === END_OF_FIELDS) return undefined
  const bytes = reader.take(head & 0x3f)
  if (reader.short) return undefined
  return fieldText(head >> 6, bytes)
    .replace(/[^\x20-\x7e\xa0-\xff]/g, '')
    .trim()
}

/** Writes one field as 8-bit text. A single character would read as the end mark, so it is padded. */
export function putField(writer: ByteWriter, text: string): void {
  const padded = text.length === 1 ? `${text} ` : text
  assert(padded.length <= FIELD_BYTES_MAX, `FRU field '${text}' is longer than 63 bytes`)
  writer.u8(0xc0 | padded.length)
  for (const char of padded) writer.u8(char.charCodeAt(0) & 0xff)
}
