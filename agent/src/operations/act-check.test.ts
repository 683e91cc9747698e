import type { Ipv4 } from '@brickyard/model/ipv4'
import type { Mac } from '@brickyard/model/mac'
import type { SledName } from '@brickyard/model/names'
import type { SledDeclaration } from '@brickyard/model/rack'
import { describe, expect, it } from 'vitest'
import { type ActView, checkAct } from './act-check.ts'
import { newOperation } from './operation.ts'
import { newSledRecord, type SledRecord } from './sled-record.ts'

const SLED = 'sled-01' as SledName
const DECLARED: SledDeclaration = {
  name: SLED,
  position: { kind: 'rack-unit', unit: 1, heightRackUnits: 1 },
  architecture: 'x86_64',
  firmwareMode: 'uefi',
  macs: ['52:54:00:00:00:01' as Mac],
  bmc: {
    protocol: 'ipmi',
    address: '10.0.1.1' as Ipv4,
    port: 623,
    user: 'brickyard',
    cipherSuite: 17,
  },
  labels: {},
}
const ORDER = { sled: SLED, kind: 'power' as const, requestedBy: 'ada', assignment: null }
const OWNER = newOperation(
  'op-1',
  { ...ORDER, verb: 'on', seconds: null, act: null },
  { monotonicMs: 0, wallMs: 0 },
)

const view = (record: Partial<SledRecord>, rest: Partial<ActView> = {}): ActView => ({
  record: { ...newSledRecord(SLED, 0), state: 'ready', ...record },
  declared: DECLARED,
  owner: undefined,
  running: [],
  hasSystem: false,
  rotation: { policy: undefined, keyTrouble: undefined, hasHub: true },
  ...rest,
})
type Act = Parameters<typeof checkAct>[0]['act']
const POWER: Act = { kind: 'power', verb: 'on' }
const verdict = (act: Act, seen: ActView): unknown => {
  const checked = checkAct({ sled: SLED, act, by: 'ada', actId: 'act-1' }, seen)
  if (!checked.ok) return checked.error
  return checked.value.kind === 'begin' ? checked.value.order : checked.value.kind
}

describe('an act', () => {
  it('begins what it says, in the name of who asked', () => {
    expect(verdict(POWER, view({}))).toMatchObject({
      kind: 'power',
      verb: 'on',
      requestedBy: 'ada',
      act: 'act-1',
    })
    expect(verdict({ kind: 'identify', seconds: 30 }, view({}))).toMatchObject({
      kind: 'identify',
      seconds: 30,
    })
  })

  it.each<[string, Act, ActView]>([
    ['there is no sled', POWER, view({}, { declared: undefined })],
    ['has no BMC', POWER, view({}, { declared: { ...DECLARED, bmc: undefined } })],
    ['no outlet', { ...POWER, via: 'feed' }, view({})],
    ['is busy: power op-1', POWER, view({}, { owner: OWNER })],
    ['only watched', POWER, view({ state: 'adopted' })],
    ['only watched', { kind: 'restart-bmc' }, view({ state: 'adopted' })],
    ['release it first', { kind: 'inspect' }, view({ state: 'failed', dirty: true })],
    ['is in-use and cannot', { kind: 'inspect' }, view({ state: 'in-use' })],
    ['is in use; release', { kind: 'recover' }, view({ state: 'in-use' })],
    ['release its adoption', { kind: 'recover' }, view({ state: 'adopted' })],
    ['is ready, not adopted', { kind: 'release-adoption' }, view({})],
    ['no recovery key', { kind: 'rotate-credentials' }, view({})],
  ])('is refused: %s', (why, act, seen) => {
    expect(verdict(act, seen)).toContain(why)
  })

  it('asks a light and a login of a sled that something else has for itself', () => {
    const seen = view({}, { owner: OWNER })
    expect(verdict({ kind: 'identify', seconds: 1 }, seen)).toMatchObject({ kind: 'identify' })
    expect(verdict({ kind: 'rotate-credentials' }, seen)).toContain('recovery key')
  })

  it('recovers by what is on the disks: lifts a hold, wipes, or looks anew', () => {
    const recover: Act = { kind: 'recover' }
    expect(verdict(recover, view({ state: 'held' }, { hasSystem: true }))).toBe('lift-hold')
    expect(verdict(recover, view({ state: 'failed', dirty: true }))).toMatchObject({
      kind: 'release',
    })
    expect(verdict(recover, view({ state: 'failed' }))).toMatchObject({ kind: 'inspect' })
    expect(verdict({ kind: 'release-adoption' }, view({ state: 'adopted' }))).toBe(
      'release-adoption',
    )
  })
})
