import { describe, expect, it } from 'vitest'
import { maySledGo, SLED_STATES, waysOut } from './sled-lifecycle.ts'

describe('the life of a sled', () => {
  it('follows the plan of the house from seen to ready again', () => {
    const life = [
      'seen',
      'discovered',
      'inspected',
      'ready',
      'reserved',
      'provisioning',
      'in-use',
      'releasing',
      'ready',
    ] as const
    for (let i = 1; i < life.length; i++) {
      expect(
        maySledGo(life[i - 1] as (typeof life)[number], life[i] as (typeof life)[number]),
      ).toBe(true)
    }
  })

  it('never places a sled that was not inspected, nor one removed unwiped', () => {
    expect(maySledGo('seen', 'ready')).toBe(false)
    expect(maySledGo('discovered', 'provisioning')).toBe(false)
    for (const state of SLED_STATES) {
      if (state !== 'removed-unwiped') expect(maySledGo('removed-unwiped', state)).toBe(false)
    }
  })

  it('never hands a used sled on without releasing it', () => {
    expect(maySledGo('in-use', 'ready')).toBe(false)
    expect(maySledGo('in-use', 'provisioning')).toBe(false)
  })

  it('lets every state but the last fall into a setback, and every setback has a way out', () => {
    for (const setback of ['held', 'quarantined', 'missing', 'failed'] as const) {
      for (const state of SLED_STATES) {
        expect(maySledGo(state, setback)).toBe(state !== 'removed-unwiped')
      }
      expect(waysOut(setback).length).toBeGreaterThan(0)
    }
  })
})
