/** The declared places of one rack: every sled on the slots or rack units it covers, checked for overlap. */
import type { CageDeclaration, Position, SledDeclaration } from '@brickyard/model/rack'
import type { SledName } from '@brickyard/model/names'
import { problem, type Problem } from '@brickyard/std/problem'
import { slotsCovered } from './cage-geometry.ts'

declare const brand: unique symbol

/** Taller than any rack made; keeps a slip of the pen from filling memory. */
const RACK_UNITS_MAX = 100

/** One slot or rack unit as text: `cage-a/slot-7`, `unit-21`. What witnesses speak about. */
export type PlaceKey = string & { readonly [brand]: 'PlaceKey' }

export const slotPlace = (cage: string, slot: number): PlaceKey =>
  `${cage}/slot-${slot}` as PlaceKey
export const unitPlace = (unit: number): PlaceKey => `unit-${unit}` as PlaceKey

/** The place a sled is named by: its first slot, or its lowest rack unit. */
export const placeOf = (position: Position): PlaceKey =>
  position.kind === 'slot' ? slotPlace(position.cage, position.slot) : unitPlace(position.unit)

/** How a person finds it: `cage a, slot 7` or `rack unit 21`. */
export const describePlace = (position: Position): string =>
  position.kind === 'slot'
    ? `cage ${position.cage}, slot ${position.slot}`
    : `rack unit ${position.unit}`

export interface RackLayout {
  /** Who is declared in each slot or rack unit. */
  readonly occupant: ReadonlyMap<PlaceKey, SledName>
  readonly problems: readonly Problem[]
}

/** Lays declared sleds out over cages and rack units. A sled that does not fit or overlaps is a problem. */
export function layOutRack(
  cages: readonly CageDeclaration[],
  sleds: readonly Pick<SledDeclaration, 'name' | 'position'>[],
): RackLayout {
  const occupant = new Map<PlaceKey, SledName>()
  const problems: Problem[] = [...overlappingCages(cages)]
  for (const [index, sled] of sleds.entries()) {
    const field = `sleds[${index}].position`
    const covered = placesCovered(cages, sled.position)
    if (typeof covered === 'string') {
      problems.push(problem(field, sled.position, covered))
      continue
    }
    const taken = covered.find((place) => occupant.has(place))
    if (taken !== undefined) {
      const by = occupant.get(taken) as SledName
      problems.push(problem(field, sled.name, `a free place; ${taken} is taken by ${by}`))
      continue
    }
    for (const place of covered) occupant.set(place, sled.name)
  }
  return { occupant, problems }
}

/** Every place a position covers, or what is wrong with it. */
function placesCovered(
  cages: readonly CageDeclaration[],
  position: Position,
): readonly PlaceKey[] | string {
  if (position.kind === 'slot') {
    const cage = cages.find(({ name }) => name === position.cage)
    if (cage === undefined) return `a declared cage; there is no cage '${position.cage}'`
    const slots = slotsCovered(cage, position.slot, position.form)
    return slots.ok ? slots.value.map((slot) => slotPlace(cage.name, slot)) : slots.error
  }
  if (position.heightRackUnits > RACK_UNITS_MAX) return `a height of 1 to ${RACK_UNITS_MAX}`
  const units = Array.from({ length: position.heightRackUnits }, (_, i) => position.unit + i)
  for (const unit of units) {
    const cage = cages.find((c) => unit >= c.rackUnit && unit < c.rackUnit + c.heightRackUnits)
    if (cage !== undefined) return `a free rack unit; ${unit} belongs to cage ${cage.name}`
  }
  return units.map(unitPlace)
}

function* overlappingCages(cages: readonly CageDeclaration[]): Generator<Problem> {
  for (const [index, cage] of cages.entries()) {
    const other = cages
      .slice(0, index)
      .find(
        (c) =>
          c.name === cage.name ||
          (cage.rackUnit < c.rackUnit + c.heightRackUnits &&
            c.rackUnit < cage.rackUnit + cage.heightRackUnits),
      )
    if (other === undefined) continue
    yield other.name === cage.name
      ? problem(`cages[${index}].name`, cage.name, 'a name no other cage has')
      : problem(
          `cages[${index}].rackUnit`,
          cage.rackUnit,
          `rack units that cage ${other.name} does not fill`,
        )
  }
}
