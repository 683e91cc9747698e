/** Strings that firmware gives when it has no version to give. */
const SENTINELS: readonly string[] = [
  '',
  'undefined',
  'null',
  'unknown',
  'none',
  'n/a',
  'na',
  '-',
  'not specified',
  'not available',
  'not applicable',
  'default string',
  'to be filled by o.e.m.',
  '$product_version',
]

/** True for a missing version, a placeholder, or one made of zeroes alone (`0.0.0`). */
export function isSentinel(text: string | null | undefined): text is null | undefined {
  if (text === null || text === undefined) return true
  const plain = text.trim().toLowerCase()
  return SENTINELS.includes(plain) || /^v?0+(\.0+)+$/.test(plain)
}
