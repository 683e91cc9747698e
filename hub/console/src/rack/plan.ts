import type { SiteDetail, Sled } from '@brickyard/api/schemas'
import type { CageDeclaration } from '@brickyard/model/rack'
import { cellOf, slotCount, slotsCovered } from '@brickyard/open19/cage-geometry'

/** Where everything of a rack stands in a drawing of a given width. Pure: pixels in, pixels out. */
export const UNIT_HEIGHT = 42
const LEGEND_WIDTH = 30
const LABEL_WIDTH = 22
const GAP = 3
/** Racks are drawn up to their topmost used unit; no real rack is taller than this. */
const UNITS_MAX = 60

export interface Box {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

export interface Brick {
  readonly sled: Sled
  readonly box: Box
  /** `slot 7`, `slots 5, 7`, `unit 20`. */
  readonly place: string
}

export interface RackPlan {
  readonly width: number
  readonly height: number
  readonly units: readonly { readonly unit: number; readonly y: number }[]
  readonly cages: readonly { readonly cage: CageDeclaration; readonly box: Box }[]
  /** Slots where nothing is declared. */
  readonly emptySlots: readonly {
    readonly cage: string
    readonly slot: number
    readonly box: Box
  }[]
  /** In reading order: top to bottom, left to right. */
  readonly bricks: readonly Brick[]
  /** Sleds whose declared place is not in the rack, with why. */
  readonly unplaced: readonly { readonly sled: Sled; readonly why: string }[]
}

type Rack = NonNullable<SiteDetail['rack']>

/** Only what geometry needs, in the words of the model. */
const declared = (cage: Rack['cages'][number]): CageDeclaration => ({
  name: cage.name,
  heightRackUnits: cage.heightRackUnits === 8 ? 8 : 12,
  generation: cage.generation === 'v2' ? 'v2' : 'v1',
  rackUnit: cage.rackUnit,
})

export function planRack(rack: Rack, sleds: readonly Sled[], width: number): RackPlan {
  const cages = rack.cages.map(declared)
  const top = Math.min(UNITS_MAX, topUnit(cages, sleds))
  const inner = width - LEGEND_WIDTH - LABEL_WIDTH
  const yOf = (unit: number): number => (top - unit) * UNIT_HEIGHT
  const bricks: Brick[] = []
  const unplaced: { sled: Sled; why: string }[] = []
  const taken = new Map<string, Set<number>>(cages.map(({ name }) => [name, new Set()]))
  for (const sled of sleds) {
    const at = sled.position
    if (at.kind === 'rack-unit') {
      const last = at.unit + at.heightRackUnits - 1
      bricks.push({
        sled,
        place: at.heightRackUnits === 1 ? `unit ${at.unit}` : `units ${at.unit}–${last}`,
        box: shrunk(LEGEND_WIDTH, yOf(last), inner, at.heightRackUnits * UNIT_HEIGHT),
      })
      continue
    }
    const cage = cages.find(({ name }) => name === at.cage)
    if (cage === undefined) {
      unplaced.push({ sled, why: `no cage is called ${at.cage}` })
      continue
    }
    const slots = slotsCovered(cage, at.slot, at.form)
    if (!slots.ok) {
      unplaced.push({ sled, why: slots.error })
      continue
    }
    for (const slot of slots.value) taken.get(cage.name)?.add(slot)
    const cell = cellOf(at.slot, at.form)
    const column = inner / 2
    bricks.push({
      sled,
      place: slots.value.length === 1 ? `slot ${at.slot}` : `slots ${slots.value.join(', ')}`,
      box: shrunk(
        LEGEND_WIDTH + cell.column * column,
        yOf(cage.rackUnit + cell.row + cell.rows - 2),
        cell.columns * column,
        cell.rows * UNIT_HEIGHT,
      ),
    })
  }
  return {
    width,
    height: top * UNIT_HEIGHT,
    units: Array.from({ length: top }, (_, index) => ({ unit: index + 1, y: yOf(index + 1) })),
    cages: cages.map((cage) => ({
      cage,
      box: {
        x: LEGEND_WIDTH,
        y: yOf(cage.rackUnit + cage.heightRackUnits - 1),
        width: inner,
        height: cage.heightRackUnits * UNIT_HEIGHT,
      },
    })),
    emptySlots: cages.flatMap((cage) => freeSlots(cage, taken.get(cage.name), inner, yOf)),
    bricks: bricks.sort((a, b) => a.box.y - b.box.y || a.box.x - b.box.x),
    unplaced,
  }
}

function topUnit(cages: readonly CageDeclaration[], sleds: readonly Sled[]): number {
  const ends = [
    ...cages.map((cage) => cage.rackUnit + cage.heightRackUnits - 1),
    ...sleds.flatMap(({ position }) =>
      position.kind === 'rack-unit' ? [position.unit + position.heightRackUnits - 1] : [],
    ),
  ]
  return Math.max(1, ...ends)
}

const shrunk = (x: number, y: number, width: number, height: number): Box => ({
  x: x + GAP,
  y: y + GAP / 2,
  width: width - 2 * GAP,
  height: height - GAP,
})

function freeSlots(
  cage: CageDeclaration,
  taken: ReadonlySet<number> | undefined,
  inner: number,
  yOf: (unit: number) => number,
): { cage: string; slot: number; box: Box }[] {
  return Array.from({ length: slotCount(cage) }, (_, index) => index + 1)
    .filter((slot) => taken?.has(slot) !== true)
    .map((slot) => {
      const cell = cellOf(slot, 'half-width')
      const column = inner / 2
      return {
        cage: cage.name,
        slot,
        box: shrunk(
          LEGEND_WIDTH + cell.column * column,
          yOf(cage.rackUnit + cell.row - 1),
          column,
          UNIT_HEIGHT,
        ),
      }
    })
}

export type Direction = 'up' | 'down' | 'left' | 'right'

/** The brick an arrow key leads to from `from`: the nearest whose middle lies that way. */
export function nextBrick(
  bricks: readonly Brick[],
  from: number,
  direction: Direction,
): number | undefined {
  const here = bricks[from]
  if (here === undefined) return undefined
  const a = middle(here.box)
  let best: { index: number; cost: number } | undefined
  for (const [index, brick] of bricks.entries()) {
    if (index === from) continue
    const b = middle(brick.box)
    const [along, across] =
      direction === 'left' || direction === 'right'
        ? [direction === 'right' ? b.x - a.x : a.x - b.x, Math.abs(b.y - a.y)]
        : [direction === 'down' ? b.y - a.y : a.y - b.y, Math.abs(b.x - a.x)]
    if (along <= 1) continue
    // Straying sideways costs more than going far, so that a column is followed.
    const cost = along + across * 4
    if (best === undefined || cost < best.cost) best = { index, cost }
  }
  return best?.index
}

const middle = (box: Box): { x: number; y: number } => ({
  x: box.x + box.width / 2,
  y: box.y + box.height / 2,
})
