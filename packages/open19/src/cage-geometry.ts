/**
 * Where the slots of an Open19 cage are and which of them a sled covers.
 *
 * A cage is two columns wide. Slots are numbered from 1: odd numbers in the left column, even ones
 * in the right, two per rack unit, so slot 2r-1 and 2r share row r. The groups that wider and
 * taller sleds cover follow the only numbering published for this hardware, the logical units of
 * the LinkedIn shelf firmware (`power-lun.sh`): {n}, {n, n+1}, {n, n+2}, {n … n+3}.
 *
 * No public text says at which physical end slot 1 sits; row 1 is drawn lowest, as rack units
 * count. What is declared for a site, and a light blinking in front of a person, decide.
 */
import type { CageDeclaration, SledForm } from '@brickyard/model/rack'
import { err, ok, type Result } from '@brickyard/std/result'

export const COLUMNS = 2
/** Every block of two rack units holds four slots; a double-high sled never crosses such a block. */
const SLOTS_PER_BLOCK = 4

/** A rectangle of slots: `row` from 1 (lowest as drawn), `column` 0 left or 1 right. */
export interface Cell {
  readonly row: number
  readonly column: 0 | 1
  readonly rows: 1 | 2
  readonly columns: 1 | 2
}

/** Number of half-width slots in a cage: two for each rack unit. */
export const slotCount = (cage: CageDeclaration): number => cage.heightRackUnits * COLUMNS

/** Feeds of a sled of this form: one for each slot it covers. */
export const slotsOfForm = (form: SledForm): 1 | 2 | 4 =>
  form === 'half-width' ? 1 : form === 'double-high-wide' ? 4 : 2

/** The offsets from its slot number that a form covers. */
function offsets(form: SledForm): readonly number[] {
  switch (form) {
    case 'half-width':
      return [0]
    case 'double-wide':
      return [0, 1]
    case 'double-high':
      return [0, 2]
    case 'double-high-wide':
      return [0, 1, 2, 3]
  }
}

/** Which slots may be the first of a form, for messages. */
function startsAt(slot: number, form: SledForm): boolean {
  const inBlock = ((slot - 1) % SLOTS_PER_BLOCK) + 1
  switch (form) {
    case 'half-width':
      return true
    case 'double-wide':
      return slot % 2 === 1
    case 'double-high':
      return inBlock === 1 || inBlock === 2
    case 'double-high-wide':
      return inBlock === 1
  }
}

const START_RULE: Readonly<Record<SledForm, string>> = {
  'half-width': 'in any slot',
  'double-wide': 'at an odd slot (1, 3, 5 …)',
  'double-high': 'at the first or second slot of a block of four (1, 2, 5, 6, 9 …)',
  'double-high-wide': 'at the first slot of a block of four (1, 5, 9 …)',
}

/** The slots a sled of `form` covers when its first slot is `slot`; refused when it cannot sit there. */
export function slotsCovered(
  cage: CageDeclaration,
  slot: number,
  form: SledForm,
): Result<readonly number[]> {
  const last = slotCount(cage)
  if (!Number.isInteger(slot) || slot < 1 || slot > last) {
    return err(`slot ${slot} is not in cage ${cage.name}; its slots are 1 to ${last}`)
  }
  if (!startsAt(slot, form)) {
    return err(`a ${form} sled cannot start at slot ${slot}; it starts ${START_RULE[form]}`)
  }
  return ok(offsets(form).map((offset) => slot + offset))
}

/** The rectangle a sled takes in a drawing of the cage. Its slot must have passed `slotsCovered`. */
export function cellOf(slot: number, form: SledForm): Cell {
  return {
    row: Math.ceil(slot / COLUMNS),
    column: slot % COLUMNS === 1 ? 0 : 1,
    rows: form === 'double-high' || form === 'double-high-wide' ? 2 : 1,
    columns: form === 'double-wide' || form === 'double-high-wide' ? 2 : 1,
  }
}

/** The rack unit, counted from 1 at the floor, that holds a row of a cage. */
export const rackUnitOfRow = (cage: CageDeclaration, row: number): number => cage.rackUnit + row - 1
