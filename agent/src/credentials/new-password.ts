import { assert } from '@brickyard/std/assert'

/** What IPMI 2.0 takes (§22.30) and Redfish BMCs that share their users with IPMI. */
export const PASSWORD_CHARS = 20
/** What IPMI 1.5 took; some BMCs take no more to this day, and a few cut the rest off without a word. */
export const PASSWORD_CHARS_SHORT = 16

const UPPER = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'
const LOWER = 'abcdefghijklmnopqrstuvwxyz'
const DIGITS = '0123456789'
/** No quote, blank, `@`, `%` or backslash: web pages and shells of BMCs have choked on each. */
const MARKS = '-_'
const ALL = UPPER + LOWER + DIGITS + MARKS
/** One of each: BMCs ask for three or four kinds of letters. */
const KINDS = [UPPER, LOWER, DIGITS, MARKS]

/** A password of `chars` letters, one from each byte of `entropy`: 6 bits a letter after the first four. */
export function passwordOf(entropy: Uint8Array, chars: number): string {
  assert(entropy.length >= chars && chars >= KINDS.length, 'there is a byte for every letter')
  let text = ''
  for (let at = 0; at < chars; at++) {
    const letters = KINDS[at] ?? ALL
    text += letters.charAt((entropy[at] ?? 0) % letters.length)
  }
  return text
}
