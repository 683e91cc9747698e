import { describe, expect, it } from 'vitest'
import { outOfReachInWords } from './site-network-troubles.ts'

describe('work that waits for a network', () => {
  it('is no trouble where none waits, and else says who waits and what to do', () => {
    expect(outOfReachInWords([])).toBeUndefined()
    expect(outOfReachInWords(['sled-01'])).toMatch(/waits for sled-01: .*only listens; .*discs/)
    const rack = Array.from({ length: 24 }, (_, n) => `sled-${n + 1}`)
    expect(outOfReachInWords(rack)).toContain('sled-8 and 16 more:')
  })
})
