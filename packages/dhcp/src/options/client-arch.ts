import { err, ok } from '@brickyard/std/result'
import type { OptionCodec } from '../option-codec.ts'

/**
 * RFC 4578 §2.1 (numbers: RFC 5970 §3.3 and IANA): the processor architectures the client's
 * firmware can boot, 16 bits each, preferred first. 0 BIOS x86, 7 and 9 UEFI x64, 11 UEFI arm64,
 * 16 UEFI x64 by HTTP, 19 UEFI arm64 by HTTP.
 */
export const clientArchitectures: OptionCodec<readonly number[]> = {
  code: 93,
  decode(bytes) {
    if (bytes.length === 0 || bytes.length % 2 !== 0) {
      return err(`option 93 has ${bytes.length} bytes; expected a multiple of 2`)
    }
    const list: number[] = []
    for (let at = 0; at < bytes.length; at += 2) {
      list.push(((bytes[at] as number) << 8) | (bytes[at + 1] as number))
    }
    return ok(list)
  },
  encode: (list) => Uint8Array.from(list.flatMap((arch) => [arch >>> 8, arch & 0xff])),
}
