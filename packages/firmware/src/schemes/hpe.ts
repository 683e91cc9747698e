import { readDate, readNumbers, type ParseVersion } from './version-key.ts'

/**
 * System ROM: `U46 v2.34 (03/11/2025)`. The family names the server; the date is only a check: the
 * same number with another date is a contradiction.
 */
export const hpeRom: ParseVersion = (text) => {
  const found = /^([A-Z]\d{2,3}) v(\d+)\.(\d+)(?: \(([\d/]+)\))?$/.exec(text)
  if (found === null) return undefined
  const [, family = '', major = '', minor = '', date] = found
  const numbers = readNumbers([major, minor])
  return numbers && { family, numbers, build: date === undefined ? undefined : readDate(date) }
}

/**
 * iLO: `3.11 Feb 25 2025`, `1.17.00 Aug 13 2025`, `iLO 6 v1.66`, or the bare `2.46` of IPMI. The
 * generation is a product: iLO 5 3.11 is neither older nor newer than iLO 6 1.66.
 */
export const hpeIlo: ParseVersion = (text) => {
  const found = /^(?:iLO (\d+) )?v?(\d+(?:\.\d+){1,2})(?: ([A-Za-z]{3} \d{1,2} \d{4}))?$/.exec(text)
  if (found === null) return undefined
  const [, generation, number = '', date] = found
  const numbers = readNumbers(number.split('.'))
  const family = generation === undefined ? '' : `iLO ${generation}`
  return numbers && { family, numbers, build: date === undefined ? undefined : readDate(date) }
}
