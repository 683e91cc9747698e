import { SLED_STATES } from '@brickyard/model/sled-lifecycle'
import { describe, expect, it } from 'vitest'
import { lookOf } from './sled-look.ts'
import { sledSample } from './sled-sample.ts'

describe('lookOf', () => {
  it('says that a sled known by its declaration alone has not been seen', () => {
    expect(lookOf(sledSample())).toMatchObject({ unseen: true, said: { word: 'not seen yet' } })
    expect(lookOf(sledSample({ serial: 'X1' })).unseen).toBe(false)
    expect(lookOf(sledSample({ state: 'missing', serial: 'X1' })).unseen).toBe(true)
  })

  it('shows a change as pending until the site begins it', () => {
    const assigned = { state: 'ready', assignment: 'a-1' } as const
    expect(lookOf(sledSample(assigned)).pending).toBe(true)
    expect(lookOf(sledSample({ ...assigned, currentOperation: 'o-1' })).pending).toBe(false)
    expect(lookOf(sledSample({ state: 'in-use', assignment: 'a-1' })).pending).toBe(false)
  })

  it('tells every state by its word, and the grave ones by shape as well', () => {
    const said = SLED_STATES.map((state) => lookOf(sledSample({ state, serial: 'X1' })).said)
    expect(new Set(said.map(({ word }) => word)).size).toBe(SLED_STATES.length)
    const grave = ['in-use', 'held', 'quarantined', 'missing', 'failed', 'ready'] as const
    const shapes = grave.map((state) => lookOf(sledSample({ state, serial: 'X1' })).said.shape)
    expect(new Set(shapes).size).toBe(grave.length)
  })
})
