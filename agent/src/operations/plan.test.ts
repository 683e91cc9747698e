import type { Assignment } from '@brickyard/protocol/assignment'
import type { Ipv4 } from '@brickyard/model/ipv4'
import type { Mac } from '@brickyard/model/mac'
import type { SledName } from '@brickyard/model/names'
import type { OperationKind, PowerVerb } from '@brickyard/model/operation'
import type { SledDeclaration } from '@brickyard/model/rack'
import { Hours, Minutes, Seconds } from '@brickyard/std/units'
import { describe, expect, it } from 'vitest'
import {
  beginEffect,
  claimed,
  endEffect,
  enterStage,
  phonedHome,
  rebase,
  TRIES_MAX,
  type Outcome,
} from './operation-machine.ts'
import { newOperation, wantsInstaller, type Now, type Operation } from './operation.ts'
import { CLAIM_CYCLES_MAX, FETCH_DEADLINE_MS, planNext, type Decision, type Seen } from './plan.ts'

const SLED = 'sled-01' as SledName
const declared: SledDeclaration = {
  name: SLED,
  position: { kind: 'rack-unit', unit: 1, heightRackUnits: 1 },
  architecture: 'x86_64',
  firmwareMode: 'uefi',
  macs: ['52:54:00:00:00:01' as Mac],
  bmc: {
    protocol: 'ipmi',
    address: '10.0.0.1' as Ipv4,
    port: 623,
    user: 'admin',
    cipherSuite: 17,
  },
  labels: {},
}
const image: Assignment['image'] = {
  sha256: 'a'.repeat(64),
  bytes: 1000,
  name: 'debian',
  kind: 'disk',
  format: 'raw',
  arch: 'x86_64',
  firmware: ['uefi'],
  secureBoot: false,
  seed: 'nocloud',
  rawSha256: 'a'.repeat(64),
  rawBytes: 1000,
  minDiskBytes: 1000,
  sectorBytes: 512,
}
const seenNow: Seen = {
  declared,
  imageHere: true,
  discInside: false,
  netboot: null,
  diskSerials: [],
  claimTimeoutMs: Minutes(15),
  phoneHomeTimeoutMs: Minutes(20),
}

/** Drives one operation: performs what is planned with the outcomes it is given, and lets time pass. */
class Driver {
  operation: Operation
  seen = seenNow
  ms = 1000
  readonly actions: string[] = []
  outcome: (action: string) => Outcome = () => ({ ok: true, power: 'off' })

  constructor(kind: OperationKind, verb: PowerVerb | null = null) {
    const assignment = {
      id: 'as-1',
      deployment: 'dep-1',
      sled: SLED,
      wanted: 'running' as const,
      image,
      hostname: 'web',
      userData: '',
      sshKeys: [],
      createdAtMs: 0,
    }
    const order = {
      sled: SLED,
      kind,
      requestedBy: 'test',
      assignment: kind === 'provision' ? assignment : null,
      verb,
      seconds: 10,
      act: null,
    }
    this.operation = newOperation('op-1', order, this.now())
  }
  now(): Now {
    return { monotonicMs: this.ms, wallMs: 1_000_000 + this.ms }
  }
  /** Stored and read again between any two steps, as the agent does. */
  store(operation: Operation): void {
    this.operation = JSON.parse(JSON.stringify(operation)) as Operation
  }
  /** Until it waits for somebody else than the clock, or ends. */
  run(untilMs = Infinity): Decision {
    for (let n = 0; n < 500; n++) {
      const decision = planNext(this.operation, this.seen, this.now())
      if (decision.kind === 'end') return decision
      if (decision.kind === 'wait') {
        if (decision.untilMs > untilMs) return decision
        this.ms = decision.untilMs
      } else if (decision.kind === 'change') this.store(decision.operation)
      else {
        this.actions.push(decision.action.kind)
        const begun = beginEffect(this.operation, decision.name, this.now())
        this.store(endEffect(begun, this.outcome(decision.action.kind), this.now()))
      }
    }
    throw new Error(`no end: ${this.actions.join(' ')}`)
  }
}

const unreachable: Outcome = { ok: false, final: false, reason: 'BMC unreachable' }

describe('plan of an operation', () => {
  it('boots from the disc that is in the sled', () => {
    const driver = new Driver('inspect')
    driver.run(Minutes(5))
    const asked = (seen: Seen) => {
      const decision = planNext(
        enterStage(driver.operation, 'boot-network', driver.now()),
        seen,
        driver.now(),
      )
      return decision.kind === 'perform' ? decision.action : undefined
    }
    expect(asked(seenNow)).toMatchObject({ kind: 'boot-network', from: 'network' })
    const inside = { ...seenNow, discInside: true }
    expect(asked(inside)).toMatchObject({ kind: 'boot-network', from: 'cdrom' })
  })

  it('provision: image, network boot, power, then it waits for the claim', () => {
    const driver = new Driver('provision')
    driver.seen = { ...seenNow, imageHere: false }
    driver.outcome = (action) => {
      if (action === 'fetch-image') driver.seen = seenNow
      return { ok: true }
    }
    const decision = driver.run(Minutes(5))
    expect(driver.actions).toEqual(['fetch-image', 'boot-network', 'power-up'])
    expect([decision.kind, driver.operation.stage]).toEqual(['wait', 'installer'])
    expect(wantsInstaller(driver.operation)).toBe(true)
  })

  it('a sled that never claims is powered to the network three times, then fails and is turned off', () => {
    const driver = new Driver('inspect')
    const end = driver.run()
    expect(driver.actions.filter((action) => action === 'power-up')).toHaveLength(CLAIM_CYCLES_MAX)
    expect(driver.actions.at(-1)).toBe('power')
    expect(end).toMatchObject({ kind: 'end', state: 'failed' })
    expect(end.kind === 'end' && end.reason).toMatch(/never called back in 15 minutes.*3 times/)
  })

  it('the reason says what the sled was last seen doing', () => {
    const driver = new Driver('inspect')
    driver.seen = { ...seenNow, netboot: 'netboot.served installer' }
    const end = driver.run()
    expect(end.kind === 'end' && end.reason).toContain('last seen: netboot.served installer')
  })

  it('a BMC that does not answer is asked again a bounded number of times', () => {
    const driver = new Driver('inspect')
    driver.outcome = () => unreachable
    const end = driver.run()
    expect(driver.actions).toEqual(Array(TRIES_MAX).fill('read-bmc'))
    expect(end).toMatchObject({
      state: 'failed',
      reason: `BMC unreachable (tried ${TRIES_MAX} times)`,
    })
  })

  it('a BMC that refuses the login is not asked again', () => {
    const driver = new Driver('inspect')
    driver.outcome = () => ({ ok: false, final: true, reason: 'BMC auth' })
    expect(driver.run()).toMatchObject({ state: 'failed', reason: 'BMC auth' })
    expect(driver.actions).toEqual(['read-bmc'])
  })

  it('a short outage of the BMC does not fail anything', () => {
    const driver = new Driver('inspect')
    let left = 3
    driver.outcome = () => (left-- > 0 ? unreachable : { ok: true })
    driver.run(Minutes(5))
    expect(driver.operation.stage).toBe('installer')
  })

  it('an image that cannot be fetched fails after its own deadline, the sled untouched', () => {
    const driver = new Driver('provision')
    driver.seen = { ...seenNow, imageHere: false }
    driver.outcome = () => ({ ok: false, final: false, reason: 'the hub is away' })
    const end = driver.run()
    expect(end.kind === 'end' && end.reason).toContain('could not be fetched: the hub is away')
    expect(new Set(driver.actions)).toEqual(new Set(['fetch-image']))
    expect(driver.ms).toBeGreaterThanOrEqual(FETCH_DEADLINE_MS)
  })

  it('fails at once when the sled has no BMC or is no longer declared', () => {
    const { bmc: _none, ...bare } = declared
    for (const [gone, why] of [
      [bare, 'no BMC'],
      [undefined, 'no longer in the rack document'],
    ] as const) {
      const driver = new Driver('inspect')
      driver.seen = { ...seenNow, declared: gone }
      const end = driver.run()
      expect(end.kind === 'end' && end.reason).toContain(why)
      expect(driver.actions).toEqual([])
    }
  })

  it('ends at its deadline whatever it waits for', () => {
    const driver = new Driver('provision')
    driver.run(Minutes(5))
    driver.ms += Hours(7)
    expect(driver.run()).toMatchObject({ state: 'failed' })
    expect(driver.operation.failing).toContain('did not end within 360 minutes')
  })

  it('fails all the same when the sled cannot be turned off, and says so', () => {
    const driver = new Driver('inspect')
    driver.run(Minutes(5))
    driver.ms += Hours(3)
    driver.outcome = () => unreachable
    const end = driver.run()
    expect(end.kind === 'end' && end.reason).toMatch(
      /did not end.*could not be turned off: BMC unre/,
    )
  })
})

describe('a restart of the agent', () => {
  it('does the network boot again when it stopped during power-up: the override may be used up', () => {
    const driver = new Driver('inspect')
    let stage: Operation | undefined
    driver.outcome = (action) => {
      if (action === 'power-up') stage ??= driver.operation
      return { ok: true }
    }
    driver.run(Minutes(1))
    const begun = beginEffect(stage as Operation, 'power up', driver.now())
    driver.store(rebase(begun, { monotonicMs: 5, wallMs: driver.now().wallMs }))
    expect(driver.operation.stage).toBe('boot-network')
  })

  it('goes on waiting for the claim, with a fresh deadline on the new clock', () => {
    const driver = new Driver('inspect')
    driver.run(Minutes(1))
    driver.store(rebase(driver.operation, { monotonicMs: 7, wallMs: driver.now().wallMs }))
    driver.ms = 7
    const decision = driver.run(Minutes(1))
    expect(decision).toEqual({ kind: 'wait', untilMs: 7 + Minutes(15) })
  })

  it('never repeats a power cycle blindly: it looks first', () => {
    const driver = new Driver('power', 'cycle')
    const begun = beginEffect(driver.operation, 'power cycle', driver.now())
    driver.store(rebase(begun, driver.now()))
    driver.run(Minutes(1))
    expect(driver.actions).toEqual(['resume-power'])
  })

  it('repeats power on and off, which are harmless', () => {
    const driver = new Driver('power', 'on')
    driver.store(rebase(beginEffect(driver.operation, 'power on', driver.now()), driver.now()))
    driver.run(Minutes(1))
    expect(driver.actions).toEqual(['power'])
  })

  it('is given what is left of the time, not all of it anew', () => {
    const driver = new Driver('inspect')
    const later = { monotonicMs: 0, wallMs: driver.now().wallMs + Minutes(90) }
    expect(rebase(driver.operation, later).deadlineMs).toBe(Minutes(30))
  })
})

describe('claims and calls home', () => {
  it('takes a claim at any stage towards the installer, and ignores the power outcome that is late', () => {
    const driver = new Driver('inspect')
    driver.run(Minutes(1))
    const claim = claimed(driver.operation, 'hash', driver.now())
    expect(claim).toMatchObject({ ok: true, value: { stage: 'installer', sessionSha256: 'hash' } })
  })

  it('refuses a claim of an operation that is failing', () => {
    const driver = new Driver('inspect')
    driver.run(Minutes(1))
    driver.store({ ...driver.operation, failing: 'because' })
    expect(claimed(driver.operation, 'hash', driver.now()).ok).toBe(false)
    expect(wantsInstaller(driver.operation)).toBe(false)
  })

  it('does not believe a call home before the installer is done', () => {
    const driver = new Driver('provision')
    driver.run(Minutes(1))
    expect(phonedHome(driver.operation, driver.now())).toBe(driver.operation)
  })

  it('starts a silent OS once more, then fails', () => {
    const driver = new Driver('provision')
    driver.run(Minutes(1))
    const install = driver.operation.install
    if (install === null) throw new Error('no installer plan')
    driver.store({ ...driver.operation, install: { ...install, phase: 'done', diskReady: true } })
    driver.actions.length = 0
    const end = driver.run()
    expect(driver.actions).toEqual(['power', 'power'])
    expect(end.kind === 'end' && end.reason).toContain('did not call back in 2 times 20 minutes')
    expect(driver.ms).toBeGreaterThan(Minutes(40) - Seconds(1))
  })
})
