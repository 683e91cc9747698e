import { randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Answer, createClient, type HubClient } from '@brickyard/api/client'
import type { SledName } from '@brickyard/model/names'
import type { Log } from '@brickyard/runtime/log'
import { systemClock } from '@brickyard/runtime/node/clock'
import { BMC_USER } from '@brickyard/sim/rack-plan'
import { efiProgram } from '@brickyard/sim/efi-program'
import { INSTALLER_TOOLS } from '@brickyard/sim/installer-tools'
import { seededRandom } from '@brickyard/sim/seeded-random'
import { syntheticImage } from '@brickyard/sim/synthetic-image'
import { virtualNetwork } from '@brickyard/sim/virtual-network'
import { KiB } from '@brickyard/std/units'
import { openBmcLabPort } from './bmc-lab-port.ts'
import { openDemoHub } from './demo-hub.ts'
import { openDemoSite, type RunningSite } from './demo-site.ts'
import { DEMO_SITES } from './demo-sites.ts'
import { createLabPanel } from './lab-panel.ts'
import { serve } from './serve.ts'
import { createTour, type TourStep } from './tour.ts'
import { openUplink } from './uplink.ts'

export interface DemoOptions {
  /** Of the console; the next free one is taken when it is in use, any when it is 0. */
  readonly port: number
  readonly log: Log
  /** Folder of the built console; without it the hub serves its API alone. */
  readonly consoleFolder: string | undefined
  readonly say: (step: TourStep) => void
}

/** What somebody needs to look at it. */
export interface Demo {
  readonly consoleUrl: string
  readonly user: string
  readonly password: string
  readonly labUrl: string
  readonly ipmitool: string
  /** Brings the sites up and runs the tour where it is wanted. Rejects when a site cannot come up. */
  run(tour: boolean): Promise<void>
  close(): Promise<void>
}

const USER = 'operator'
const IMAGE_NAME = 'demo-linux'
const LOADER_BYTES = KiB(64)
const INSTALLER_BYTES = KiB(256)
/** The sled whose BMC can be reached by an outside ipmitool. */
const LAB_SLED = 'sled-24' as SledName

/** Hub first, so that the first page is there at once; sites follow in `run`. */
export async function openDemo(options: DemoOptions): Promise<Demo> {
  const folder = mkdtempSync(join(tmpdir(), 'brickyard-demo-'))
  const password = randomBytes(9).toString('base64url')
  const closers: (() => unknown)[] = [() => rmSync(folder, { recursive: true, force: true })]
  const close = async (): Promise<void> => {
    for (const work of closers.splice(0).reverse()) await work()
  }
  try {
    const hub = await openDemoHub({ ...options, folder, user: USER, password })
    closers.push(() => hub.close())
    const client = await signIn(hub.url, password)
    const random = seededRandom('demo')
    const network = virtualNetwork(systemClock, random.fork('network'))
    const assets = writeAssets(join(folder, 'assets'))
    const sites: RunningSite[] = []
    for (const [number, site] of DEMO_SITES.entries()) {
      const own = random.fork(site.name)
      const { log } = options
      const { database: hubDatabase } = hub
      sites.push(
        await openDemoSite({
          site,
          number,
          folder,
          random: own,
          network,
          log,
          hubDatabase,
          assets,
        }),
      )
    }
    closers.push(() => Promise.all(sites.map((site) => site.close())))
    const clock = systemClock
    const tour = createTour({ client, clock, sites, imageName: IMAGE_NAME, say: options.say })
    const panel = createLabPanel({ clock, sites, steps: tour.steps, consoleUrl: hub.url })
    const lab = await serve(panel, { address: '127.0.0.1', port: 0 })
    closers.push(() => lab.close())
    const ipmitool = await openLabBmc(sites[0] as RunningSite, folder, closers)
    return {
      consoleUrl: hub.url,
      user: USER,
      password,
      labUrl: `http://127.0.0.1:${lab.port}`,
      ipmitool,
      async run(withTour) {
        await uploadImage(client)
        for (const running of sites) await declare(client, running, hub.agentPort)
        if (withTour) await tour.run()
      },
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

async function take<T>(answer: Answer<T>): Promise<T> {
  const result = await answer
  if (result.ok) return result.value
  const { error } = result
  throw new Error(error.kind === 'problem' ? JSON.stringify(error.problem) : error.message)
}

async function signIn(baseUrl: string, password: string): Promise<HubClient> {
  const session = await take(createClient({ baseUrl, fetch }).login(USER, password))
  return createClient({ baseUrl, fetch, token: session.token ?? undefined })
}

async function uploadImage(client: HubClient): Promise<void> {
  const { image, served } = syntheticImage(IMAGE_NAME)
  await take(client.images.create({ ...image, firmware: [...image.firmware] }))
  await take(client.images.putContent(image.sha256, Uint8Array.from(served)))
}

/** Declares a site at the hub as an operator would, and lets its appliance enrol through its uplink. */
async function declare(client: HubClient, running: RunningSite, agentPort: number): Promise<void> {
  const { name, displayName, latitude, longitude } = running.site
  await take(client.sites.create({ name, displayName, latitude, longitude }))
  await take(client.sites.putRack(name, running.document))
  const { token } = await take(client.sites.enrolmentToken(name))
  await running.enrol(await openUplink(agentPort), token)
}

/** Loaders and installer of the simulated sleds: they are fetched and counted, never run. */
function writeAssets(folder: string): Parameters<typeof openDemoSite>[0]['assets'] {
  mkdirSync(folder)
  const write = (name: string, bytes: number): string => {
    const path = join(folder, name)
    writeFileSync(path, name.endsWith('.efi') ? efiProgram(bytes) : seededRandom(name).bytes(bytes))
    return path
  }
  const tools = join(folder, 'tools.img')
  writeFileSync(tools, INSTALLER_TOOLS)
  return {
    loaders: {
      'undionly.kpxe': write('undionly.kpxe', LOADER_BYTES),
      'snponly.efi': write('snponly.efi', LOADER_BYTES),
    },
    installers: {
      x86_64: {
        kernel: write('vmlinuz', INSTALLER_BYTES),
        initrd: write('initrd.img', INSTALLER_BYTES),
        tools,
        kernelArguments: [],
      },
    },
  }
}

/** A line to paste: the password lies in a file, so that it is not seen among the processes. */
async function openLabBmc(
  { rack, site }: RunningSite,
  folder: string,
  closers: (() => unknown)[],
): Promise<string> {
  const declared = rack.plan.sleds.find(({ declaration }) => declaration.name === LAB_SLED)
  const bmc = declared?.declaration.bmc
  if (bmc === undefined) throw new Error(`${site.name} declares no BMC for ${LAB_SLED}`)
  const port = await openBmcLabPort(rack.agentHost, bmc)
  closers.push(() => port.close())
  const file = join(folder, 'bmc-password')
  writeFileSync(file, rack.bmcPassword(LAB_SLED), { mode: 0o600 })
  return `ipmitool -I lanplus -C 17 -H 127.0.0.1 -p ${port.port} -U ${BMC_USER} -f ${file} power status`
}
