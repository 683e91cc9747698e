import { err, ok } from '@brickyard/std/result'
import type { OptionCodec } from '../option-codec.ts'

export interface ClientInterface {
  /** 1 is UNDI. */
  readonly type: number
  readonly major: number
  readonly minor: number
}

/** RFC 4578 §2.2: the client's network device interface, e.g. UNDI 3.16. */
export const clientInterface: OptionCodec<ClientInterface> = {
  code: 94,
  decode: (bytes) =>
    bytes.length === 3
      ? ok({ type: bytes[0] as number, major: bytes[1] as number, minor: bytes[2] as number })
      : err(`option 94 has ${bytes.length} bytes; expected 3`),
  encode: ({ type, major, minor }) => Uint8Array.of(type, major, minor),
}
