import type { Ipv4 } from '@brickyard/model/ipv4'
import type { SledName } from '@brickyard/model/names'
import type { SledDeclaration } from '@brickyard/model/rack'
import { SLED_STATES } from '@brickyard/model/sled-lifecycle'
import { describe, expect, it } from 'vitest'
import { newOperation } from '../operations/operation.ts'
import { newSledRecord } from '../operations/sled-record.ts'
import { checkRegain } from './regain-check.ts'

const NAME = 'sled-01' as SledName
const DECLARED: SledDeclaration = {
  name: NAME,
  position: { kind: 'slot', cage: 'cage-1', slot: 1, form: 'half-width' },
  architecture: 'x86_64',
  firmwareMode: 'bios',
  macs: [],
  labels: {},
  bmc: {
    protocol: 'ipmi',
    address: '10.0.9.1' as Ipv4,
    port: 623,
    user: 'ADMIN',
    cipherSuite: 17,
  },
  feeds: [{ pdu: 'pdu-a', outlet: '7' }],
}
const READY = { ...newSledRecord(NAME, 0), state: 'ready' } as const
const running = (kind: 'inspect' | 'rotate-credentials', sled: SledName = NAME) => {
  const order = { sled, kind, requestedBy: 'op', act: null, assignment: null } as const
  return newOperation(
    'op-1',
    { ...order, verb: null, seconds: null },
    { monotonicMs: 0, wallMs: 0 },
  )
}

describe('whether the feeds of a sled may be cut to regain its BMC', () => {
  it('is yes only while it is ours and does nobody’s work', () => {
    const allowed = SLED_STATES.filter(
      (state) => checkRegain(DECLARED, { ...READY, state }, []) === undefined,
    )
    expect(allowed.sort()).toEqual(['discovered', 'failed', 'inspected', 'ready'])
  })

  it('is no where nothing is declared to feed it', () => {
    const { feeds: _, ...unfed } = DECLARED
    expect(checkRegain(unfed, READY, [])).toContain('no outlet is declared')
    expect(checkRegain({ ...DECLARED, feeds: [] }, READY, [])).toContain('no outlet is declared')
  })

  it('is no for a sled that ran before us', () => {
    const adopted = { ...DECLARED, adopted: true }
    expect(checkRegain(adopted, { ...READY, state: 'discovered' }, [])).toContain('adopted')
  })

  it('is no while another operation has the sled; a rotation that only waits has it not', () => {
    expect(checkRegain(DECLARED, READY, [running('inspect')])).toBe('sled-01 is busy: inspect op-1')
    expect(
      checkRegain(DECLARED, READY, [running('inspect', 'sled-02' as SledName)]),
    ).toBeUndefined()
    expect(checkRegain(DECLARED, READY, [running('rotate-credentials')])).toBeUndefined()
  })
})
