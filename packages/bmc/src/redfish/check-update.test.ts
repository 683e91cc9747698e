import { describe, expect, it } from 'vitest'
import { checkUpdate } from './check-update.ts'

const outcome = (end: 'completed' | 'failed' | 'cancelled' | 'vanished' | 'unfinished') => ({
  end,
  state: undefined,
  messages: [],
})
const same = { before: '1.0', after: '1.0' }

describe('what became of an update', () => {
  it('is what reads back, whatever the task said', () => {
    for (const end of ['completed', 'failed', 'vanished', 'unfinished'] as const) {
      expect(checkUpdate(outcome(end), { before: '1.0', after: '1.1' }, false)).toBe('applied')
    }
    expect(checkUpdate(outcome('completed'), same, false)).toBe('unchanged')
    expect(checkUpdate(outcome('completed'), same, true)).toBe('staged')
    expect(checkUpdate(outcome('failed'), same, true)).toBe('failed')
    expect(checkUpdate(outcome('cancelled'), same, false)).toBe('failed')
  })

  it('is unknown where a task vanished, or nothing reads back', () => {
    expect(checkUpdate(outcome('vanished'), same, true)).toBe('unknown')
    expect(checkUpdate(outcome('unfinished'), same, false)).toBe('unknown')
    expect(checkUpdate(undefined, same, false)).toBe('unknown')
    expect(checkUpdate(outcome('completed'), { before: '1.0', after: undefined }, false)).toBe(
      'unknown',
    )
    expect(checkUpdate(outcome('completed'), { before: undefined, after: '1.0' }, false)).toBe(
      'unknown',
    )
  })
})
