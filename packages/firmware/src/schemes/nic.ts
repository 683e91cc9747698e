import { readNumbers, type ParseVersion } from './version-key.ts'

/**
 * Intel's own form: `6.20 0x80004200 1.3353.0`, read as NVM version, EETRACK id, option ROM. The
 * EETRACK id is an identity without order: two builds of one NVM version with different ids contradict
 * each other. Dell's and HPE's numbers for the same chip are other spaces and are not read here.
 */
export const intelNvm: ParseVersion = (text) => {
  const found = /^(\d+)\.(\d+) (0x[0-9a-fA-F]{8}) (\d+)\.(\d+)\.(\d+)$/.exec(text)
  if (found === null) return undefined
  const [, major = '', minor = '', eetrack = '', ...rom] = found
  const numbers = readNumbers([major, minor])
  return numbers && readNumbers(rom) && { family: '', numbers, build: eetrack.toLowerCase() }
}

/** `16.35.4030`: the first number is the family of the chip. */
export const nvidiaNic: ParseVersion = (text) => {
  const [family = '', ...rest] = text.split('.')
  const numbers = readNumbers(rest)
  if (rest.length < 2 || readNumbers([family]) === undefined) return undefined
  return numbers && { family, numbers }
}
