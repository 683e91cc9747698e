import type { CageDeclaration, Position } from '@brickyard/model/rack'
import type { SledName } from '@brickyard/model/names'
import { formatProblem } from '@brickyard/std/problem'
import { describe, expect, it } from 'vitest'
import { describePlace, layOutRack, placeOf } from './place.ts'

const cages: readonly CageDeclaration[] = [
  { name: 'a', heightRackUnits: 8, generation: 'v1', rackUnit: 1 },
]
const inSlot = (slot: number, form: 'half-width' | 'double-wide' = 'half-width'): Position => ({
  kind: 'slot',
  cage: 'a',
  slot,
  form,
})
const sled = (name: string, position: Position) => ({ name: name as SledName, position })
const problems = (...sleds: ReturnType<typeof sled>[]) =>
  layOutRack(cages, sleds).problems.map(formatProblem)

describe('a rack laid out', () => {
  it('knows who is declared where', () => {
    const { occupant, problems } = layOutRack(cages, [
      sled('one', inSlot(3, 'double-wide')),
      sled('two', { kind: 'rack-unit', unit: 20, heightRackUnits: 2 }),
    ])
    expect(problems).toEqual([])
    expect(Object.fromEntries(occupant)).toEqual({
      'a/slot-3': 'one',
      'a/slot-4': 'one',
      'unit-20': 'two',
      'unit-21': 'two',
    })
  })

  it('refuses two sleds in one slot', () => {
    expect(problems(sled('one', inSlot(3, 'double-wide')), sled('two', inSlot(4)))).toEqual([
      "sleds[1].position is 'two'; expected a free place; a/slot-4 is taken by one",
    ])
  })

  it('refuses an unknown cage, a rack unit inside a cage and an absurd height', () => {
    const elsewhere: Position = { kind: 'slot', cage: 'b', slot: 1, form: 'half-width' }
    expect(problems(sled('one', elsewhere))[0]).toContain("there is no cage 'b'")
    const inCage: Position = { kind: 'rack-unit', unit: 8, heightRackUnits: 2 }
    expect(problems(sled('one', inCage))[0]).toContain('8 belongs to cage a')
    const tower: Position = { kind: 'rack-unit', unit: 20, heightRackUnits: 1e9 }
    expect(problems(sled('one', tower))[0]).toContain('a height of 1 to 100')
  })

  it('refuses cages that overlap or share a name', () => {
    const both = (second: CageDeclaration) => layOutRack([...cages, second], []).problems
    const cage: CageDeclaration = { name: 'b', heightRackUnits: 8, generation: 'v1', rackUnit: 8 }
    expect(both(cage)[0]?.field).toBe('cages[1].rackUnit')
    expect(both({ ...cage, name: 'a', rackUnit: 9 })[0]?.field).toBe('cages[1].name')
    expect(both({ ...cage, rackUnit: 9 })).toEqual([])
  })
})

describe('a place', () => {
  it('is named by its first slot or lowest unit', () => {
    expect([placeOf(inSlot(3)), describePlace(inSlot(3))]).toEqual(['a/slot-3', 'cage a, slot 3'])
    const unit: Position = { kind: 'rack-unit', unit: 20, heightRackUnits: 2 }
    expect([placeOf(unit), describePlace(unit)]).toEqual(['unit-20', 'rack unit 20'])
  })
})
