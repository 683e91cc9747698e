/** What every part of an ISO 9660 image is written with. */
export const SECTOR_BYTES = 2048

export const sectorsOf = (bytes: number): number => Math.ceil(bytes / SECTOR_BYTES)

/** The bytes, filled up with zeroes to whole sectors. */
export function padded(bytes: Uint8Array): Uint8Array {
  const length = sectorsOf(bytes.length) * SECTOR_BYTES
  if (length === bytes.length) return bytes
  const whole = new Uint8Array(length)
  whole.set(bytes)
  return whole
}

/** A number in both byte orders (ECMA-119 §7.3.3). */
export function u32both(into: Uint8Array, at: number, value: number): void {
  const view = new DataView(into.buffer, into.byteOffset)
  view.setUint32(at, value, true)
  view.setUint32(at + 4, value, false)
}

/** ECMA-119 §7.2.3. */
export function u16both(into: Uint8Array, at: number, value: number): void {
  const view = new DataView(into.buffer, into.byteOffset)
  view.setUint16(at, value, true)
  view.setUint16(at + 2, value, false)
}

/** Text in a field of `length`, filled up with spaces. */
export function text(into: Uint8Array, at: number, words: string, length = words.length): void {
  into.set(new TextEncoder().encode(words.padEnd(length)), at)
}
