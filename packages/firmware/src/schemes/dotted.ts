import { readNumbers, type ParseVersion } from './version-key.ts'

/** `4.22.00.00`, `2.8.1`, `v1.71.11`: whole numbers, a missing one is 0, so `01.01.06` is `1.1.6`. */
export const dottedInt: ParseVersion = (text) => {
  const numbers = readNumbers(text.replace(/^[vV]/, '').split('.'))
  return numbers && { family: '', numbers }
}

/** `52.30.0-6753`: as above, and what follows a dash counts as one more number. */
export const dottedDashInt: ParseVersion = (text) => {
  const numbers = readNumbers(text.replace(/^[vV]/, '').split(/[.-]/))
  return numbers && { family: '', numbers }
}
