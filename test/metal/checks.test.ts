import { afterEach, describe, expect, it, vi } from 'vitest'
import { Checks } from './checks.ts'

afterEach(() => vi.restoreAllMocks())

describe('what the metal suite claims', () => {
  it('is counted, and what was not run is neither passed nor failed, and said', () => {
    const said = vi.spyOn(console, 'log').mockImplementation(() => undefined)
    const checks = new Checks()
    checks.claim('one', true)
    expect(checks.summary()).toBe('1 passed, 0 failed')
    checks.notRun('another', 'there is no source')
    expect(said).toHaveBeenLastCalledWith('not run: another: there is no source')
    expect(checks.summary()).toBe('1 passed, 0 failed, 1 not run')
  })
})
