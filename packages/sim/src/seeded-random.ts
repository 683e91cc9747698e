import type { Random } from '@brickyard/runtime/random'

/** A Random that gives the same bytes for the same seed, and independent streams by name. */
export interface SeededRandom extends Random {
  /** A number in [0, 1). */
  fraction(): number
  /** A whole number from 0 up to (not including) `limit`. */
  below(limit: number): number
  /** A stream of its own: what one part draws never shifts what another part sees. */
  fork(name: string): SeededRandom
}

/** FNV-1a, to turn a seed and a name into 32 bits. */
function hash32(text: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) {
    hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193) >>> 0
  }
  return hash
}

/** `sfc32` (Chris Doty-Humphrey's small fast counter), seeded from a text. Not for secrets. */
export function seededRandom(seed: string | number): SeededRandom {
  const name = String(seed)
  let a = hash32(`${name}/a`)
  let b = hash32(`${name}/b`)
  let c = hash32(`${name}/c`)
  let counter = 1
  const next32 = (): number => {
    const sum = (((a + b) | 0) + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = ((c << 21) | (c >>> 11)) + sum
    return sum >>> 0
  }
  // The first outputs still show the seed's pattern.
  for (let i = 0; i < 12; i++) next32()
  const fraction = (): number => next32() / 2 ** 32
  return {
    bytes(count) {
      const bytes = new Uint8Array(count)
      for (let at = 0; at < count; at++) bytes[at] = next32() >>> 24
      return bytes
    },
    fraction,
    below: (limit) => Math.floor(fraction() * limit),
    fork: (part) => seededRandom(`${name}/${part}`),
  }
}
