/** What makers leave in a serial field that nobody filled, in lower case. */
const PLACEHOLDERS: readonly string[] = [
  'to be filled by o.e.m.',
  'default string',
  'not specified',
  'not available',
  'system serial number',
  'chassis serial number',
  'serial number',
  'none',
  'n/a',
  'na',
  'unknown',
  'null',
  'empty',
]

/**
 * True for a serial that says nothing about which sled this is: empty, a maker's placeholder, one
 * sign repeated, or a run of counting digits such as `0123456789` (seen on real boards, some with
 * letters after it: `01234567890123456789AB`).
 */
export function isPlaceholderSerial(serial: string | undefined): boolean {
  const plain = serial?.trim().toLowerCase() ?? ''
  if (plain === '' || PLACEHOLDERS.includes(plain)) return true
  if (/^(.)\1*$/.test(plain)) return true
  return (
    plain.length >= 8 && '12345678901234567890123456789'.includes(plain.replace(/^0|[ab]+$/g, ''))
  )
}
