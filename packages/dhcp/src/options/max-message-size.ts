import { ByteWriter } from '@brickyard/std/bytes'
import { err, ok } from '@brickyard/std/result'
import type { OptionCodec } from '../option-codec.ts'

/** The least a client may state, and what every client must take: an IP datagram of 576 bytes. */
export const MESSAGE_SIZE_BYTES_MIN = 576

/** RFC 2132 §9.10: the longest IP datagram (headers counted) the sender takes. */
export const maxMessageSizeBytes: OptionCodec<number> = {
  code: 57,
  decode(bytes) {
    const size = bytes.length === 2 ? ((bytes[0] as number) << 8) | (bytes[1] as number) : -1
    return size < MESSAGE_SIZE_BYTES_MIN
      ? err(`option 57 is [${bytes.subarray(0, 4).join(' ')}]; expected two bytes, 576 or more`)
      : ok(size)
  },
  encode: (size) => new ByteWriter(2).u16(size).done(),
}
