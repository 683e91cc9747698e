import { assert } from '@brickyard/std/assert'

/**
 * Text as BOOTP and DHCP carry it: one byte a character (Latin-1, so nothing is lost or thrown),
 * ended by the first NUL where there is one.
 */
export function textFromBytes(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) {
    if (byte === 0) break
    text += String.fromCharCode(byte)
  }
  return text
}

/** The bytes of a text of one-byte characters; anything else is our own bug. */
export function bytesFromText(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length)
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    assert(code > 0 && code <= 0xff, 'one byte a character')
    bytes[at] = code
  }
  return bytes
}
