import type { CageDeclaration, SledForm } from '@brickyard/model/rack'
import { SLED_FORMS } from '@brickyard/model/rack'
import { describe, expect, it } from 'vitest'
import { cellOf, rackUnitOfRow, slotCount, slotsCovered, slotsOfForm } from './cage-geometry.ts'

const cage = (heightRackUnits: 8 | 12): CageDeclaration => ({
  name: 'a',
  heightRackUnits,
  generation: 'v1',
  rackUnit: 3,
})

const starts = (form: SledForm): number[] =>
  Array.from({ length: slotCount(cage(8)) }, (_, i) => i + 1).filter(
    (slot) => slotsCovered(cage(8), slot, form).ok,
  )

describe('the slots of a cage', () => {
  it('are two for each rack unit', () => {
    expect([slotCount(cage(8)), slotCount(cage(12))]).toEqual([16, 24])
  })

  it('take each form only where it fits', () => {
    expect(starts('half-width')).toHaveLength(16)
    expect(starts('double-wide')).toEqual([1, 3, 5, 7, 9, 11, 13, 15])
    expect(starts('double-high')).toEqual([1, 2, 5, 6, 9, 10, 13, 14])
    expect(starts('double-high-wide')).toEqual([1, 5, 9, 13])
  })

  it('are covered in the groups of the published numbering', () => {
    expect(slotsCovered(cage(12), 7, 'half-width')).toEqual({ ok: true, value: [7] })
    expect(slotsCovered(cage(12), 7, 'double-wide')).toEqual({ ok: true, value: [7, 8] })
    expect(slotsCovered(cage(12), 6, 'double-high')).toEqual({ ok: true, value: [6, 8] })
    expect(slotsCovered(cage(12), 21, 'double-high-wide')).toEqual({
      ok: true,
      value: [21, 22, 23, 24],
    })
  })

  it('are never covered beyond the cage, and as many as the form has feeds', () => {
    for (const height of [8, 12] as const) {
      for (const form of SLED_FORMS) {
        for (let slot = -1; slot <= slotCount(cage(height)) + 2; slot++) {
          const covered = slotsCovered(cage(height), slot, form)
          if (!covered.ok) continue
          expect(covered.value).toHaveLength(slotsOfForm(form))
          expect(Math.max(...covered.value)).toBeLessThanOrEqual(slotCount(cage(height)))
        }
      }
    }
  })

  it('refuse what cannot sit there, saying where it could', () => {
    expect(slotsCovered(cage(8), 17, 'half-width')).toEqual({
      ok: false,
      error: 'slot 17 is not in cage a; its slots are 1 to 16',
    })
    expect(slotsCovered(cage(8), 2, 'double-wide')).toEqual({
      ok: false,
      error: 'a double-wide sled cannot start at slot 2; it starts at an odd slot (1, 3, 5 …)',
    })
  })
})

describe('the drawing of a cage', () => {
  it('covers with its rectangle exactly the slots that the sled covers', () => {
    for (const form of SLED_FORMS) {
      for (const slot of starts(form)) {
        const { row, column, rows, columns } = cellOf(slot, form)
        const drawn: number[] = []
        for (let r = row; r < row + rows; r++) {
          for (let c = column; c < column + columns; c++) drawn.push((r - 1) * 2 + c + 1)
        }
        expect(slotsCovered(cage(8), slot, form)).toEqual({ ok: true, value: drawn })
      }
    }
  })

  it('puts row 1 at the lowest rack unit of the cage', () => {
    expect([rackUnitOfRow(cage(8), 1), rackUnitOfRow(cage(8), 8)]).toEqual([3, 10])
  })
})
