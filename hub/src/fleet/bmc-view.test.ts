import { describe, expect, it } from 'vitest'
import { exposureScore, pathText } from './bmc-view.ts'

describe('a BMC as people see it', () => {
  it('has a score that falls with each finding, by its severity, and never below nothing', () => {
    expect(exposureScore([])).toBe(100)
    expect(exposureScore([{ severity: 'critical' }, { severity: 'warning' }])).toBe(45)
    expect(exposureScore([{ severity: 'info' }])).toBe(97)
    expect(exposureScore(Array.from({ length: 9 }, () => ({ severity: 'critical' })))).toBe(0)
  })

  it('says on which way its packets go', () => {
    expect(pathText(undefined)).toBe(null)
    expect(pathText({})).toBe('on a port of its own')
    expect(
      pathText({
        path: { port: 'shared', vlan: 120, addressing: 'static', silenceSeconds: 300 },
      }),
    ).toBe(
      'on the port of its host, in VLAN 120, its address set in itself, silent up to 300 s after a switch',
    )
  })
})
