import type { BootAttempt } from '@brickyard/model/boot-attempt'
import { bootsOf } from '@brickyard/netboot/boot-trace'
import type { BootEvent } from '@brickyard/netboot/boot-trace-events'
import { OVMF_BOOTS, OVMF_MAC } from '@brickyard/netboot/boot-trace-vectors'
import { readBoot } from '@brickyard/netboot/boot-trace-view'
import { describe, expect, it } from 'vitest'
import { bootPhases, phaseLines } from './boot-phases.ts'

/** The first boot of a real OVMF, from its DISCOVER to its script; events from the n-th on come later. */
function boot({ from = 0, laterMs = 0 } = {}): BootAttempt {
  const events: BootEvent[] = OVMF_BOOTS.slice(0, 7).map((event, index) => ({
    ...event,
    atMs: event.atMs + (index >= from ? laterMs : 0),
  }))
  const [record] = bootsOf({ mac: OVMF_MAC, sled: 'sled-01' }, events)
  if (record === undefined) throw new Error('no boot')
  return readBoot(record, { macs: [OVMF_MAC], nowMs: 600_000 })
}
const avoidable = (attempt: BootAttempt): [string, string | undefined][] =>
  bootPhases(attempt, 0).flatMap((phase) =>
    phase.avoidable === undefined ? [] : [[phase.name, phase.avoidable]],
  )

describe('the phases of a boot', () => {
  it('say where each second went, and that none of them was waited for nothing', () => {
    const phases = bootPhases(boot(), -3000)
    expect(phaseLines(phases)).toEqual([
      '    3.0 s  firmware starts',
      '   10.1 s  firmware: address',
      '    0.2 s  loader fetched',
      '    5.8 s  iPXE starts',
      '    0.0 s  iPXE: address',
      '    0.1 s  script fetched',
    ])
    expect(avoidable(boot())).toEqual([])
  })

  it('of a boot from a disc begin with its installer', () => {
    const { lines, ...attempt } = boot()
    const line = { ...lines[0], lastAtMs: 9000, count: 1, tone: 'good', details: [] } as const
    const disc = { ...line, atMs: 9000, part: 'client', text: 'Booted from disc 1a2b3c4d' } as const
    const claim = { ...line, atMs: 9000, part: 'installer', text: 'inspect: claimed' } as const
    expect(phaseLines(bootPhases({ ...attempt, lines: [disc, claim] }, 1000))).toEqual([
      '    8.0 s  firmware, disc and kernel',
      '    0.0 s  installer calls',
    ])
  })

  it('name a wait for a proxy and one for a router', () => {
    expect(avoidable(boot({ from: 5, laterMs: 4000 }))).toEqual([
      ['iPXE: address', 'it waits for a proxy, or for an offer (4.0 s)'],
    ])
    expect(avoidable(boot({ from: 6, laterMs: 13_000 }))).toEqual([
      ['script fetched', 'it waits for a router advertisement, or asks a proxy (13.1 s)'],
    ])
  })

  it('name an answer that came too late for the first question', () => {
    const { lines, ...attempt } = boot()
    const asked = lines.map((line, index) => (index === 0 ? { ...line, count: 3 } : line))
    expect(avoidable({ ...attempt, lines: asked })).toEqual([
      ['firmware: address', 'Firmware (UEFI x64) sends DISCOVER 3 times before it goes on'],
    ])
  })
})
