import { toHex } from '@brickyard/std/hex'

/** Randomness as a port; cryptographically strong in production, seeded in simulation. */
export interface Random {
  bytes(count: number): Uint8Array
}

/** `byteCount` random bytes as lower-case hex. 16 bytes make a token nobody guesses. */
export const randomHex = (random: Random, byteCount: number): string =>
  toHex(random.bytes(byteCount))

/** A number in [0, 1) for jitter. */
export function randomFraction(random: Random): number {
  const [a = 0, b = 0, c = 0, d = 0] = random.bytes(4)
  return (a * 2 ** 24 + b * 2 ** 16 + c * 2 ** 8 + d) / 2 ** 32
}
