import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import vectors from '../vectors/wire.json' with { type: 'json' }
import { BODY_CHARS_MAX, BODY_LINES_MAX, encodeLines, parseLines } from './wire-lines.ts'

describe('lines of the installer wire', () => {
  it.each(vectors.good)('reads and writes: $name', ({ text, fields, canonical }) => {
    const parsed = parseLines(text)
    expect(parsed).toEqual({ ok: true, value: new Map(Object.entries(fields)) })
    expect(encodeLines(Object.fromEntries(Object.entries(fields)))).toBe(canonical)
  })

  it.each(vectors.bad)('refuses: $name', ({ text }) => {
    expect(parseLines(text).ok).toBe(false)
  })

  it('refuses what is too long to be a body', () => {
    expect(parseLines(`a=${'x'.repeat(BODY_CHARS_MAX)}`).ok).toBe(false)
    expect(parseLines('\n'.repeat(BODY_LINES_MAX + 1)).ok).toBe(false)
  })

  it('gives back any value it wrote', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (value) => {
        const parsed = parseLines(encodeLines({ reason: value }))
        return parsed.ok && parsed.value.get('reason') === value
      }),
    )
  })

  it('never throws, whatever arrives', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }),
        (text) => typeof parseLines(text).ok === 'boolean',
      ),
    )
  })
})
