/**
 * Compares firmware versions. Vendors number as they please; of 28 real strings only 4 are semantic
 * versions. Each family of strings has a scheme, and what a scheme cannot read is `unknown`, never
 * a guess.
 */
import { dottedDashInt, dottedInt } from './schemes/dotted.ts'
import { hexOctets } from './schemes/hex-octets.ts'
import { hpeIlo, hpeRom } from './schemes/hpe.ts'
import { intelNvm, nvidiaNic } from './schemes/nic.ts'
import { lenovoXcc } from './schemes/lenovo-xcc.ts'
import { prefixNum } from './schemes/prefix-num.ts'
import { smcBios } from './schemes/smc-bios.ts'
import { isSentinel } from './schemes/sentinel.ts'
import type { ParseVersion, VersionKey } from './schemes/version-key.ts'

export const SCHEME_IDS = [
  'dotted-int',
  'dotted-dash-int',
  'hpe-rom',
  'hpe-ilo',
  'hex-octets',
  'smc-bios',
  'prefix-num',
  'intel-nvm',
  'nvidia-nic',
  'lenovo-xcc',
  'opaque',
] as const
export type SchemeId = (typeof SCHEME_IDS)[number]

/**
 * `incomparable`: both are versions, but of lines that have no common order. `unknown`: at least
 * one says nothing, or contradicts itself.
 */
export type Comparison = 'lt' | 'eq' | 'gt' | 'incomparable' | 'unknown'

/** Longer strings are no version; bounds what a hostile BMC can make us read. */
const VERSION_CHARS_MAX = 128

const PARSERS: Readonly<Record<Exclude<SchemeId, 'opaque'>, ParseVersion>> = {
  'dotted-int': dottedInt,
  'dotted-dash-int': dottedDashInt,
  'hpe-rom': hpeRom,
  'hpe-ilo': hpeIlo,
  'hex-octets': hexOctets,
  'smc-bios': smcBios,
  'prefix-num': prefixNum,
  'intel-nvm': intelNvm,
  'nvidia-nic': nvidiaNic,
  'lenovo-xcc': lenovoXcc,
}

export interface CompareOptions {
  /** For `opaque`: the known versions from the oldest to the newest, each with all its spellings. */
  readonly order?: readonly (readonly string[])[]
  /** Only the leading numbers of `a` are known. */
  readonly truncated?: boolean | undefined
}

/** How version `a` stands to version `b`. */
export function compareVersions(
  scheme: SchemeId,
  a: string | null | undefined,
  b: string | null | undefined,
  { order = [], truncated = false }: CompareOptions = {},
): Comparison {
  if (isSentinel(a) || isSentinel(b)) return 'unknown'
  if (a.length > VERSION_CHARS_MAX || b.length > VERSION_CHARS_MAX) return 'unknown'
  if (scheme === 'opaque') return compareOpaque(a.trim(), b.trim(), order)
  const [left, right] = [PARSERS[scheme](a.trim()), PARSERS[scheme](b.trim())]
  return left === undefined || right === undefined ? 'unknown' : compareKeys(left, right, truncated)
}

/** True when a scheme can read the text at all. */
export function isReadable(scheme: SchemeId, text: string): boolean {
  if (isSentinel(text) || text.length > VERSION_CHARS_MAX) return false
  return scheme === 'opaque' || PARSERS[scheme](text.trim()) !== undefined
}

function compareOpaque(a: string, b: string, order: readonly (readonly string[])[]): Comparison {
  if (a === b) return 'eq'
  const at = (text: string): number => order.findIndex((spellings) => spellings.includes(text))
  const [left, right] = [at(a), at(b)]
  if (left < 0 || right < 0) return 'incomparable'
  return left === right ? 'eq' : left < right ? 'lt' : 'gt'
}

function compareKeys(a: VersionKey, b: VersionKey, truncated: boolean): Comparison {
  const familiesDiffer = a.family !== '' && b.family !== '' && a.family !== b.family
  if (familiesDiffer) return 'incomparable'
  for (let i = 0; i < Math.max(a.numbers.length, b.numbers.length); i++) {
    const difference = (a.numbers[i] ?? 0) - (b.numbers[i] ?? 0)
    if (difference !== 0 && truncated && i >= a.numbers.length) return 'unknown'
    if (difference !== 0) return difference < 0 ? 'lt' : 'gt'
  }
  if (a.identity !== b.identity) return 'incomparable'
  if (a.build === undefined || b.build === undefined || a.build === b.build) return 'eq'
  if (a.buildOrders && b.buildOrders) return a.build < b.build ? 'lt' : 'gt'
  return 'unknown'
}
