import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { deploymentState, nextAssignment } from './assignment-lifecycle.ts'
import { planChanges } from './plan.ts'

const documents = fc.dictionary(
  fc.constantFrom('rack', 'assignment/a', 'assignment/b', 'assignment/c'),
  fc.jsonValue({ maxDepth: 2 }),
  { noNullPrototype: true },
)

describe('the plan of a site’s documents', () => {
  it('brings any stored documents to the wanted ones, and then has nothing left to do', () => {
    fc.assert(
      fc.property(documents, documents, (before, wanted) => {
        const stored = new Map(
          Object.entries(before).map(([key, value]) => [key, JSON.stringify(value)]),
        )
        const changes = planChanges(stored, wanted)
        for (const [key, body] of Object.entries(changes?.put ?? {})) stored.set(key, body)
        for (const key of changes?.remove ?? []) stored.delete(key)
        const texts = Object.entries(wanted).map(([key, value]) => [key, JSON.stringify(value)])
        expect(Object.fromEntries(stored)).toEqual(Object.fromEntries(texts))
        expect(planChanges(stored, wanted)).toBeUndefined()
      }),
    )
  })
})

describe('an assignment', () => {
  const states = ['assigned', 'provisioning', 'in-use', 'releasing', 'released', 'failed'] as const
  const operation = (kind: string, state: string, reason: string | null = null) =>
    ({ kind, state, reason }) as Parameters<typeof nextAssignment>[1]

  it('stays released, whatever an operation still says', () => {
    for (const kind of ['inspect', 'provision', 'release', 'power', 'identify']) {
      for (const state of ['waiting', 'running', 'done', 'failed', 'cancelled']) {
        expect(nextAssignment('released', operation(kind, state))).toBeUndefined()
      }
    }
  })

  it('is not brought back to life by a provision that ends while it is given back', () => {
    expect(nextAssignment('releasing', operation('provision', 'done'))).toBeUndefined()
    expect(nextAssignment('releasing', operation('provision', 'cancelled'))).toBeUndefined()
    expect(nextAssignment('releasing', operation('release', 'done'))?.state).toBe('released')
  })

  it('always has a reason when it failed', () => {
    for (const state of states) {
      for (const kind of ['provision', 'release']) {
        const next = nextAssignment(state, operation(kind, 'failed'))
        if (next !== undefined)
          expect(next).toEqual({ state: 'failed', reason: expect.stringMatching(/./) })
      }
    }
  })

  it('does not notice power, inspection or the LED', () => {
    for (const kind of ['power', 'inspect', 'identify']) {
      expect(nextAssignment('in-use', operation(kind, 'failed'))).toBeUndefined()
    }
  })
})

describe('a deployment', () => {
  it.each([
    ['refused', [], 'refused'],
    ['placed', ['assigned'], 'provisioning'],
    ['placed', ['in-use', 'provisioning'], 'provisioning'],
    ['placed', ['in-use', 'in-use'], 'in-use'],
    ['placed', ['in-use', 'failed'], 'failed'],
    ['placed', ['releasing', 'released'], 'releasing'],
    ['placed', ['released', 'released'], 'released'],
  ] as const)('%s with %j is %s', (decision, states, state) => {
    const assignments = states.map((each) => ({
      state: each,
      wanted:
        each === 'releasing' || each === 'released' ? ('released' as const) : ('running' as const),
    }))
    expect(deploymentState(decision, assignments)).toBe(state)
  })
})
