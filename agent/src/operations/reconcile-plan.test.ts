import type { Ipv4 } from '@brickyard/model/ipv4'
import type { Mac } from '@brickyard/model/mac'
import type { SiteName, SledName } from '@brickyard/model/names'
import type { RackDocument } from '@brickyard/model/rack'
import type { SledState } from '@brickyard/model/sled-lifecycle'
import type { Assignment } from '@brickyard/protocol/assignment'
import { describe, expect, it } from 'vitest'
import type { AssignmentOutcome } from '../store/site-store.ts'
import { newOperation, type Operation } from './operation.ts'
import {
  planReconcile,
  sledsOutOfReach,
  UNDECLARED_REASON,
  type SiteView,
} from './reconcile-plan.ts'
import { newSledRecord, type SledRecord } from './sled-record.ts'

const name = (n: number): SledName => `sled-0${n}` as SledName
const rack = (
  count: number,
  mode: 'authoritative' | 'listen-only' = 'authoritative',
): RackDocument => ({
  site: 'edge-1' as SiteName,
  networks: [
    {
      name: 'prov',
      role: 'provisioning',
      mode,
      subnet: '10.0.0.0/24',
      agentAddress: '10.0.0.1' as Ipv4,
      interface: 'eth1',
      pool: { first: '10.0.0.100' as Ipv4, last: '10.0.0.200' as Ipv4 },
      leaseSeconds: 600,
      dns: [],
    },
  ],
  cages: [],
  sleds: Array.from({ length: count }, (_, i) => ({
    name: name(i + 1),
    position: { kind: 'rack-unit', unit: i + 1, heightRackUnits: 1 },
    architecture: 'x86_64',
    firmwareMode: 'uefi',
    macs: [`52:54:00:00:00:0${i + 1}` as Mac],
    bmc: {
      protocol: 'ipmi',
      address: `10.0.1.${i + 1}` as Ipv4,
      port: 623,
      user: 'admin',
      cipherSuite: 17,
    },
    labels: {},
  })),
})
const record = (n: number, state: SledState, more: Partial<SledRecord> = {}): SledRecord => ({
  ...newSledRecord(name(n), 0),
  state,
  ...more,
})
const assignment = (wanted: 'running' | 'released'): Assignment => ({
  id: 'as-1',
  deployment: 'dep-1',
  sled: name(1),
  wanted,
  image: {
    sha256: 'a'.repeat(64),
    bytes: 1,
    name: 'debian',
    kind: 'disk',
    format: 'raw',
    arch: 'x86_64',
    firmware: ['uefi'],
    secureBoot: false,
    seed: 'nocloud',
    rawSha256: 'a'.repeat(64),
    rawBytes: 1,
    minDiskBytes: 1,
    sectorBytes: 512,
  },
  hostname: 'web',
  userData: '',
  sshKeys: [],
  createdAtMs: 0,
})
const running = (kind: 'inspect' | 'provision', n = 1): Operation =>
  newOperation(
    `op-${n}`,
    {
      sled: name(n),
      kind,
      requestedBy: kind === 'inspect' ? 'site' : 'deployment',
      assignment: kind === 'provision' ? assignment('running') : null,
      verb: null,
      seconds: null,
      act: null,
    },
    { monotonicMs: 0, wallMs: 0 },
  )

function plan(
  view: Partial<Omit<SiteView, 'sleds' | 'outcomes'>> & {
    sleds?: SledRecord[]
    outcome?: AssignmentOutcome['outcome']
  },
): string[] {
  return planReconcile(viewOf(view)).map((intention) =>
    intention.kind === 'begin' ? `${intention.order.kind} ${intention.order.sled}` : intention.kind,
  )
}

function viewOf(view: Parameters<typeof plan>[0]): SiteView {
  const { sleds = [], outcome } = view
  const outcomes = new Map<string, AssignmentOutcome>()
  if (outcome !== undefined) {
    outcomes.set('as-1', { id: 'as-1', sled: name(1), outcome, reason: '' })
  }
  return {
    rack: view.rack ?? rack(sleds.length),
    assignments: view.assignments ?? [],
    sleds: new Map(sleds.map((each) => [each.name, each])),
    outcomes,
    running: view.running ?? [],
    inspectionsMax: view.inspectionsMax ?? 4,
    discsInside: view.discsInside ?? new Set(),
  }
}

describe('what a site does unasked', () => {
  it('takes up what is declared, and marks what no longer is', () => {
    expect(plan({ rack: rack(2), sleds: [record(1, 'ready'), record(3, 'ready')] })).toEqual([
      'declare',
      'undeclare',
    ])
    const lost = record(1, 'missing', { reason: UNDECLARED_REASON })
    expect(plan({ sleds: [lost] })).toEqual(['redeclare'])
  })

  it('inspects what has answered, a few at a time', () => {
    const sleds = [1, 2, 3].map((n) => record(n, 'discovered'))
    expect(plan({ sleds, inspectionsMax: 2 })).toEqual(['inspect sled-01', 'inspect sled-02'])
    const busy = [running('inspect')]
    expect(plan({ sleds, inspectionsMax: 2, running: busy })).toEqual(['inspect sled-02'])
  })

  it('powers nothing on while it only listens', () => {
    const sleds = [record(1, 'discovered')]
    expect(plan({ sleds, rack: rack(1, 'listen-only') })).toEqual([])
  })

  it('begins where nobody gives addresses once a disc is in the sled, and with that sled alone', () => {
    const sleds = [record(1, 'discovered'), record(2, 'discovered')]
    const discsInside = new Set([name(2)])
    const quiet = rack(2, 'listen-only')
    expect(plan({ sleds, rack: quiet, discsInside })).toEqual(['inspect sled-02'])
    const ready = { assignments: [assignment('running')], sleds: [record(1, 'ready')] }
    const alone = { ...ready, rack: rack(1, 'listen-only') }
    expect(plan({ ...alone, discsInside })).toEqual([])
    expect(plan({ ...alone, discsInside: new Set([name(1)]) })).toEqual(['provision sled-01'])
  })

  it('leaves a tenant’s machine running until its wipe can be reached, and says who waits', () => {
    const sleds = [record(1, 'in-use', { assignment: 'as-1' })]
    const gone = { assignments: [assignment('released')], sleds }
    const quiet = { ...gone, rack: rack(1, 'listen-only') }
    expect(plan(quiet)).toEqual([])
    expect(sledsOutOfReach(viewOf(quiet))).toEqual(['sled-01'])
    const inside = { ...quiet, discsInside: new Set([name(1)]) }
    expect(plan(inside)).toEqual(['release sled-01'])
    expect(sledsOutOfReach(viewOf(inside))).toEqual([])
    expect(plan(gone)).toEqual(['release sled-01'])
    // A new site only listens, and nothing is wrong with that.
    const fresh = { sleds: [record(1, 'discovered')], rack: rack(1, 'listen-only') }
    expect(sledsOutOfReach(viewOf(fresh))).toEqual([])
  })

  it('asks the network that a sled has its address on, where it has one', () => {
    const served = rack(2)
    const [network] = served.networks
    const quiet = { ...network, name: 'bare', mode: 'listen-only', subnet: '10.96.0.0/24' } as const
    const [first, second] = served.sleds.map((sled, n) => ({
      ...sled,
      address: (n === 0 ? '10.96.0.7' : '10.0.0.7') as Ipv4,
    }))
    const both = { ...served, networks: [...served.networks, quiet], sleds: [first, second] }
    const sleds = [record(1, 'discovered'), record(2, 'discovered')]
    expect(plan({ sleds, rack: both as RackDocument })).toEqual(['inspect sled-02'])
  })

  it('inspects no sled that failed, is held, or was running before us', () => {
    for (const state of ['failed', 'held', 'quarantined', 'adopted', 'seen', 'ready'] as const) {
      expect([state, plan({ sleds: [record(1, state)] })]).toEqual([state, []])
    }
  })
})

describe('an assignment', () => {
  const wantsRunning = { assignments: [assignment('running')] }
  const wantsRelease = { assignments: [assignment('released')] }

  it('is provisioned on a ready sled, and on no other', () => {
    expect(plan({ ...wantsRunning, sleds: [record(1, 'ready')] })).toEqual(['provision sled-01'])
    for (const state of ['failed', 'held', 'in-use', 'releasing'] as const) {
      expect([state, plan({ ...wantsRunning, sleds: [record(1, state)] })]).toEqual([state, []])
    }
  })

  it('is not tried again by itself after it failed', () => {
    const sleds = [record(1, 'ready')]
    expect(plan({ ...wantsRunning, sleds, outcome: 'failed' })).toEqual([])
  })

  it('never meets a disk that was not wiped', () => {
    expect(plan({ ...wantsRunning, sleds: [record(1, 'ready', { dirty: true })] })).toEqual([])
  })

  it('is not begun twice', () => {
    const sleds = [record(1, 'reserved')]
    expect(plan({ ...wantsRunning, sleds, running: [running('provision')] })).toEqual([])
  })

  it('is released by a wipe; what was never installed is only told of', () => {
    const installed = record(1, 'in-use', { assignment: 'as-1', dirty: true })
    expect(plan({ ...wantsRelease, sleds: [installed] })).toEqual(['release sled-01'])
    expect(plan({ ...wantsRelease, sleds: [record(1, 'ready')] })).toEqual(['never-installed'])
  })

  it('is cancelled first when it is being provisioned', () => {
    const sleds = [record(1, 'provisioning', { assignment: 'as-1' })]
    expect(plan({ ...wantsRelease, sleds, running: [running('provision')] })).toEqual(['cancel'])
  })

  it('leaves a held sled alone, and does not repeat a release that failed', () => {
    const held = record(1, 'held', { assignment: 'as-1', dirty: true })
    expect(plan({ ...wantsRelease, sleds: [held] })).toEqual([])
    const failed = record(1, 'failed', { assignment: 'as-1', dirty: true })
    expect(plan({ ...wantsRelease, sleds: [failed], outcome: 'release-failed' })).toEqual([])
  })

  it('that vanished is no order to wipe', () => {
    const sleds = [record(1, 'in-use', { assignment: 'as-1', dirty: true })]
    expect(plan({ sleds })).toEqual([])
  })
})
