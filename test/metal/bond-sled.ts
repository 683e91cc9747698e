import { readFileSync } from 'node:fs'
import { createConnection } from 'node:net'
import { Minutes, Seconds } from '@brickyard/std/units'
import { claimBoot } from './boot-report.ts'
import { type Checks, until } from './checks.ts'
import { askFor, untilInUse, untilReady } from './late-sleds.ts'
import { startTenantRouter, TENANT } from './path-network.ts'
import type { QemuSled } from './qemu-sled.ts'
import { lateSled, type Rig } from './rig.ts'
import { BOND_SLED } from './rig-sleds.ts'
import { answered, type RigSite, SITE, upload } from './site.ts'
import { MetalSwitch } from './switch/metal-switch.ts'
import { plugTaps } from './switch/uplinks.ts'
import { VlanTally } from './switch/vlan-tally.ts'

/** Firmware asks after a few seconds, again and again. */
const ASKS_LIMIT_MS = Minutes(3)
/** Its last words come beside the call home; LACP and a look at the console take seconds. */
const SETTLE_LIMIT_MS = Minutes(1)
/** A DISCOVER that was lost may be chance. */
const IN_VAIN = 3

const SWITCH_SYSTEM = '02:00:00:98:00:01'
const LAG = 'lag-1'
const [FIRST, SECOND] = ['sled-1', 'sled-2'] as const
/** VLAN of the provisioning network, which firmware and installer use without a tag. */
const NATIVE = 98
const OWN_ADDRESS = '10.94.0.31'

const NETWORK = {
  nics: [{ nic: 0 }, { nic: 1 }],
  bonds: [
    { mode: '802.3ad' as const, members: ['nic0', 'nic1'], addressing: { kind: 'none' as const } },
  ],
  vlans: [
    {
      link: 'bond0',
      id: TENANT.vlan,
      addressing: {
        kind: 'static' as const,
        subnet: TENANT.subnet,
        addresses: [OWN_ADDRESS],
        gateway: TENANT.routerAddress,
      },
    },
  ],
}

/** The OS itself says what it made of its bond, by the kernel's log, once LACP has settled. */
const SAYS_BOND = `#cloud-config
runcmd:
  - |
    bond=/proc/net/bonding/bond0
    for second in $(seq 30); do
      grep -q 'Number of ports: 2' $bond && break
      sleep 1
    done
    for line in 'Bonding Mode' 'Number of ports' 'Partner Mac Address'; do
      grep -m 1 "$line" $bond | sed 's/^/<1>bond0: /' >/dev/kmsg
    done
    ip -4 -brief address show dev bond0.${TENANT.vlan} | sed 's/^/<1>/' >/dev/kmsg
`

/**
 * A sled with two NICs in one LACP port channel: boots by the second NIC when the first has no cable, by
 * none while the port channel has no fallback, and its OS comes up with an aggregate and a tagged VLAN.
 */
export async function claimBond(rig: Rig, site: RigSite, checks: Checks): Promise<void> {
  const sled = lateSled(rig, BOND_SLED)
  const network = await openNetwork(rig)
  const { fabric } = network
  sled.switchPorts = [FIRST, SECOND].map(fabric.socketPath)
  try {
    await claimSecondNic(rig, site, checks, sled, fabric)
    await upload(site.client, rig.files.bonding)
    const tally = new VlanTally()
    fabric.onFrame = (passed) => tally.add(passed)
    const deployment = await claimNoFallback(rig, site, checks, fabric, tally)
    await bootAgainWithFallback(sled, fabric)
    sled.onReset = async () => tally.clear()
    await untilInUse(site, BOND_SLED, deployment)
    checks.claim(`${BOND_SLED.name}: in use, its OS called home by its bond`, true)
    await claimAggregate(checks, sled, fabric)
    claimTagged(checks, tally)
    await claimFailover(checks, sled, fabric)
  } finally {
    sled.onReset = undefined
    await sled.powerOff()
    await network.close()
  }
}

/** The switch between the sled's two NICs, its tap on the rig's network and the tenant's VLAN. */
async function openNetwork({
  folder,
}: Rig): Promise<{ fabric: MetalSwitch; close(): Promise<void> }> {
  const router = await startTenantRouter()
  const trunk = { native: NATIVE, tagged: [TENANT.vlan], lag: LAG }
  const fabric = await MetalSwitch.open({
    system: SWITCH_SYSTEM,
    folder,
    ports: [
      { name: FIRST, ...trunk },
      { name: SECOND, ...trunk },
      { name: 'provisioning', native: NATIVE, tagged: [] },
      { name: 'tenant', native: TENANT.vlan, tagged: [] },
    ],
    lags: { [LAG]: { key: 1, fallback: true } },
  })
  const uplinks = plugTaps([
    { tap: BOND_SLED.tap, socketPath: fabric.socketPath('provisioning') },
    { tap: TENANT.tap, socketPath: fabric.socketPath('tenant') },
  ])
  return {
    fabric,
    async close() {
      router.close()
      uplinks.kill('SIGKILL')
      await fabric.close()
    },
  }
}

/** Without a link on its first NIC firmware goes on to the second; the hub's trace says so. */
async function claimSecondNic(
  rig: Rig,
  site: RigSite,
  checks: Checks,
  sled: QemuSled,
  fabric: MetalSwitch,
): Promise<void> {
  const { name, mac, secondMac } = BOND_SLED
  setCable(sled, fabric, 0, false)
  await site.declare([...rig.rackSleds, BOND_SLED])
  await untilReady(site, BOND_SLED)
  await claimBoot(site, checks, sled)
  const { trace } = await answered(site.client.sleds.boots(SITE, name))
  const found = trace?.attempts.flatMap(({ findings }) => findings).join(' ') ?? 'no trace'
  const holds = found.includes(`by its NIC 2 of 2, ${secondMac}; the first one declared is ${mac}`)
  checks.claim(`${name}: the trace names the NIC that booted instead of the first`, holds, found)
  setCable(sled, fabric, 0, true)
}

const setCable = (sled: QemuSled, fabric: MetalSwitch, nic: 0 | 1, isIn: boolean): void => {
  sled.setCable(nic, isIn)
  fabric.setCable(nic === 0 ? FIRST : SECOND, isIn)
}

/** Firmware speaks no LACP: without fallback nothing of it comes through, and the bond is named. */
async function claimNoFallback(
  { files }: Rig,
  site: RigSite,
  checks: Checks,
  fabric: MetalSwitch,
  tally: VlanTally,
): Promise<string> {
  const { name } = BOND_SLED
  fabric.setFallback(LAG, false)
  const image = files.bonding.facts.sha256
  const deployment = await askFor(site, BOND_SLED, image, { network: NETWORK, userData: SAYS_BOND })
  await until(ASKS_LIMIT_MS, `${name} asks in vain`, () =>
    tally.blocked(FIRST) >= IN_VAIN ? true : undefined,
  )
  const { trace } = await answered(site.client.sleds.boots(SITE, name))
  const found = trace?.findings?.join(' ') ?? ''
  const holds = found.includes('bond0 of nic0, nic1 by LACP') && found.includes('without fallback')
  checks.claim(
    `${name}: without LACP fallback it does not boot, and its bond is named`,
    holds,
    found,
  )
  return deployment
}

/** What a person does who reads that. */
async function bootAgainWithFallback(sled: QemuSled, fabric: MetalSwitch): Promise<void> {
  fabric.setFallback(LAG, true)
  await sled.powerOff()
  sled.bootOnce('network')
  sled.powerOn()
}

/** Both ends say that they are one aggregate, and with whom. */
async function claimAggregate(checks: Checks, sled: QemuSled, fabric: MetalSwitch): Promise<void> {
  const { name, mac, secondMac = '' } = BOND_SLED
  const roles = (): string => Object.values(fabric.roles(LAG)).join(', ')
  const partner = fabric.partner(LAG) ?? 'none'
  const both = roles() === 'bundled, bundled' && [mac, secondMac].includes(partner)
  checks.claim(
    `${name}: the switch has both ports in one aggregate`,
    both,
    `${roles()}; ${partner}`,
  )
  const said = await until(SETTLE_LIMIT_MS, `${name} says its bond`, () => {
    const text = readFileSync(sled.consolePath, 'latin1')
    return /bond0\.120\S* +UP +.*\S/.test(text) ? text : undefined
  })
  const line = (what: string): string =>
    new RegExp(`bond0: \\s*${what}: (.*\\S)`).exec(said)?.[1] ?? 'nothing'
  const [mode, ports, system] = ['Bonding Mode', 'Number of ports', 'Partner Mac Address'].map(line)
  const holds = mode?.includes('802.3ad') === true && ports === '2' && system === SWITCH_SYSTEM
  checks.claim(`${name}: so has its OS`, holds, `${mode}; ${ports} ports; partner ${system}`)
  const address = /bond0\.120\S* +UP +(.*\S)/.exec(said)?.[1]
  checks.claim(`${name}: its VLAN has its address`, address === `${OWN_ADDRESS}/24`, address)
}

/** From the first start of the OS on. */
function claimTagged(checks: Checks, tally: VlanTally): void {
  const { name } = BOND_SLED
  const [tagged, untagged] = [
    tally.from([FIRST, SECOND], TENANT.vlan),
    tally.untagged([FIRST, SECOND]),
  ]
  const detail = `${tagged} packets on VLAN ${TENANT.vlan}, ${untagged} without a tag`
  checks.claim(`${name}: its OS speaks on its VLAN only`, tagged > 0 && untagged === 0, detail)
}

/** One cable less, and it is still there. */
async function claimFailover(checks: Checks, sled: QemuSled, fabric: MetalSwitch): Promise<void> {
  const { name } = BOND_SLED
  const untilRoles = async (wanted: string): Promise<void> => {
    await until(SETTLE_LIMIT_MS, `the ports are ${wanted}`, () =>
      Object.values(fabric.roles(LAG)).join(', ') === wanted ? true : undefined,
    )
  }
  for (const nic of [0, 1] as const) {
    setCable(sled, fabric, nic, false)
    await untilRoles(nic === 0 ? 'down, bundled' : 'bundled, down')
    const there = await isThere(OWN_ADDRESS)
    checks.claim(`${name}: reached by the other port with cable ${nic + 1} out`, there)
    setCable(sled, fabric, nic, true)
    await untilRoles('bundled, bundled')
  }
}

/** Nothing listens there; that the OS says so proves that it has our packet and we have its. */
const isThere = (host: string): Promise<boolean> =>
  until(Seconds(20), `${host} answers`, () => {
    const socket = createConnection({ host, port: 9, timeout: Seconds(2) })
    return new Promise<true | undefined>((resolve) => {
      socket.on('timeout', () => resolve(undefined))
      socket.on('error', (error: NodeJS.ErrnoException) =>
        resolve(error.code === 'ECONNREFUSED' ? true : undefined),
      )
    }).finally(() => socket.destroy())
  }).catch(() => false)
