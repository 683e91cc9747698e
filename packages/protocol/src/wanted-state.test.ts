import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { applyWanted, EMPTY_WANTED, wantedDelta, type WantedState } from './wanted-state.ts'

const documents = fc.dictionary(
  fc.constantFrom('rack', 'assignment/a', 'assignment/b', 'baseline/x', 'policy'),
  fc.jsonValue(),
  { noNullPrototype: true },
)
const state = (generation: number, of: Readonly<Record<string, unknown>>): WantedState => ({
  generation,
  documents: of,
})

describe('the wanted state', () => {
  it('comes from any state to any newer one by its delta', () => {
    fc.assert(
      fc.property(
        documents,
        documents,
        fc.nat(50),
        fc.integer({ min: 1, max: 50 }),
        (a, b, g, up) => {
          const [from, to] = [state(g, a), state(g + up, b)]
          const delta = wantedDelta(from, to)
          const applied = applyWanted(from, delta)
          if (!applied.ok) throw new Error(applied.error.kind)
          expect(applied.value.generation).toBe(to.generation)
          expect(JSON.parse(JSON.stringify(applied.value.documents))).toEqual(
            JSON.parse(JSON.stringify(to.documents)),
          )
        },
      ),
    )
  })

  it('carries in a delta only what changed', () => {
    fc.assert(
      fc.property(documents, fc.nat(50), (a, g) => {
        const delta = wantedDelta(state(g, a), state(g + 1, structuredClone(a)))
        expect(delta).toMatchObject({ put: {}, remove: [] })
      }),
    )
  })

  it('forgets everything before a whole state', () => {
    const whole = { generation: 9, base: null, put: { rack: 1 }, remove: [] }
    const applied = applyWanted(state(3, { policy: 1 }), whole)
    expect(applied).toEqual({ ok: true, value: { generation: 9, documents: { rack: 1 } } })
  })

  it('never goes back, stands still, or takes a delta on what it does not hold', () => {
    const held = state(5, { rack: 1 })
    for (const generation of [4, 5]) {
      const offered = { generation, base: null, put: {}, remove: [] }
      expect(applyWanted(held, offered)).toMatchObject({ error: { kind: 'older-generation' } })
    }
    for (const base of [4, 6]) {
      const offered = { generation: 9, base, put: {}, remove: [] }
      expect(applyWanted(held, offered)).toMatchObject({ error: { kind: 'gap', held: 5, base } })
    }
    expect(applyWanted(EMPTY_WANTED, { generation: 1, base: 0, put: {}, remove: [] }).ok).toBe(true)
  })

  it('ends the same however often deltas are repeated', () => {
    fc.assert(
      fc.property(
        fc.array(documents, { minLength: 1, maxLength: 6 }),
        fc.array(fc.nat(5)),
        (steps, again) => {
          const states = [EMPTY_WANTED, ...steps.map((of, i) => state(i + 1, of))]
          const deltas = steps.map((_, i) =>
            wantedDelta(states[i] as WantedState, states[i + 1] as WantedState),
          )
          let held: WantedState = EMPTY_WANTED
          for (const [i, delta] of deltas.entries()) {
            const taken = applyWanted(held, delta)
            if (taken.ok) held = taken.value
            const repeated = deltas[Math.min(i, again[i] ?? 0)]
            if (repeated !== undefined) expect(applyWanted(held, repeated).ok).toBe(false)
          }
          expect(held.generation).toBe(steps.length)
        },
      ),
    )
  })
})
