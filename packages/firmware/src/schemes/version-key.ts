/** What a scheme reads out of a version string. */
export interface VersionKey {
  /** Only versions of one family have an order; empty when the string does not say. */
  readonly family: string
  /** Compared one by one from the left; a missing number is 0. */
  readonly numbers: readonly number[]
  /** Between equal numbers it must be equal too, e.g. a letter whose meaning differs by vendor. */
  readonly identity?: string | undefined
  /** Looked at only between equal numbers: a build date as `YYYYMMDD`, or an id of the build. */
  readonly build?: string | undefined
  /** True where a greater `build` is a newer one; else two different ones are a contradiction. */
  readonly buildOrders?: boolean
}

/** Reads a trimmed, bounded string; undefined when it is not of this scheme. */
export type ParseVersion = (text: string) => VersionKey | undefined

/** Numbers beyond this many digits are not exact any more. */
const DIGITS_MAX = 15

/** Whole numbers in base 10 or 16; undefined when any is missing, malformed or too long. */
export function readNumbers(texts: readonly string[], base: 10 | 16 = 10): number[] | undefined {
  const digits = base === 10 ? /^\d+$/ : /^[0-9a-fA-F]+$/
  const good = texts.every(
    (text) => digits.test(text) && text.length <= DIGITS_MAX - (base - 10) / 2,
  )
  return good ? texts.map((text) => Number.parseInt(text, base)) : undefined
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']

/** `MM/DD/YYYY`, `YYYY/MM/DD` or `Mon D YYYY` as `YYYYMMDD`. */
export function readDate(text: string): string | undefined {
  const american = /^(\d\d)\/(\d\d)\/(\d{4})$/.exec(text)
  if (american !== null) return `${american[3]}${american[1]}${american[2]}`
  const ordered = /^(\d{4})\/(\d\d)\/(\d\d)$/.exec(text)
  if (ordered !== null) return `${ordered[1]}${ordered[2]}${ordered[3]}`
  const named = /^([A-Za-z]{3}) (\d{1,2}) (\d{4})$/.exec(text)
  const month = MONTHS.indexOf(named?.[1]?.toLowerCase() ?? '') + 1
  if (named === null || month === 0) return undefined
  return `${named[3]}${String(month).padStart(2, '0')}${named[2]?.padStart(2, '0')}`
}
