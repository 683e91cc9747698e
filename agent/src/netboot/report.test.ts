import type { Clock } from '@brickyard/runtime/clock'
import { describe, expect, it } from 'vitest'
import { type NetbootEvent, printable, reportOnce } from './report.ts'

describe('reportOnce', () => {
  it('tells of the same thing once in ten minutes, of another occasion at once', () => {
    let nowMs = 0
    const told: NetbootEvent[] = []
    const clock = { monotonicMs: () => nowMs } as Clock
    const tell = reportOnce((event) => void told.push(event), clock)
    const event = { kind: 'netboot.served', body: { sled: 'sled-01' } }
    tell(event)
    tell(event)
    expect(told).toHaveLength(1)
    tell(event, 'another intent')
    tell({ ...event, body: { sled: 'sled-02' } })
    expect(told).toHaveLength(3)
    nowMs += 600_000
    tell(event)
    expect(told).toHaveLength(4)
  })

  it('remembers a bounded number of things', () => {
    let told = 0
    const tell = reportOnce(() => told++, { monotonicMs: () => 0 } as Clock)
    for (let n = 0; n < 3000; n++) tell({ kind: 'a', body: { n } })
    tell({ kind: 'a', body: { n: 2999 } })
    tell({ kind: 'a', body: { n: 0 } })
    expect(told).toBe(3001)
  })
})

describe('printable', () => {
  it('bounds and cleans what came from a packet', () => {
    expect(printable('a\u001b[31mb\u00e9')).toBe('a?[31mb?')
    expect(printable('x'.repeat(500))).toHaveLength(120)
  })
})
