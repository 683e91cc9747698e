import type { Sled } from '@brickyard/api/schemas'
import type { SledForm } from '@brickyard/model/rack'
import { describe, expect, it } from 'vitest'
import { nextBrick, planRack, UNIT_HEIGHT, type Box, type Direction } from './plan.ts'
import { sledSample } from './sled-sample.ts'

const WIDTH = 500
const rack = {
  site: 'edge-1',
  networks: [],
  cages: [{ name: 'a', heightRackUnits: 8, generation: 'v1', rackUnit: 3 }],
}

const inSlot = (name: string, slot: number, form: SledForm = 'half-width'): Sled =>
  sledSample({ name, position: { kind: 'slot', cage: 'a', slot, form } })

const overlap = (a: Box, b: Box): boolean =>
  a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height

describe('planRack', () => {
  it('draws row 1 of a cage at its rack unit, odd slots left', () => {
    const plan = planRack(rack, [inSlot('one', 1), inSlot('two', 2), inSlot('three', 3)], WIDTH)
    const [three, one, two] = plan.bricks
    expect([three?.sled.name, one?.sled.name, two?.sled.name]).toEqual(['three', 'one', 'two'])
    // The cage fills units 3 to 10: unit 3 is the eighth row from the top.
    expect(Math.floor((one?.box.y ?? 0) / UNIT_HEIGHT)).toBe(7)
    expect(three?.box.x).toBe(one?.box.x)
    expect(two?.box.x).toBeGreaterThan(one?.box.x ?? 0)
  })

  it('gives every slot to one sled or to the hatch, without overlap, for every form', () => {
    const sleds = [
      inSlot('wide', 1, 'double-wide'),
      inSlot('high', 5, 'double-high'),
      inSlot('half', 6),
      inSlot('big', 9, 'double-high-wide'),
    ]
    const plan = planRack(rack, sleds, WIDTH)
    // 16 slots, of which 2 + 2 + 1 + 4 are covered.
    expect(plan.emptySlots).toHaveLength(16 - 9)
    const boxes = [...plan.bricks, ...plan.emptySlots].map(({ box }) => box)
    for (const [index, box] of boxes.entries()) {
      for (const other of boxes.slice(index + 1)) expect(overlap(box, other)).toBe(false)
      expect(box.x).toBeGreaterThanOrEqual(0)
      expect(box.x + box.width).toBeLessThanOrEqual(WIDTH)
      expect(box.y + box.height).toBeLessThanOrEqual(plan.height)
    }
  })

  it('names a sled whose place is not in the rack instead of hiding it', () => {
    const lost = sledSample({
      name: 'lost',
      position: { kind: 'slot', cage: 'b', slot: 1, form: 'half-width' },
    })
    const plan = planRack(rack, [lost, inSlot('low', 99)], WIDTH)
    expect(plan.bricks).toEqual([])
    expect(plan.unplaced.map(({ why }) => why)).toEqual([
      'no cage is called b',
      'slot 99 is not in cage a; its slots are 1 to 16',
    ])
  })

  it('draws a plain server over the rack units it fills', () => {
    const plan = planRack(
      rack,
      [sledSample({ position: { kind: 'rack-unit', unit: 12, heightRackUnits: 2 } })],
      WIDTH,
    )
    expect(plan.height).toBe(13 * UNIT_HEIGHT)
    expect(plan.bricks[0]).toMatchObject({ place: 'units 12–13' })
    expect(plan.bricks[0]?.box.y).toBeLessThan(UNIT_HEIGHT)
  })
})

describe('nextBrick', () => {
  const plan = planRack(
    rack,
    [
      inSlot('s1', 1),
      inSlot('s2', 2),
      inSlot('s3', 3),
      inSlot('s4', 4),
      inSlot('s5', 5, 'double-wide'),
    ],
    WIDTH,
  )
  const go = (from: string, direction: Direction): string | undefined => {
    const index = plan.bricks.findIndex(({ sled }) => sled.name === from)
    const next = nextBrick(plan.bricks, index, direction)
    return next === undefined ? undefined : plan.bricks[next]?.sled.name
  }

  it('follows columns and rows', () => {
    expect(go('s1', 'up')).toBe('s3')
    expect(go('s3', 'right')).toBe('s4')
    expect(go('s4', 'down')).toBe('s2')
    expect(go('s2', 'left')).toBe('s1')
    expect(go('s4', 'up')).toBe('s5')
  })

  it('stays where nothing lies that way', () => {
    expect(go('s1', 'down')).toBeUndefined()
    expect(go('s5', 'up')).toBeUndefined()
  })
})
