import { MiB, Minutes, Seconds } from '@brickyard/std/units'
import { claimBoot } from './boot-report.ts'
import { type Checks, say, until } from './checks.ts'
import { firstByteLeft, firstDifference, sowCanary } from './disk-bytes.ts'
import { runFloor } from './floor.ts'
import { deploy, type Installation, release, untilInspected } from './installations.ts'
import { claimReachDisks } from './local-boots.ts'
import { type Phases, phaseTable, totalMs } from './phases.ts'
import type { QemuSled } from './qemu-sled.ts'
import type { Rig } from './rig.ts'
import { LATE_PARTS } from './parts.ts'
import { answered, openSite, type RigSite, SITE } from './site.ts'

/** From the API's call to the first byte of the image, under emulation on a busy machine. */
const WRITE_LIMIT_MS = Minutes(6)
const INTO_THE_WRITE_MS = Seconds(3)
/** Boot code and partition table: the installer writes them last. */
const HEAD_BYTES = MiB(1)
const GOAL_FACTOR = 1.05
const GOAL_EXTRA_MS = 1000

/**
 * The whole life of two sleds through the real hub and agent, the late parts on the same site, then
 * that life by the floor: those of them that are asked for.
 */
export async function runSuite(
  whole: Rig,
  checks: Checks,
  parts: ReadonlySet<string>,
): Promise<void> {
  // A part that runs alone has the rack to itself.
  const rig = parts.has('life') ? whole : { ...whole, sleds: [], rackSleds: [] }
  const columns = new Map<string, Phases>()
  if (parts.size > 1 || !parts.has('floor')) await runOnSite(rig, checks, parts, columns)
  if (parts.has('floor')) await checks.part('the floor', () => claimFloor(whole, checks, columns))
  if (columns.size > 0) console.log(`\n${phaseTable(columns)}\n`)
  for (const sled of rig.sleds) reportGoal(sled.hardware.name, columns)
}

async function runOnSite(
  rig: Rig,
  checks: Checks,
  parts: ReadonlySet<string>,
  columns: Map<string, Phases>,
): Promise<void> {
  let site: RigSite | undefined
  const lastWords = (): void => console.log(`${site?.lastWords() ?? ''}\n${rig.consoles()}`)
  try {
    site = await openSite({ ...rig, sleds: rig.rackSleds })
    await site.startAgent()
    if (parts.has('life')) await liveThrough(rig, site, checks, columns)
    for (const { name, what, run } of LATE_PARTS.filter((part) => parts.has(part.name))) {
      say(what)
      const on = site
      await checks.part(name, () =>
        run(rig, on, checks).catch((error: unknown) => {
          lastWords()
          throw error
        }),
      )
    }
  } catch (error) {
    lastWords()
    checks.claim('the sleds live through it all', false, String(error))
  } finally {
    await Promise.all([...rig.sleds, ...rig.lateSleds].map((sled) => sled.powerOff()))
    await site?.close()
  }
}

async function claimFloor(rig: Rig, checks: Checks, columns: Map<string, Phases>): Promise<void> {
  say('the floor: the same by dnsmasq and fixed answers')
  // After its boot by HTTP the firmware would ask for that first, and the floor has none.
  for (const sled of rig.sleds) sled.forgetSettings()
  for (const [name, phases] of await runFloor({ ...rig, tuned: true })) {
    columns.set(`floor ${name}`, phases)
    checks.claim(`floor on ${name}: the OS called home`, true, seconds(totalMs(phases)))
  }
}

async function liveThrough(
  rig: Rig,
  site: RigSite,
  checks: Checks,
  columns: Map<string, Phases>,
): Promise<void> {
  say('hub and agent are up; waiting for the inspection')
  await untilInspected(rig, site)
  await claimAtRest(rig, site, checks, 'inspected')
  for (const sled of rig.sleds) await claimBoot(site, checks, sled)

  say('first deployment')
  const first = await deploy(rig, site)
  for (const [name, phases] of first.phases) {
    columns.set(`ours ${name}`, phases)
    checks.claim(`${name}: in use after one call`, true, seconds(totalMs(phases)))
  }

  say('release, a canary sown over both disks')
  await Promise.all(rig.sleds.map((sled) => sled.powerOff()))
  for (const sled of rig.sleds) await sowCanary(sled.diskPath)
  await release(rig, site, first.deployment)
  await claimAtRest(rig, site, checks, 'released')
  for (const sled of rig.sleds) claimWiped(sled, checks)

  say('second deployment; the UEFI sled boots by HTTP, the other loses its mains in mid-write')
  for (const sled of rig.sleds) sled.bootsByHttp = sled.hardware.firmware === 'uefi'
  const [second] = await Promise.all([
    deployAndCompare(rig, site, checks),
    ...rig.sleds.slice(0, 1).map((sled) => loseMainsInMidWrite(sled, site, checks)),
  ])
  for (const [name, phases] of second.phases) {
    checks.claim(`${name}: in use again`, true, seconds(totalMs(phases)))
  }

  for (const sled of rig.sleds) sled.bootsByHttp = false

  await claimReachDisks(rig.sleds, site, checks)
  const { items } = await answered(site.client.sleds.list({ site: SITE, state: 'in-use' }))
  const both = items.length === rig.sleds.length
  checks.claim('both sleds are in use after the agent was killed and came back', both)

  await Promise.all(rig.sleds.map((sled) => sled.powerOff()))
}

/** Ready and without power, as the hub says and as the rig sees. */
async function claimAtRest(rig: Rig, site: RigSite, checks: Checks, what: string): Promise<void> {
  for (const sled of rig.sleds) {
    const { name } = sled.hardware
    const { state, power } = await answered(site.client.sleds.get(SITE, name))
    const holds = state === 'ready' && power === 'off' && !sled.isOn
    const seen = `${state}, power ${power} at the hub, ${sled.isOn ? 'on' : 'off'} at the sled`
    checks.claim(`${name}: ${what}, ready and powered off`, holds, seen)
  }
}

function claimWiped(sled: QemuSled, checks: Checks): void {
  const left = firstByteLeft(sled.diskPath)
  const detail = left === undefined ? '' : `byte ${left} is not zero`
  checks.claim(`${sled.hardware.name}: nothing is left of the canary`, left === undefined, detail)
}

/**
 * Looks at each disk between the installer's restart and the first boot of the OS. Looking takes
 * time, so the deployment whose time counts goes without.
 */
async function deployAndCompare(rig: Rig, site: RigSite, checks: Checks): Promise<Installation> {
  for (const sled of rig.sleds) {
    sled.onReset = async () => {
      sled.onReset = undefined
      const at = firstDifference(sled.diskPath, rig.files.rawImage)
      const detail = at === undefined ? '' : `byte ${at} differs`
      checks.claim(`${sled.hardware.name}: the disk holds the image`, at === undefined, detail)
    }
  }
  const installed = await deploy(rig, site)
  for (const sled of rig.sleds) {
    if (sled.onReset === undefined) continue
    sled.onReset = undefined
    checks.claim(`${sled.hardware.name}: the disk holds the image`, false, 'it never restarted')
  }
  return installed
}

/** Pulls the plug while the image is written and puts it back: disk comes first, and boots nothing. */
async function loseMainsInMidWrite(sled: QemuSled, site: RigSite, checks: Checks): Promise<void> {
  const { name } = sled.hardware
  await until(WRITE_LIMIT_MS, `${name} writes its image`, async () =>
    (await isWriting(site, name)) && firstByteLeft(sled.diskPath) !== undefined ? true : undefined,
  )
  await new Promise((resolve) => setTimeout(resolve, INTO_THE_WRITE_MS))
  await sled.powerOff()
  const first = firstByteLeft(sled.diskPath)
  const holds = first !== undefined && first >= HEAD_BYTES
  checks.claim(`${name}: half written, nothing of it boots`, holds, `first byte at ${first}`)
  sled.powerOn()
}

async function isWriting({ client }: RigSite, sled: string): Promise<boolean> {
  const { items } = await answered(client.operations.list({ site: SITE, sled }))
  return items.some(
    ({ kind, steps }) =>
      kind === 'provision' &&
      steps.some(({ name, state }) => name.split(' ')[0] === 'write' && state === 'running'),
  )
}

/** No claim: a time is a figure, and this machine's load is not ours. */
function reportGoal(name: string, columns: ReadonlyMap<string, Phases>): void {
  const ours = totalMs(columns.get(`ours ${name}`))
  const floor = totalMs(columns.get(`floor ${name}`))
  if (ours === undefined || floor === undefined) return
  const overMs = ours - (GOAL_FACTOR * floor + GOAL_EXTRA_MS)
  const verdict = overMs <= 0 ? `met, ${seconds(-overMs)} to spare` : `missed by ${seconds(overMs)}`
  const ratio = (ours / floor).toFixed(3)
  console.log(
    `${name}: ours ${seconds(ours)}, floor ${seconds(floor)}, ${ratio} times the floor; ` +
      `goal: ≤ 1.05 × floor + 1 s: ${verdict}`,
  )
}

const seconds = (ms: number | undefined): string =>
  ms === undefined ? 'unknown' : `${(ms / 1000).toFixed(1)} s`
