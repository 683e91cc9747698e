import { readNumbers, type ParseVersion } from './version-key.ts'

/** `11A-1.02`: the build (a number, then letters in alphabetical order), then the version. */
export const lenovoXcc: ParseVersion = (text) => {
  const found = /^(\d+)([A-Z])-(\d+)\.(\d+)$/.exec(text)
  if (found === null) return undefined
  const [, build = '', letter = '', major = '', minor = ''] = found
  const numbers = readNumbers([build, String(letter.charCodeAt(0)), major, minor])
  return numbers && { family: '', numbers }
}
