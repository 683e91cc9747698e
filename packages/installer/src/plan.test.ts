import type { Image } from '@brickyard/model/image'
import { describe, expect, it } from 'vitest'
import type { Fault } from './faults.ts'
import { encodeInventory, type DiskFacts, type Inventory } from './inventory.ts'
import type { InstallOrder } from './install-order.ts'
import {
  applyProgress,
  applyResult,
  beginPlan,
  claimPlan,
  deadlineOf,
  type InstallPlan,
  nextStep,
  rebasePlan,
  restartPlan,
  tickPlan,
} from './plan.ts'
import { CLAIM_DEADLINE_MS, CLAIMS_MAX, SILENCE_MS } from './policy.ts'
import { type InstallerStep, parseResult, type StepResult } from './wire.ts'

const GB = 1e9
const disk: DiskFacts = {
  path: '/dev/sda',
  bytes: 4 * GB,
  sectorBytes: 512,
  transport: 'sata',
  rotational: false,
  model: 'disk',
  serial: 'A',
}
const inventory: Inventory = {
  architecture: 'x86_64',
  firmwareMode: 'uefi',
  secureBoot: 'off',
  maker: 'm',
  model: 'm',
  serial: 's',
  uuid: '',
  boardSerial: '',
  biosVendor: '',
  biosVersion: '',
  biosDate: '',
  cpuModel: '',
  cpuCount: 1,
  memoryBytes: GB,
  disks: [disk],
  nics: [],
}
const image: Image = {
  sha256: 'a'.repeat(64),
  bytes: 1000,
  name: 'debian',
  kind: 'disk',
  format: 'zstd',
  arch: 'x86_64',
  firmware: ['bios', 'uefi'],
  secureBoot: false,
  seed: 'nocloud',
  rawSha256: 'b'.repeat(64),
  rawBytes: GB,
  minDiskBytes: 2 * GB,
  sectorBytes: 512,
}
const provision: InstallOrder = {
  kind: 'provision',
  architecture: 'x86_64',
  firmwareMode: 'uefi',
  secureBoot: false,
  image,
  seedFiles: ['meta-data', 'user-data'],
  diskSerial: '',
}

const good: StepResult = { ok: true, data: new Map() }
const bad = (fault: Fault, reason = 'because'): StepResult => ({
  ok: false,
  fault,
  reason,
  data: new Map(),
})
const inventoryResult = (seen: Inventory): StepResult => {
  const parsed = parseResult(`ok=1\n${encodeInventory(seen)}`)
  if (!parsed.ok) throw new Error(parsed.error)
  return parsed.value
}

/** Stands for the agent: stores the plan as JSON between any two calls, as the agent does. */
class Driver {
  plan: InstallPlan
  nowMs = 1_000_000
  constructor(order: InstallOrder) {
    this.plan = beginPlan(order, this.nowMs)
  }
  #store(plan: InstallPlan): void {
    this.plan = JSON.parse(JSON.stringify(plan)) as InstallPlan
  }
  claim(): boolean {
    const claimed = claimPlan(this.plan, this.nowMs)
    if (claimed.ok) this.#store(claimed.value)
    return claimed.ok
  }
  step(): InstallerStep {
    const { plan, step } = nextStep(this.plan, this.nowMs)
    this.#store(plan)
    return step
  }
  answer(result: StepResult): InstallerStep {
    const step = this.step()
    this.nowMs += 1000
    this.#store(applyResult(this.plan, step.id, result, this.nowMs))
    return step
  }
  passes(ms: number): void {
    this.nowMs += ms
    this.#store(tickPlan(this.plan, this.nowMs))
  }
  /** Answers well until `verb` is out; gives the verbs on the way. */
  until(verb: InstallerStep['verb'], seen = inventory): string[] {
    const verbs: string[] = []
    for (let n = 0; n < 20 && this.step().verb !== verb; n++) {
      const isInventory = this.step().verb === 'inventory'
      verbs.push(this.answer(isInventory ? inventoryResult(seen) : good).verb)
    }
    if (this.step().verb !== verb) throw new Error(`${verb} never came after ${verbs.join(', ')}`)
    return verbs
  }
}

const claimed = (order: InstallOrder): Driver => {
  const driver = new Driver(order)
  expect(driver.claim()).toBe(true)
  return driver
}

describe('order of the verbs', () => {
  it('provisions: look, wipe, write, verify, seed, boot entry, report, reboot', () => {
    const driver = claimed(provision)
    expect(driver.until('reboot')).toEqual([
      'inventory',
      'wipe',
      'write',
      'verify',
      'seed',
      'boot-entry',
      'report',
    ])
    expect(driver.plan.diskReady).toBe(true)
    expect(driver.plan.history.map(({ verb }) => verb)).toHaveLength(7)
    driver.answer(good)
    expect(driver.plan.phase).toBe('done')
    expect(driver.step().verb).toBe('reboot')
  })

  it('inspects without touching a disk and powers off', () => {
    const driver = claimed({ kind: 'inspect', architecture: 'x86_64' })
    expect(driver.until('poweroff')).toEqual(['inventory', 'report'])
    driver.answer(good)
    expect(driver.plan).toMatchObject({ phase: 'done', diskReady: false })
    expect(driver.plan.inventory).toEqual(inventory)
  })

  it('releases by wiping every disk wholly', () => {
    const driver = claimed({ kind: 'release', architecture: 'x86_64', diskSerials: ['A'] })
    const two = { ...inventory, disks: [disk, { ...disk, path: '/dev/sdb', serial: 'B' }] }
    driver.answer(inventoryResult(two))
    expect(driver.answer(good)).toMatchObject({ verb: 'wipe', disk: '/dev/sda', mode: 'full' })
    expect(driver.answer(good)).toMatchObject({ verb: 'wipe', disk: '/dev/sdb', mode: 'full' })
    expect(driver.answer(good).verb).toBe('report')
    expect(driver.answer(good).verb).toBe('poweroff')
    expect(driver.plan.phase).toBe('done')
  })

  it('leaves the seed out of an image that takes none', () => {
    const driver = claimed({ ...provision, image: { ...image, seed: 'none' } })
    expect(driver.until('reboot')).not.toContain('seed')
  })
})

describe('what can never work fails before the disk is touched', () => {
  it.each([
    ['another architecture', { arch: 'aarch64' }, /aarch64.*x86_64/],
    ['another firmware', { firmware: ['bios'] }, /boots by bios/],
    ['no disk image', { kind: 'netboot' }, /no disk image/],
  ] as const)('%s', (_, change, reason) => {
    const driver = new Driver({ ...provision, image: { ...image, ...change } })
    expect(driver.plan).toMatchObject({ phase: 'failed', fault: 'unsupported' })
    expect(driver.plan.reason).toMatch(reason)
    expect(driver.claim()).toBe(false)
  })

  it('an unsigned image for a sled that checks signatures', () => {
    const driver = new Driver({ ...provision, secureBoot: true })
    expect(driver.plan).toMatchObject({ phase: 'failed', fault: 'unsupported' })
    expect(driver.plan.reason).toContain('not signed for Secure Boot')
    const signed = new Driver({
      ...provision,
      secureBoot: true,
      image: { ...image, secureBoot: true },
    })
    expect(signed.plan.phase).toBe('awaiting-claim')
  })

  it.each([
    ['no disk at all', { disks: [] }, 'no-disk', /no disk/],
    [
      'an image too big for the disk',
      { disks: [{ ...disk, bytes: GB }] },
      'image-too-big',
      /needs/,
    ],
    ['other sectors', { disks: [{ ...disk, sectorBytes: 4096 }] }, 'image-too-big', /4096/],
    ['a sled of another architecture', { architecture: 'aarch64' }, 'unsupported', /aarch64/],
    ['a sled that booted by BIOS', { firmwareMode: 'bios' }, 'unsupported', /bios/],
    ['an unsigned image', { secureBoot: 'on' }, 'unsupported', /not signed for Secure Boot/],
  ] as const)('%s', (_, change, fault, reason) => {
    const driver = claimed(provision)
    driver.answer(inventoryResult({ ...inventory, ...change }))
    expect(driver.plan).toMatchObject({ phase: 'failed', fault })
    expect(driver.plan.reason).toMatch(reason)
    expect(driver.step().verb).toBe('poweroff')
  })

  it('a sled declared with Secure Boot whose firmware has it off', () => {
    const signed = { ...image, secureBoot: true }
    const driver = claimed({ ...provision, secureBoot: true, image: signed })
    driver.answer(inventoryResult(inventory))
    expect(driver.plan).toMatchObject({ phase: 'failed', fault: 'unsupported' })
    expect(driver.plan.reason).toContain('switched off')
  })

  it('a sled declared with Secure Boot whose firmware does not say whether it is on', () => {
    const signed = { ...image, secureBoot: true }
    const driver = claimed({ ...provision, secureBoot: true, image: signed })
    driver.answer(inventoryResult({ ...inventory, secureBoot: 'unknown' }))
    expect(driver.plan).toMatchObject({ phase: 'failed', fault: 'unsupported' })
    expect(driver.plan.reason).toContain('did not say whether it is on')
    expect(driver.step().verb).toBe('poweroff')
    // Where nobody relies on it, what is unknown stands in nobody's way.
    const any = claimed(provision)
    any.answer(inventoryResult({ ...inventory, secureBoot: 'unknown' }))
    expect(any.step().verb).toBe('wipe')
  })

  it('a release whose known disk is gone', () => {
    const driver = claimed({ kind: 'release', architecture: 'x86_64', diskSerials: ['Z'] })
    driver.answer(inventoryResult(inventory))
    expect(driver.plan).toMatchObject({ phase: 'failed', fault: 'no-disk' })
  })
})

describe('choosing the disk', () => {
  it('takes the smallest that fits, and the named one when there is a name', () => {
    const disks = [
      { ...disk, path: '/dev/sdc', bytes: 8 * GB, serial: 'C' },
      { ...disk, path: '/dev/sda', bytes: GB, serial: 'A' },
      { ...disk, path: '/dev/sdb', bytes: 4 * GB, serial: 'B' },
    ]
    const free = claimed(provision)
    free.answer(inventoryResult({ ...inventory, disks }))
    expect(free.step()).toMatchObject({ verb: 'wipe', disk: '/dev/sdb', mode: 'fast' })
    const named = claimed({ ...provision, diskSerial: 'C' })
    named.answer(inventoryResult({ ...inventory, disks }))
    expect(named.step()).toMatchObject({ disk: '/dev/sdc' })
  })
})

describe('retries', () => {
  it('downloads four times, then fails with the last reason', () => {
    const driver = claimed(provision)
    driver.until('write')
    const ids = [1, 2, 3].map(() => driver.answer(bad('download', 'agent gone')).id)
    expect(new Set(ids).size).toBe(3)
    expect(driver.plan.phase).toBe('running')
    driver.answer(bad('download', 'agent gone'))
    expect(driver.plan).toMatchObject({
      phase: 'failed',
      fault: 'download',
      reason: 'write: agent gone (tried 4 times)',
    })
  })

  it('writes again what reads back wrong, once', () => {
    const driver = claimed(provision)
    driver.until('verify')
    driver.answer(bad('wrong-hash'))
    expect(driver.step().verb).toBe('write')
    driver.answer(good)
    driver.answer(bad('wrong-hash'))
    expect(driver.plan).toMatchObject({ phase: 'failed', fault: 'wrong-hash' })
  })

  it.each(['no-disk', 'image-too-big', 'unsupported', 'bad-step'] as const)(
    'does not try again after %s',
    (fault) => {
      const driver = claimed(provision)
      driver.until('write')
      driver.answer(bad(fault))
      expect(driver.plan).toMatchObject({ phase: 'failed', fault, reason: 'write: because' })
    },
  )

  it('treats an inventory it cannot read as a failure, not as an empty sled', () => {
    const driver = claimed(provision)
    driver.answer(good)
    expect(driver.plan).toMatchObject({ phase: 'failed', fault: 'bad-step' })
  })
})

describe('repeats', () => {
  it('gives the same step until its result is in', () => {
    const driver = claimed(provision)
    expect(driver.step()).toEqual(driver.step())
  })

  it('takes a result once; repeats and strangers change nothing', () => {
    const driver = claimed(provision)
    const first = driver.answer(inventoryResult(inventory))
    const { plan, nowMs } = driver
    expect(applyResult(plan, first.id, bad('disk-io'), nowMs)).toBe(plan)
    expect(applyResult(plan, '9.9.wipe', good, nowMs)).toBe(plan)
    expect(applyResult(plan, '', good, nowMs)).toBe(plan)
    expect(applyProgress(plan, first.id, { percent: 1, bytes: 1 }, nowMs)).toBe(plan)
  })

  it('never uses an id twice over restarts and retries', () => {
    const driver = claimed(provision)
    const ids: string[] = []
    for (let claim = 1; claim <= 3; claim++) {
      driver.until('write')
      ids.push(driver.step().id, driver.answer(bad('download')).id, driver.step().id)
      driver.claim()
    }
    expect(new Set(ids).size).toBe(6)
  })
})

describe('power lost at 43 % of the write', () => {
  const lost = (): Driver => {
    const driver = claimed(provision)
    driver.until('write')
    const progress = { percent: 43, bytes: 0.43 * GB }
    driver.plan = applyProgress(driver.plan, driver.step().id, progress, driver.nowMs)
    driver.passes(SILENCE_MS)
    return driver
  }

  it('stalls with where it was, and the disk is not ready', () => {
    expect(lost().plan).toMatchObject({
      phase: 'stalled',
      fault: 'silent',
      reason: 'no word from the sled for 60 s during write at 43 %',
      diskReady: false,
    })
  })

  it('begins again with the inventory after the next claim and ends well', () => {
    const driver = lost()
    driver.plan = restartPlan(driver.plan, driver.nowMs)
    expect(driver.plan.phase).toBe('awaiting-claim')
    expect(driver.claim()).toBe(true)
    expect(driver.until('reboot').slice(0, 3)).toEqual(['inventory', 'wipe', 'write'])
    expect(driver.plan).toMatchObject({ claims: 2, diskReady: true })
  })

  it('goes on where it was when only the network was away', () => {
    const driver = lost()
    driver.answer(good)
    expect(driver.step().verb).toBe('verify')
    expect(driver.plan).toMatchObject({ phase: 'running', reason: '' })
  })

  it('a late result of the first claim does not count for the second', () => {
    const driver = lost()
    const old = driver.step().id
    driver.claim()
    const before = driver.plan
    expect(applyResult(before, old, good, driver.nowMs)).toBe(before)
  })

  it('fails after the last claim, with the reason', () => {
    const driver = lost()
    for (let n = 1; n < CLAIMS_MAX; n++) expect(driver.claim()).toBe(true)
    expect(driver.claim()).toBe(false)
    driver.passes(SILENCE_MS)
    expect(driver.plan).toMatchObject({ phase: 'failed', fault: 'silent' })
    expect(driver.plan.reason).toMatch(/began 5 times/)
  })
})

describe('deadlines', () => {
  it('a sled that never calls back fails with that reason', () => {
    const driver = new Driver(provision)
    driver.passes(CLAIM_DEADLINE_MS - 1)
    expect(driver.plan.phase).toBe('awaiting-claim')
    driver.passes(1)
    expect(driver.plan).toMatchObject({ phase: 'failed', fault: 'silent' })
    expect(driver.plan.reason).toMatch(/never called back/)
  })

  it('a verb that reports progress for ever still ends', () => {
    const driver = claimed(provision)
    driver.until('wipe')
    for (let n = 0; n < 20 && driver.plan.phase === 'running'; n++) {
      driver.passes(SILENCE_MS - 1)
      const progress = { percent: n, bytes: n }
      if (driver.plan.phase !== 'running') break
      driver.plan = applyProgress(driver.plan, driver.step().id, progress, driver.nowMs)
    }
    expect(driver.plan).toMatchObject({ phase: 'stalled' })
    expect(driver.plan.reason).toMatch(/deadline of 180 s/)
  })

  it('silence after reboot was ordered is the end, not a stall', () => {
    const driver = claimed(provision)
    driver.until('reboot')
    driver.passes(SILENCE_MS)
    expect(driver.plan.phase).toBe('done')
  })

  it('an agent that restarted gives the sled its full time again', () => {
    const driver = claimed(provision)
    driver.until('write')
    const out = driver.step().id
    driver.nowMs = 5
    driver.plan = rebasePlan(driver.plan, driver.nowMs)
    expect(deadlineOf(driver.plan)).toBe(5 + SILENCE_MS)
    expect(driver.step().id).toBe(out)
  })

  it('no time runs on a final plan', () => {
    const driver = claimed({ kind: 'inspect', architecture: 'x86_64' })
    driver.until('poweroff')
    driver.answer(good)
    expect(deadlineOf(driver.plan)).toBeUndefined()
    expect(tickPlan(driver.plan, driver.nowMs + 1e12)).toBe(driver.plan)
  })
})
