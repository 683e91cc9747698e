/**
 * The life of a sled (DESIGN.md §3): which states there are and which may follow which.
 * Every state a sled can wait in carries a reason, a since and, where it is passing, a deadline.
 */
export const SLED_STATES = [
  'seen',
  'discovered',
  'inspected',
  'ready',
  'reserved',
  'provisioning',
  'in-use',
  'releasing',
  'held',
  'quarantined',
  'missing',
  'failed',
  'adopted',
  'removed-unwiped',
] as const
export type SledState = (typeof SLED_STATES)[number]

/** Passing states: a sled never stays in one for ever, an operation with a deadline owns it. */
export const PASSING_STATES: readonly SledState[] = ['reserved', 'provisioning', 'releasing']

const SETBACKS: readonly SledState[] = ['held', 'quarantined', 'missing', 'failed']

const NEXT: Readonly<Record<SledState, readonly SledState[]>> = {
  seen: ['discovered', 'inspected', 'adopted'],
  discovered: ['inspected', 'adopted'],
  inspected: ['ready'],
  ready: ['reserved', 'provisioning', 'inspected'],
  reserved: ['provisioning', 'ready'],
  provisioning: ['in-use', 'releasing'],
  'in-use': ['releasing'],
  releasing: ['ready', 'removed-unwiped'],
  held: ['seen', 'discovered', 'inspected', 'ready', 'in-use', 'releasing'],
  quarantined: ['releasing', 'inspected', 'removed-unwiped'],
  missing: ['seen', 'discovered', 'inspected', 'ready', 'in-use', 'removed-unwiped'],
  failed: ['inspected', 'ready', 'provisioning', 'releasing', 'removed-unwiped'],
  adopted: ['discovered', 'releasing'],
  'removed-unwiped': [],
}

/** True when a sled may go from `from` to `to`. Any state but the last may fall into a setback. */
export function maySledGo(from: SledState, to: SledState): boolean {
  if (from === to) return true
  if (from === 'removed-unwiped') return false
  return SETBACKS.includes(to) || NEXT[from].includes(to)
}

/** The states somebody could bring a sled to from here, for messages and buttons. */
export const waysOut = (from: SledState): readonly SledState[] => NEXT[from]
