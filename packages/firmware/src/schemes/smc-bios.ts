import { readDate, readNumbers, type ParseVersion } from './version-key.ts'

/** `3.3`, `2.1b`, `1.9 2022/09/16`: a number, then a letter; the build date decides between equals. */
export const smcBios: ParseVersion = (text) => {
  const found = /^(\d+)\.(\d+)([a-z]?)(?: \(?([\d/]{10})\)?)?$/.exec(text)
  if (found === null) return undefined
  const [, major = '', minor = '', letter = '', date] = found
  const rank = letter === '' ? 0 : letter.charCodeAt(0)
  const numbers = readNumbers([major, minor, String(rank)])
  if (numbers === undefined) return undefined
  return {
    family: '',
    numbers,
    build: date === undefined ? undefined : readDate(date),
    buildOrders: true,
  }
}
