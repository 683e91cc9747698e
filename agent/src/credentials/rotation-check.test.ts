import type { RackDocument, SledDeclaration } from '@brickyard/model/rack'
import type { SiteName, SledName } from '@brickyard/model/names'
import { describe, expect, it } from 'vitest'
import { newOperation, type Operation } from '../operations/operation.ts'
import { newSledRecord, type SledRecord } from '../operations/sled-record.ts'
import type { Origin } from './login-book.ts'
import { checkRotation, dueRotations, ROTATIONS_MAX } from './rotation-check.ts'

const POLICY = { recoveryKey: 'k', rotateAtIntake: true, rotateAfterRelease: true }
const NAMES = Array.from({ length: 6 }, (_, n) => `sled-0${n + 1}` as SledName)

const rackWith = (policy: Partial<typeof POLICY> | undefined): RackDocument => ({
  site: 'edge' as SiteName,
  networks: [],
  cages: [],
  sleds: NAMES.map((name) => ({ name, bmc: {} }) as Partial<SledDeclaration> as SledDeclaration),
  bmcPasswords: policy === undefined ? undefined : { ...POLICY, ...policy },
})
const ready = (name: SledName, more: Partial<SledRecord> = {}): SledRecord => ({
  ...newSledRecord(name, 0),
  state: 'ready',
  ...more,
})
const rotationOf = (sled: SledName): Operation => ({
  ...newOperation(
    `op-${sled}`,
    {
      sled,
      kind: 'rotate-credentials',
      requestedBy: 'x',
      assignment: null,
      verb: null,
      seconds: null,
      act: null,
    },
    { monotonicMs: 0, wallMs: 0 },
  ),
})

function due(
  records: readonly SledRecord[],
  wish: { policy?: Partial<typeof POLICY> | undefined; origin?: Origin; nowMs?: number } = {},
  running: readonly Operation[] = [],
): string[] {
  const { origin = 'given', nowMs = 0 } = wish
  const policy = 'policy' in wish ? wish.policy : {}
  const sleds = new Map(records.map((record) => [record.name as string, record]))
  const means = { hasHub: true, keyTrouble: undefined, nowMs, originOf: () => origin }
  return dueRotations(rackWith(policy), sleds, running, means)
}
const [A, B] = NAMES as [SledName, SledName]

describe('logins that the site changes unasked', () => {
  it('are those that somebody gave, once the sled is ready', () => {
    expect(due([ready(A)])).toEqual([A])
    expect(due([ready(A)], { origin: 'made' })).toEqual([])
    for (const state of ['seen', 'discovered', 'in-use', 'adopted', 'held'] as const) {
      expect([state, due([ready(A, { state })])]).toEqual([state, []])
    }
  })

  it('are those of sleds that were released, until that is done', () => {
    const released = ready(A, { rotation: { due: true, notBeforeMs: 0 } })
    expect(due([released], { origin: 'made' })).toEqual([A])
    const done = ready(A, { rotation: { due: false, notBeforeMs: 0 } })
    expect(due([done], { origin: 'made' })).toEqual([])
  })

  it('are none without a policy, or where the policy says no', () => {
    const released = ready(A, { rotation: { due: true, notBeforeMs: 0 } })
    expect(due([released], { policy: undefined })).toEqual([])
    expect(due([ready(A)], { policy: { rotateAtIntake: false } })).toEqual([])
    const policy = { rotateAfterRelease: false }
    expect(due([released], { policy, origin: 'made' })).toEqual([])
  })

  it('wait after a failure, are begun once, and a few at a time', () => {
    const failed = ready(A, { rotation: { due: true, notBeforeMs: 1000 } })
    expect(due([failed], { nowMs: 999 })).toEqual([])
    expect(due([failed], { nowMs: 1000 })).toEqual([A])
    expect(due([ready(A), ready(B)], {}, [rotationOf(A)])).toEqual([B])
    expect(due(NAMES.map((name) => ready(name)))).toHaveLength(ROTATIONS_MAX)
  })
})

it('a login is never changed where the new one could be lost, or on a sled that is not ours', () => {
  const means = { policy: POLICY, hasHub: true, keyTrouble: undefined }
  expect(checkRotation(ready(A), means, [])).toBeUndefined()
  expect(checkRotation(ready(A), { ...means, policy: undefined }, [])).toContain('recovery key')
  expect(checkRotation(ready(A), { ...means, keyTrouble: 'another key' }, [])).toBe('another key')
  expect(checkRotation(ready(A), { ...means, hasHub: false }, [])).toContain('no hub')
  expect(checkRotation(ready(A, { state: 'adopted' }), means, [])).toContain('adopted')
  expect(checkRotation(ready(A), means, [rotationOf(A)])).toContain('busy')
})
