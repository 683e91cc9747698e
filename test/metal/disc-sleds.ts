import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Minutes } from '@brickyard/std/units'
import { claimBoot } from './boot-report.ts'
import { type Checks, until } from './checks.ts'
import { newestEvent } from './installations.ts'
import { untilReady } from './late-sleds.ts'
import { BARE } from './path-network.ts'
import type { QemuSled } from './qemu-sled.ts'
import { lateSled, type Rig } from './rig.ts'
import { DISC_SLED, type RigSled, SECURE_DISC_SLED } from './rig-sleds.ts'
import { answered, type RigSite, SITE } from './site.ts'
import { MetalSwitch } from './switch/metal-switch.ts'
import { plugTaps } from './switch/uplinks.ts'
import { VlanTally } from './switch/vlan-tally.ts'
import { TechnicianPage } from './technician-page.ts'

const REFUSED_LIMIT_MS = Minutes(3)
/** Its BMC is asked every few seconds. */
const DISCOVERED_LIMIT_MS = Minutes(3)

/** Nobody gives an address here: not the agent, which only listens, and nobody else. */
const BARE_NETWORK = {
  name: 'bare',
  role: 'provisioning',
  mode: 'listen-only',
  subnet: BARE.subnet,
  agentAddress: BARE.agentAddress,
  interface: BARE.bridge,
  pool: { first: BARE.poolFirst, last: BARE.poolLast },
}

/** What the port of the sled with a tag wants. */
const BARE_VLAN = 96
/** Without a tag nothing gets anywhere from that port. */
const NOWHERE_VLAN = 1

/**
 * Sleds that boot their installer from a disc which a technician makes at the site's page: one with a
 * BIOS, one whose firmware checks signatures and whose switch port wants a tag. A disc that was used
 * boots nothing any more.
 */
export async function claimDiscs(rig: Rig, site: RigSite, checks: Checks): Promise<void> {
  const plain = lateSled(rig, DISC_SLED)
  await claimDisc(rig, site, checks, { hardware: DISC_SLED, sled: plain, network: BARE_NETWORK })
  await claimUsedUp(site, checks, plain)
  await claimTaggedDisc(rig, site, checks)
}

/** A port that carries one VLAN, tagged: what no firmware boots by network on. */
async function claimTaggedDisc(rig: Rig, site: RigSite, checks: Checks): Promise<void> {
  const sled = lateSled(rig, SECURE_DISC_SLED)
  const { name, tap } = SECURE_DISC_SLED
  const fabric = await MetalSwitch.open({
    system: '02:00:00:98:00:02',
    folder: rig.folder,
    ports: [
      { name: 'disc', native: NOWHERE_VLAN, tagged: [BARE_VLAN] },
      { name: 'bare', native: BARE_VLAN, tagged: [] },
    ],
    lags: {},
  })
  const uplink = plugTaps([{ tap, socketPath: fabric.socketPath('bare') }])
  const tally = new VlanTally()
  fabric.onFrame = (passed) => tally.add(passed)
  sled.switchPorts = [fabric.socketPath('disc')]
  try {
    const network = { ...BARE_NETWORK, vlan: BARE_VLAN }
    await claimDisc(rig, site, checks, { hardware: SECURE_DISC_SLED, sled, network })
    const [tagged, untagged] = [tally.from(['disc'], BARE_VLAN), tally.untagged(['disc'])]
    const detail = `${tagged} packets on VLAN ${BARE_VLAN}, ${untagged} without a tag`
    checks.claim(
      `${name}: its disc says the VLAN of its port`,
      tagged > 0 && untagged === 0,
      detail,
    )
  } finally {
    await sled.powerOff()
    uplink.kill('SIGKILL')
    await fabric.close()
  }
}

interface WithDisc {
  readonly hardware: RigSled
  readonly sled: QemuSled
  readonly network: object
}

async function claimDisc(
  rig: Rig,
  site: RigSite,
  checks: Checks,
  { hardware, sled, network }: WithDisc,
): Promise<void> {
  const { name } = hardware
  await site.declare([...rig.rackSleds, hardware], [network])
  const page = new TechnicianPage('ann')
  // By then the agent has its networks as declared.
  await untilDiscovered(site, name)
  await page.untilShown(name)
  const iso = await page.makeDisc(name)
  sled.discPath = join(rig.folder, `${name}.iso`)
  writeFileSync(sled.discPath, iso)
  checks.claim(`${name}: untouched until its disc is in it`, !sled.isOn && sled.starts === 0)
  await page.discIsIn(name)
  await untilReady(site, hardware)
  const size = `${(iso.length / 1e6).toFixed(1)} MB`
  checks.claim(`${name}: inspected from a disc, with no DHCP at all`, true, size)
  await claimBoot(site, checks, sled)
  checks.claim(`${name}: its disc is used up`, (await page.discsOf(name)).length === 0)
}

async function untilDiscovered({ client }: RigSite, name: string): Promise<void> {
  await until(DISCOVERED_LIMIT_MS, `${name} is discovered`, async () => {
    const { items } = await answered(client.sleds.list({ site: SITE, state: 'discovered' }))
    return items.some((sled) => sled.name === name) ? true : undefined
  })
}

/** Put in once more and booted by hand, it is refused. */
async function claimUsedUp(site: RigSite, checks: Checks, sled: QemuSled): Promise<void> {
  const { name } = sled.hardware
  const after = await newestEvent(site)
  sled.bootOnce('cdrom')
  sled.powerOn()
  const refused = await until(REFUSED_LIMIT_MS, `${name} is refused`, async () => {
    const { items } = await answered(site.client.events.list({ site: SITE, after, limit: 100 }))
    return items.find(({ kind }) => kind === 'intent.refused')
  })
  await sled.powerOff()
  checks.claim(`${name}: a used disc boots nothing`, true, JSON.stringify(refused.body))
  const { trace } = await answered(site.client.sleds.boots(SITE, name))
  const last = trace?.attempts[0]
  checks.claim(`${name}: the hub shows that too`, last?.state === 'refused', last?.summary)
}
