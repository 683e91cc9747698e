/**
 * Witnesses: independent observations that tie a sled to a place in the rack.
 *
 * No Open19 signal names a slot by itself, so what counts is where an observation comes from. The
 * data port and the power feed of a slot are wired apart from each other; only an observation on
 * each of these two paths proves a place. DHCP and a BMC's identity prove that a sled is alive and
 * who it is, at an address that the declaration ties to a place: a path of its own, weaker.
 */
import type { SledName } from '@brickyard/model/names'
import type { PlaceKey } from './place.ts'

export const WITNESS_KINDS = [
  'declaration',
  'dhcp',
  'bmc-identity',
  'fdb',
  'lldp',
  'option-82',
  'feed',
] as const
export type WitnessKind = (typeof WITNESS_KINDS)[number]

/** What a kind of witness travels over. `data` and `power` are wired to the slot itself. */
export type WitnessPath = 'paper' | 'address' | 'data' | 'power'

export function witnessPath(kind: WitnessKind): WitnessPath {
  switch (kind) {
    case 'declaration':
      return 'paper'
    case 'dhcp':
    case 'bmc-identity':
      return 'address'
    case 'fdb':
    case 'lldp':
    case 'option-82':
      return 'data'
    case 'feed':
      return 'power'
  }
}

export interface Witness {
  readonly kind: WitnessKind
  /** Who was seen; undefined when it is nobody we know (a stranger's serial or MAC). */
  readonly sled: SledName | undefined
  /** Where it was seen. */
  readonly place: PlaceKey
  /** What was seen, in words a person understands. */
  readonly detail: string
  /** When, on the agent's monotonic clock. */
  readonly atMs: number
  /** From when on it no longer counts; undefined for a declaration, which does not age. */
  readonly expiresAtMs?: number | undefined
}
