import { assert } from '@brickyard/std/assert'
import { fromHex, toHex } from '@brickyard/std/hex'
import { err, ok } from '@brickyard/std/result'
import type { OptionCodec } from '../option-codec.ts'

/**
 * RFC 4578 §2.3: type 0 and the 16 bytes of the SMBIOS system UUID, as text
 * `00112233-4455-6677-8899-aabbccddeeff`. The bytes are taken in the order they have on the wire:
 * SMBIOS keeps the first three groups little-endian and firmware copies them as they lie, so
 * compare two such texts only when both came the same way.
 */
export const clientUuid: OptionCodec<string> = {
  code: 97,
  decode(bytes) {
    if (bytes.length !== 17 || bytes[0] !== 0) {
      return err(`option 97 has ${bytes.length} bytes, type ${bytes[0]}; expected 17 bytes, type 0`)
    }
    const hex = toHex(bytes.subarray(1))
    const groups = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20)]
    return ok([...groups, hex.slice(20)].join('-'))
  },
  encode(uuid) {
    const bytes = fromHex(uuid)
    assert(bytes.ok && bytes.value.length === 16, `no UUID: ${uuid}`)
    return Uint8Array.of(0, ...bytes.value)
  },
}
