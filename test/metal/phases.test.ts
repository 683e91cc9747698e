import type { Operation } from '@brickyard/api/schemas'
import { describe, expect, it } from 'vitest'
import { phasesOf, phasesOfOperation, phaseTable, totalMs } from './phases.ts'

const step = (name: string, endedAtMs: number, state: 'done' | 'failed' = 'done') => ({
  name,
  state,
  startedAtMs: 0,
  endedAtMs,
  detail: null,
})

const operation: Operation = {
  id: 'op-1',
  site: 'rig-1',
  sled: 'uefi-1',
  kind: 'provision',
  state: 'done',
  reason: null,
  assignment: 'a-1',
  act: null,
  requestedBy: 'hub',
  percent: null,
  steps: [
    step('fetch image debian-12', 2_000),
    step('write /dev/nvme0n1', 9_000, 'failed'),
    step('write /dev/nvme0n1', 20_000),
    step('reboot', 21_000),
  ],
  startedAtMs: 1_000,
  deadlineAtMs: null,
  endedAtMs: 61_000,
}

describe('the phases of an installation', () => {
  const ours = phasesOfOperation(1_000, operation, { startedMs: 2_500, claimMs: 5_000 })

  it('are those of the operation that ended well, and of the journal', () => {
    expect([...ours]).toEqual([
      ['image at the site', 1_000],
      ['powered on', 1_500],
      ['installer claimed', 4_000],
      ['write', 19_000],
      ['OS called home', 60_000],
    ])
    expect(totalMs(ours)).toBe(60_000)
    expect(totalMs(undefined)).toBeUndefined()
  })

  it('stand beside those of the floor, each with its own length', () => {
    const floor = phasesOf(0, { claimMs: 3_000, phoneHomeMs: 50_000 }, [])
    const table = phaseTable(
      new Map([
        ['ours', ours],
        ['floor', floor],
      ]),
    )
    const rows = table.split('\n').map((line) => line.trim().split(/ {2,}/))
    expect(rows).toContainEqual(['installer claimed', '2.5', '3.0'])
    expect(rows).toContainEqual(['write', '15.0', '-'])
    expect(rows).toContainEqual(['total', '60.0', '50.0'])
  })
})
