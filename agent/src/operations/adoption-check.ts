import type { SledDeclaration } from '@brickyard/model/rack'
import type { SledState } from '@brickyard/model/sled-lifecycle'
import type { SledRecord } from './sled-record.ts'

/** States in which nothing of ours was ever begun on a sled, or in which that is not known. */
const NOT_YET_OURS: ReadonlySet<SledState> = new Set(['seen', 'discovered', 'held', 'missing'])

/** True for a sled that the rack document calls adopted and that nobody has given to us since. */
export const isDeclaredAdopted = (
  declared: Pick<SledDeclaration, 'adopted'>,
  record: SledRecord | undefined,
): boolean => declared.adopted === true && record?.adoptionReleased !== true

/**
 * Why nothing may be changed on a sled that ran before us; undefined when it may. A sled that was
 * inspected or installed by us is ours, whatever is declared of it later.
 */
export function checkTouchable(
  declared: Pick<SledDeclaration, 'adopted'> | undefined,
  record: SledRecord | undefined,
): string | undefined {
  const adopted =
    record?.state === 'adopted' ||
    (declared !== undefined &&
      isDeclaredAdopted(declared, record) &&
      (record === undefined || NOT_YET_OURS.has(record.state)))
  return adopted ? 'it is adopted and only watched until its adoption is released' : undefined
}
