import { readNumbers, type ParseVersion } from './version-key.ts'

/**
 * `0x16`, `0a`, `00.1B.53`, `97.10.3E.00.05`: every part in base 16. A string with another number
 * of parts belongs to another line of products.
 */
export const hexOctets: ParseVersion = (text) => {
  const parts = text.replace(/^0[xX]/, '').split('.')
  const numbers = readNumbers(parts, 16)
  return numbers && { family: `${parts.length} parts`, numbers }
}
