import type { Image } from '@brickyard/model/image'
import type { Fault } from './faults.ts'
import { encodeInventory, type DiskFacts, type Inventory } from './inventory.ts'
import type { InstallOrder, ProvisionOrder } from './install-order.ts'
import { applyResult, beginPlan, claimPlan, type InstallPlan, nextStep, tickPlan } from './plan.ts'
import { type InstallerStep, parseResult, type StepResult } from './wire.ts'

export const GB = 1e9
export const disk: DiskFacts = {
  path: '/dev/sda',
  bytes: 4 * GB,
  sectorBytes: 512,
  transport: 'sata',
  rotational: false,
  model: 'disk',
  serial: 'A',
}
export const inventory: Inventory = {
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
export const image: Image = {
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
export const provision: ProvisionOrder = {
  kind: 'provision',
  architecture: 'x86_64',
  firmwareMode: 'uefi',
  secureBoot: false,
  image,
  seedFiles: ['meta-data', 'user-data'],
  diskSerial: '',
}

export const good: StepResult = { ok: true, data: new Map() }
export const bad = (fault: Fault, reason = 'because'): StepResult => ({
  ok: false,
  fault,
  reason,
  data: new Map(),
})
export const inventoryResult = (seen: Inventory): StepResult => {
  const parsed = parseResult(`ok=1\n${encodeInventory(seen)}`)
  if (!parsed.ok) throw new Error(parsed.error)
  return parsed.value
}

/** Stands for the agent: stores the plan as JSON between any two calls, as the agent does. */
export class Driver {
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

export const claimed = (order: InstallOrder): Driver => {
  const driver = new Driver(order)
  if (!driver.claim()) throw new Error('the first claim was refused')
  return driver
}
