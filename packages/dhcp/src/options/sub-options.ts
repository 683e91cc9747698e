/** Options that hold options: `code length value` one after another (RFC 2132 §8.4, RFC 3046 §2.0). */
export type SubOptions = ReadonlyMap<number, Uint8Array>

/**
 * Reads sub-options; undefined when a length runs past the end. `padAndEnd` is RFC 2132 §8.4's
 * convention (0 pads, 255 ends), which option 82 does not have.
 */
export function decodeSubOptions(bytes: Uint8Array, padAndEnd: boolean): SubOptions | undefined {
  const found = new Map<number, Uint8Array>()
  let at = 0
  while (at < bytes.length) {
    const code = bytes[at++] as number
    if (padAndEnd && code === 0) continue
    if (padAndEnd && code === 255) break
    const length = bytes[at++]
    if (length === undefined || at + length > bytes.length) return undefined
    found.set(code, bytes.subarray(at, at + length))
    at += length
  }
  return found
}
