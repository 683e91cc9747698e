import { err, ok } from '@brickyard/std/result'
import type { OptionCodec } from '../option-codec.ts'

/**
 * RFC 2132 §9.14: opaque bytes, a type and a value (hardware address, UUID, RFC 4361 DUID). Kept
 * as they came: it is echoed in answers (RFC 6842) and must not pass through any text encoding.
 */
export const clientId: OptionCodec<Uint8Array> = {
  code: 61,
  decode: (bytes) =>
    bytes.length >= 2 ? ok(bytes) : err(`option 61 has ${bytes.length} bytes; expected 2 or more`),
  encode: (bytes) => bytes,
}
