import { err, ok } from '@brickyard/std/result'
import type { OptionCodec } from '../option-codec.ts'

/** Options holding a duration as an unsigned 32-bit count of seconds; 0xffffffff is for ever. */
const seconds = (code: number): OptionCodec<number> => ({
  code,
  decode: (bytes) =>
    bytes.length === 4
      ? ok(new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0))
      : err(`option ${code} has ${bytes.length} bytes; expected 4`),
  encode(value) {
    const bytes = new Uint8Array(4)
    new DataView(bytes.buffer).setUint32(0, value)
    return bytes
  },
})

/** RFC 2132 §9.2. */
export const leaseSeconds = seconds(51)
/** T1, RFC 2132 §9.11: when the client begins to renew. */
export const renewalSeconds = seconds(58)
/** T2, RFC 2132 §9.12: when the client begins to rebind. */
export const rebindingSeconds = seconds(59)
/** RFC 5071 §7: after how many seconds PXELINUX reboots when it can boot nothing. */
export const rebootSeconds = seconds(211)
