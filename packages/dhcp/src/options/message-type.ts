import { err, ok } from '@brickyard/std/result'
import type { OptionCodec } from '../option-codec.ts'

/** RFC 2132 §9.6; the position is the number on the wire. */
export const MESSAGE_TYPES = [
  undefined,
  'discover',
  'offer',
  'request',
  'decline',
  'ack',
  'nak',
  'release',
  'inform',
] as const
export type MessageType = Exclude<(typeof MESSAGE_TYPES)[number], undefined>

export const messageType: OptionCodec<MessageType> = {
  code: 53,
  decode(bytes) {
    const type = bytes.length === 1 ? MESSAGE_TYPES[bytes[0] as number] : undefined
    return type === undefined
      ? err(`option 53 is [${bytes.subarray(0, 4).join(' ')}]; expected one byte 1..8`)
      : ok(type)
  },
  encode: (type) => Uint8Array.of(MESSAGE_TYPES.indexOf(type)),
}
