import { describe, expect, it } from 'vitest'
import { PART_NAMES, partsAsked } from './parts.ts'

describe('the parts of the metal suite', () => {
  it('are all run where none is named', () => {
    expect([...partsAsked(['--inside'])]).toEqual([...PART_NAMES])
  })

  it('are run alone by their names', () => {
    expect([...partsAsked(['--only', 'arm64,secure-boot'])]).toEqual(['arm64', 'secure-boot'])
  })

  it('that nobody knows are refused, and those there are named', () => {
    expect(() => partsAsked(['--only', 'life,liffe'])).toThrow(PART_NAMES.join(','))
    expect(() => partsAsked(['--only'])).toThrow(/expected some of/)
  })
})
