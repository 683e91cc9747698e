import { seededRandom } from '@brickyard/sim/seeded-random'
import { describe, expect, it } from 'vitest'
import { PASSWORD_CHARS, PASSWORD_CHARS_SHORT, passwordOf } from './new-password.ts'

describe('a new password', () => {
  const random = seededRandom('passwords')
  const made = (chars: number): string => passwordOf(random.bytes(32), chars)

  it('has as many letters as asked for, one of each kind that BMCs ask for, and none that they choke on', () => {
    for (let n = 0; n < 500; n++) {
      for (const chars of [PASSWORD_CHARS, PASSWORD_CHARS_SHORT]) {
        const password = made(chars)
        expect(password).toMatch(new RegExp(`^[A-Za-z0-9_-]{${chars}}$`))
        for (const kind of [/[A-Z]/, /[a-z]/, /[0-9]/, /[_-]/]) expect(password).toMatch(kind)
      }
    }
  })

  it('uses every letter about as often, so that none is worth guessing first', () => {
    const seen = new Map<string, number>()
    for (let n = 0; n < 2000; n++) {
      for (const letter of made(20).slice(4)) seen.set(letter, (seen.get(letter) ?? 0) + 1)
    }
    expect(seen.size).toBe(64)
    const mean = (2000 * 16) / 64
    for (const count of seen.values()) expect(Math.abs(count - mean)).toBeLessThan(mean / 3)
  })
})
