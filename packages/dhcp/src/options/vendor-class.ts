import { err, ok } from '@brickyard/std/result'
import type { OptionCodec } from '../option-codec.ts'
import { bytesFromText, textFromBytes } from '../text.ts'

/**
 * RFC 2132 §9.13. Network firmware writes `PXEClient:Arch:00007:UNDI:003016` (PXE 2.1 §2.2.3) or
 * `HTTPClient:Arch:00016:UNDI:003001` (UEFI 2.10 §24.7); anything else is a vendor's own text.
 */
export const vendorClass: OptionCodec<string> = {
  code: 60,
  decode(bytes) {
    const value = textFromBytes(bytes)
    return value === '' ? err('option 60 is empty; expected text') : ok(value)
  },
  encode: bytesFromText,
}
