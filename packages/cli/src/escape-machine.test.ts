import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ESCAPE_START, stepEscape, type EscapeDeed, type EscapeState } from './escape-machine.ts'

function pressed(...pieces: readonly string[]): string[] {
  let state: EscapeState = ESCAPE_START
  const told: string[] = []
  for (const piece of pieces) {
    const step = stepEscape(state, new TextEncoder().encode(piece))
    state = step.state
    told.push(...step.deeds.map(inWords))
  }
  return told
}

const inWords = (deed: EscapeDeed): string =>
  deed.kind === 'type' ? `type ${new TextDecoder().decode(deed.bytes)}` : deed.kind

describe('escapes', () => {
  it('are told as the first keys of a line, in one piece or in several', () => {
    expect(pressed('~.')).toEqual(['leave'])
    expect(pressed('ls\r~', 'B')).toEqual(['type ls\r', 'break'])
    expect(pressed('~?~t~r~X')).toEqual(['help', 'take', 'release', 'take-over'])
  })

  it('are typed where they are none', () => {
    expect(pressed('a~.')).toEqual(['type a~.'])
    expect(pressed('~~.')).toEqual(['type ~.'])
    expect(pressed('~q')).toEqual(['type ~q'])
    expect(pressed('~', '\r~.')).toEqual(['type ~\r', 'leave'])
  })

  it('lose nothing of keys without a ~, however they come', () => {
    const plain = fc.array(fc.string().map((text) => text.replaceAll('~', '')))
    fc.assert(
      fc.property(plain, (pieces) => {
        const typed = pressed(...pieces).map((deed) => deed.slice('type '.length))
        expect(typed.join('')).toBe(pieces.join(''))
      }),
    )
  })
})
