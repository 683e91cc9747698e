import type { Sled } from '@brickyard/api/schemas'
import { SLED_SAID, type Said } from '../ui/state-words.ts'

/** How a sled is drawn: beyond its state, whether it was ever seen and whether a wish is under way. */
export interface SledLook {
  readonly said: Said
  /** Dashed: declared here, and nothing has been seen of it. */
  readonly unseen: boolean
  /** Double border: something is wanted that the site has not begun. */
  readonly pending: boolean
  readonly stale: boolean
}

/** A sled that nothing but its declaration tells of. */
export const isUnseen = (sled: Sled): boolean =>
  sled.state === 'missing' ||
  (sled.state === 'seen' && sled.serial === null && sled.powerAsOfMs === null)

/** Assigned, and its site has not begun the operation. */
export const isPending = (sled: Sled): boolean =>
  sled.assignment !== null &&
  sled.currentOperation === null &&
  (sled.state === 'ready' || sled.state === 'reserved')

export function lookOf(sled: Sled): SledLook {
  const unseen = isUnseen(sled)
  return {
    said:
      unseen && sled.state === 'seen'
        ? { word: 'not seen yet', shape: 'gap', tone: 'rest' }
        : SLED_SAID[sled.state],
    unseen,
    pending: isPending(sled),
    stale: sled.stale,
  }
}
