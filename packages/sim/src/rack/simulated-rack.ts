import type { SledName } from '@brickyard/model/names'
import type { BmcCommand } from '@brickyard/ipmi/bmc-state'
import type { Clock } from '@brickyard/runtime/clock'
import type { HttpClient } from '@brickyard/runtime/http'
import { fromHex, toHex } from '@brickyard/std/hex'
import type { SeededRandom } from '../seeded-random.ts'
import type { SledHardware, SledTiming } from '../sled/hardware.ts'
import type { BmcDoor } from '../sled/verbs/verb-context.ts'
import { type RestorePolicy, type SimulatedSled, simulatedSled } from '../sled/simulated-sled.ts'
import { createVirtualBmc, type VirtualBmc } from '../virtual-bmc/virtual-bmc.ts'
import type { NetworkHost, VirtualNetwork } from '../virtual-network.ts'
import { AGENT_INTERFACES, BMC_USER, makeHardware, type RackPlan } from './rack-plan.ts'

export interface RackOptions {
  readonly plan: RackPlan
  readonly siteNumber: number
  readonly clock: Clock
  readonly random: SeededRandom
  readonly network: VirtualNetwork
  /** How a sled reaches HTTP servers. */
  readonly httpOf: (host: NetworkHost) => HttpClient
  readonly timing?: SledTiming
  readonly restorePolicy?: RestorePolicy
  /** Sees every command that a BMC is given in a session. */
  readonly onBmcCommand?: ((sled: SledName, command: BmcCommand) => void) | undefined
}

/** What sits in a slot: the sled, its BMC, and the hosts they are on the network. */
export interface SlotContent {
  readonly sled: SimulatedSled
  readonly bmc: VirtualBmc
  readonly bmcHost: NetworkHost
}

/**
 * An Open19 rack around simulated sleds: two network segments, a feed for each slot, mains for all,
 * and hands that pull and insert sleds.
 */
export interface SimulatedRack {
  readonly plan: RackPlan
  /** The host on which the site's agent runs. */
  readonly agentHost: NetworkHost
  readonly segments: { readonly provisioning: string; readonly management: string }
  /** By declared name; undefined when the slot is empty. */
  slot(name: SledName): SlotContent | undefined
  slots(): ReadonlyMap<SledName, SlotContent>
  bmcPassword(name: SledName): string
  /** The feed of one slot: sled and BMC together. */
  feed(name: SledName, on: boolean): void
  /** Mains of the whole rack. */
  mains(on: boolean): void
  readonly mainsOn: boolean
  /** Takes the sled out: no power, no cable. Gives what was there. */
  pull(name: SledName): SlotContent | undefined
  /** Puts a sled in: the one that was pulled, or a spare with other serials and the same NIC place. */
  insert(name: SledName, content: 'same' | 'spare' | SledHardware): Promise<SlotContent>
  /** A machine nobody declared, with its NIC on the provisioning network. */
  addStranger(hardware: SledHardware): SimulatedSled
  close(): void
}

/** BMC firmware as ASRock Rack numbers it. */
const BMC_FIRMWARE = { major: 1, minor: 90 }
const ASROCK_RACK_ENTERPRISE = 49_622
/** Time a BMC needs after its power came. */
const BMC_BOOT_MS = 2000

/** Slots that a BMC shows to its host; the first is the anonymous one. */
const BMC_SLOTS = 15

/** The host's own way to its BMC. */
const doorOf = (bmc: () => VirtualBmc): BmcDoor => ({
  names() {
    const names = bmc()
      .users()
      .map(({ name }) => name)
    return [...names, ...Array.from({ length: BMC_SLOTS - names.length }, () => '')]
  },
  put(slot, name, password) {
    const users = [...bmc().users()]
    users[Math.min(slot - 2, users.length)] = { name, password, privilege: 'administrator' }
    bmc().setUsers(users)
  },
})

export async function simulatedRack(options: RackOptions): Promise<SimulatedRack> {
  const { plan, network, clock, random, siteNumber } = options
  const site = plan.document.site
  const segments = { provisioning: `${site}/prov`, management: `${site}/mgmt` }
  for (const segment of Object.values(segments)) network.setSegment(segment, {})
  const agentHost = network.host(`${site}/agent`)
  const [prov, mgmt] = plan.document.networks
  agentHost.attach({
    interface: AGENT_INTERFACES.provisioning,
    segment: segments.provisioning,
    address: prov?.agentAddress,
  })
  agentHost.attach({
    interface: AGENT_INTERFACES.management,
    segment: segments.management,
    address: mgmt?.agentAddress,
  })

  const contents = new Map<SledName, SlotContent>()
  const pulled = new Map<SledName, SledHardware>()
  const revisions = new Map<SledName, number>()
  let mainsOn = true

  const bmcPassword = (name: SledName): string => {
    const own = random.fork(`bmc-password/${site}/${name}`)
    return toHex(own.bytes(8))
  }
  const plannedOf = (name: SledName) => {
    const planned = plan.sleds.find(({ declaration }) => declaration.name === name)
    if (planned === undefined) throw new Error(`${site} declares no ${name}`)
    return planned
  }

  async function fill(name: SledName, hardware: SledHardware): Promise<SlotContent> {
    const { declaration } = plannedOf(name)
    const host = network.host(`${site}/${name}`)
    host.attach({ interface: 'eth0', segment: segments.provisioning })
    const bmcHost = network.host(`${site}/${name}/bmc`)
    const address = declaration.bmc?.address
    bmcHost.attach({ interface: 'bmc0', segment: segments.management, address })
    const sled = simulatedSled({
      name: `${site}/${name}`,
      hardware,
      bmcDoor: doorOf(() => bmc),
      clock,
      random: random.fork(`sled/${name}/${hardware.serial}`),
      network: host,
      interface: 'eth0',
      http: options.httpOf(host),
      ...(options.timing === undefined ? {} : { timing: options.timing }),
      ...(options.restorePolicy === undefined ? {} : { restorePolicy: options.restorePolicy }),
    })
    const bmc = await createVirtualBmc({
      udp: bmcHost.udp,
      clock,
      random: random.fork(`bmc/${name}/${hardware.serial}`),
      bind: { address: '0.0.0.0', port: declaration.bmc?.port ?? 623 },
      users: [{ name: BMC_USER, password: bmcPassword(name), privilege: 'administrator' }],
      guid: guidOnTheWire(hardware.uuid),
      fru: fruOf(hardware),
      cipherSuites: [3, 17],
      firmware: BMC_FIRMWARE,
      manufacturerId: ASROCK_RACK_ENTERPRISE,
      host: sled.host,
      onCommand: (command) => options.onBmcCommand?.(name, command),
    })
    const content = { sled, bmc, bmcHost }
    // A sled that loses its mains takes its BMC with it; both come back when somebody sees to it.
    sled.onPowerLoss(() => {
      bmc.faults.silent = true
    })
    contents.set(name, content)
    if (!mainsOn) unfeed(content)
    return content
  }

  function unfeed({ sled, bmc }: SlotContent): void {
    sled.feed(false)
    bmc.faults.silent = true
    bmc.restart()
  }
  function feed({ sled, bmc }: SlotContent): void {
    clock.after(BMC_BOOT_MS, () => {
      bmc.faults.silent = false
    })
    sled.feed(true)
  }

  for (const { declaration, hardware } of plan.sleds) await fill(declaration.name, hardware)

  return {
    plan,
    agentHost,
    segments,
    slot: (name) => contents.get(name),
    slots: () => contents,
    bmcPassword,
    feed(name, on) {
      const content = contents.get(name)
      if (content === undefined) return
      if (on) feed(content)
      else unfeed(content)
    },
    get mainsOn() {
      return mainsOn
    },
    mains(on) {
      mainsOn = on
      for (const content of contents.values()) {
        if (on) feed(content)
        else unfeed(content)
      }
    },
    pull(name) {
      const content = contents.get(name)
      if (content === undefined) return undefined
      content.sled.feed(false)
      content.bmc.close()
      network.removeHost(`${site}/${name}`)
      network.removeHost(`${site}/${name}/bmc`)
      contents.delete(name)
      pulled.set(name, content.sled.hardware)
      return content
    },
    insert(name, wanted) {
      if (contents.has(name)) throw new Error(`${site}/${name} is not empty`)
      const before = pulled.get(name) ?? plannedOf(name).hardware
      if (typeof wanted === 'object') return fill(name, wanted)
      if (wanted === 'same') return fill(name, before)
      const revision = (revisions.get(name) ?? 0) + 1
      revisions.set(name, revision)
      const n = plan.sleds.findIndex(({ declaration }) => declaration.name === name) + 1
      const { firmwareMode, disks } = before
      const diskBytes = disks[0]?.facts.bytes ?? 0
      return fill(name, makeHardware(random, { siteNumber, n, firmwareMode, diskBytes, revision }))
    },
    addStranger(hardware) {
      const host = network.host(`${site}/stranger-${hardware.serial}`)
      host.attach({ interface: 'eth0', segment: segments.provisioning })
      return simulatedSled({
        name: host.name,
        hardware,
        clock,
        random: random.fork(host.name),
        network: host,
        interface: 'eth0',
        http: options.httpOf(host),
        ...(options.timing === undefined ? {} : { timing: options.timing }),
      })
    },
    close() {
      for (const { sled, bmc } of contents.values()) {
        sled.feed(false)
        bmc.close()
      }
    },
  }
}

/** IPMI 2.0 §20.8 sends the UUID's bytes in reverse order. */
function guidOnTheWire(uuid: string): Uint8Array {
  const bytes = fromHex(uuid.replaceAll('-', ''))
  if (!bytes.ok) throw new Error(bytes.error)
  return bytes.value.toReversed()
}

const fruOf = ({ maker, model, serial, boardSerial }: SledHardware) => ({
  chassis: { type: 0x17, partNumber: model, serial },
  board: {
    manufacturer: 'ASRockRack',
    product: 'E3C246D4I-NL',
    serial: boardSerial,
    partNumber: 'E3C246D4I-NL',
  },
  product: {
    manufacturer: maker,
    product: model,
    partNumber: model,
    version: '1',
    serial,
    assetTag: '',
  },
})
