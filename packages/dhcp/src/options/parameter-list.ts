import { ok } from '@brickyard/std/result'
import type { OptionCodec } from '../option-codec.ts'

/** RFC 2132 §9.8: the options a client wants, most wanted first. Any number is legal, known or not. */
export const parameterList: OptionCodec<readonly number[]> = {
  code: 55,
  decode: (bytes) => ok(Array.from(bytes)),
  encode: (codes) => Uint8Array.from(codes),
}
