import { readNumbers, type ParseVersion } from './version-key.ts'

/**
 * `F12`, `L2.07B`, `4301A42`: the letters before the number must be equal, the number orders. A
 * letter after it is a later build for one vendor and a beta for another: equal numbers that differ
 * in it have no order.
 */
export const prefixNum: ParseVersion = (text) => {
  const found = /^([A-Za-z0-9]*[A-Za-z])(\d+(?:\.\d+)*)([A-Za-z]?)$/.exec(text)
  if (found === null) return undefined
  const [, family = '', number = '', suffix = ''] = found
  const numbers = readNumbers(number.split('.'))
  return numbers && { family, numbers, identity: suffix }
}
