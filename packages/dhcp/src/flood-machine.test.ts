import { describe, expect, it } from 'vitest'
import { createFloodMachine, stepFlood } from './flood-machine.ts'

describe('a flood of new clients', () => {
  it('is none when a rack is plugged in, nor when a machine comes now and then', () => {
    const machine = createFloodMachine(0)
    for (let n = 0; n < 64; n++) {
      expect(stepFlood(machine, 0)).toEqual({ quiet: false, notice: undefined })
    }
    for (let minute = 1; minute < 100; minute++) {
      expect(stepFlood(machine, minute * 60_000)).toEqual({ quiet: false, notice: undefined })
    }
  })

  it('is named once as it begins and once when it is over, and tells of nobody meanwhile', () => {
    const machine = createFloodMachine(0)
    const told: string[] = []
    let loud = 0
    for (let n = 0; n < 10_000; n++) {
      const { quiet, notice } = stepFlood(machine, n)
      if (!quiet) loud++
      if (notice !== undefined) told.push(notice.kind)
    }
    expect(told).toEqual(['flood'])
    expect(loud).toBe(64)
    const after = stepFlood(machine, 10_000 + 60_000)
    expect(after).toEqual({ quiet: false, notice: { kind: 'flood-over', clients: 10_000 } })
  })
})
