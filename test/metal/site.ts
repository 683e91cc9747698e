import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdirSync, openAsBlob, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Answer, createClient, type HubClient } from '@brickyard/api/client'
import { Seconds } from '@brickyard/std/units'
import { handOver } from '../interop/inherited-sockets.ts'
import { BMC_USER } from './bmc-host.ts'
import { until } from './checks.ts'
import { KERNEL_ARGUMENTS } from './floor.ts'
import { LoggedProcess, tailOf } from './logged-process.ts'
import { PATH_DEVICES } from './path-network.ts'
import type { PreparedFiles } from './prepared-files.ts'
import { RIG } from './rig-network.ts'
import type { RigSled } from './rig-sleds.ts'

export const SITE = 'rig-1'
const USER = 'operator'
const API_PORT = 8080
const AGENTS_PORT = 8443
/** The technician's page. */
const PAGE_PORT = 8081
export const PAGE_URL = `http://127.0.0.1:${PAGE_PORT}`
export const PAGE_PIN = '246810'
const HUB_URL = `http://127.0.0.1:${API_PORT}`
const AGENTS_URL = `https://127.0.0.1:${AGENTS_PORT}`
/** The agent's page of health and figures; it is up when this answers. */
const HEALTH_URL = 'http://127.0.0.1:7480/healthz'
/** By which the agent asks for its sockets anew: its service has Restart=always. */
const EXIT_RESTART = 75
/** Time for a program to come up on a busy machine. */
const START_LIMIT_MS = Seconds(60)

const HUB_MAIN = fileURLToPath(new URL('../../hub/src/main.ts', import.meta.url))
const CONSOLE_FOLDER = fileURLToPath(new URL('../../hub/console/dist', import.meta.url))
const AGENT_MAIN = fileURLToPath(new URL('../../agent/src/main.ts', import.meta.url))

/** The real hub and the real agent of one site, each its own process, with the rack declared. */
export interface RigSite {
  readonly client: HubClient
  /** How a person and `yard` come in. */
  readonly door: { readonly url: string; readonly user: string; readonly password: string }
  /** Comes back when the agent serves and the hub hears it; `settings` go before those of its file. */
  startAgent(settings?: object): Promise<void>
  /**
   * Has the rack document say these sleds, and of others only those that an earlier part left at work,
   * and these networks beside the rig's own.
   */
  declare(sleds: readonly RigSled[], networks?: readonly object[]): Promise<void>
  stopAgent(): Promise<void>
  /** SIGKILL: nothing in the agent hears of it. */
  killAgent(): Promise<void>
  /** What the programs said last, for a person who looks for a failure. */
  lastWords(): string
  close(): Promise<void>
}

export interface SiteParts {
  readonly folder: string
  readonly files: PreparedFiles
  readonly sleds: readonly RigSled[]
  /** By the sled's name. */
  readonly bmcPasswords: ReadonlyMap<string, string>
}

/** Starts the hub, declares site, rack and image as an operator would, enrols and starts the agent. */
export async function openSite(parts: SiteParts): Promise<RigSite> {
  const { folder, sleds, files, bmcPasswords } = parts
  const password = randomBytes(12).toString('base64url')
  mkdirSync(stateFolderIn(folder))
  const agentConfig = writeAgentConfig(folder, files)
  const hubLog = join(folder, 'hub.log')
  const agentLog = join(folder, 'agent.log')
  const hub = new LoggedProcess('hub', hubLog, [
    process.execPath,
    HUB_MAIN,
    writeHubConfig(folder, password),
  ])
  let agent: LoggedProcess | undefined
  /** Every sled that was declared so far. */
  const known = new Map<string, RigSled>(sleds.map((sled) => [sled.name, sled]))
  const lastWords = (): string =>
    [hubLog, agentLog].map((path) => `--- the end of ${path}\n${tailOf(path)}`).join('\n')
  try {
    const client = await signIn(hub, password)
    await answered(client.sites.create({ name: SITE }))
    const { token } = await answered(client.sites.enrolmentToken(SITE))
    runAgent(agentConfig, ['enrol', '--hub', AGENTS_URL], token)
    runAgent(agentConfig, ['pin', 'set'], PAGE_PIN)
    for (const [sled, secret] of bmcPasswords) {
      runAgent(agentConfig, ['credential', 'set', sled], secret)
    }
    await answered(client.sites.putRack(SITE, rackOf(sleds)))
    await upload(client, files)
    await upload(client, files.arm64)
    return {
      client,
      door: { url: HUB_URL, user: USER, password },
      lastWords,
      async startAgent(settings = {}) {
        writeAgentConfig(folder, files, settings)
        const command = [process.execPath, AGENT_MAIN, '--config', agentConfig, 'run']
        const words = handOver({ devices: [RIG.bridge, ...PATH_DEVICES], command })
        // As systemd does: a network that changed gets its sockets with a new process.
        const run = (): LoggedProcess => {
          const started = new LoggedProcess('agent', agentLog, words)
          void started.ended.then((code) => {
            if (code === EXIT_RESTART && agent === started) agent = run()
          })
          return started
        }
        const started = run()
        agent = started
        await until(START_LIMIT_MS, 'the agent comes up', () => isUp(started, HEALTH_URL))
        await until(START_LIMIT_MS, 'the hub hears the agent', async () => {
          const { link } = await answered(client.sites.get(SITE))
          return link === 'connected' ? true : undefined
        })
      },
      async declare(declared, networks) {
        for (const sled of declared) known.set(sled.name, sled)
        const { items } = await answered(client.sleds.list({ site: SITE }))
        const stay = new Set([
          ...declared.map(({ name }) => name),
          ...items.filter(({ deployment }) => deployment !== null).map(({ name }) => name),
        ])
        // In the order in which they came: a sled keeps its place in the rack.
        const all = [...known.values()].filter(({ name }) => stay.has(name))
        await answered(client.sites.putRack(SITE, rackOf(all, networks)))
      },
      stopAgent: async () => agent?.stop(),
      killAgent: async () => agent?.kill(),
      async close() {
        await agent?.stop()
        await hub.stop()
      },
    }
  } catch (error) {
    await hub.kill()
    console.log(lastWords())
    throw error
  }
}

/** The value of an answer; a refusal is thrown in its own words. */
export async function answered<T>(answer: Answer<T>): Promise<T> {
  const result = await answer
  if (result.ok) return result.value
  const { error } = result
  throw new Error(error.kind === 'problem' ? JSON.stringify(error.problem) : error.message)
}

async function signIn(hub: LoggedProcess, password: string): Promise<HubClient> {
  const baseUrl = HUB_URL
  const ask = (request: Request): Promise<Response> => {
    // The suite stands still while it looks at disks: by then the hub has closed what was kept open.
    request.headers.set('connection', 'close')
    return fetch(request)
  }
  await until(START_LIMIT_MS, 'the hub comes up', () => isUp(hub, baseUrl))
  const session = await answered(createClient({ baseUrl, fetch: ask }).login(USER, password))
  return createClient({ baseUrl, fetch: ask, token: session.token ?? undefined })
}

async function isUp(program: LoggedProcess, url: string): Promise<true | undefined> {
  if (!program.isRunning) throw new Error(`the ${program.name} ended: ${tailOf(program.logPath)}`)
  try {
    const response = await fetch(url)
    await response.arrayBuffer()
    return true
  } catch {
    // Not listening yet.
    return undefined
  }
}

function writeHubConfig(folder: string, password: string): string {
  const file = join(folder, 'hub.yaml')
  const dataFolder = join(folder, 'hub')
  mkdirSync(dataFolder)
  const config = {
    dataFolder,
    databasePath: join(dataFolder, 'hub.db'),
    publicUrl: HUB_URL,
    consoleFolder: CONSOLE_FOLDER,
    agentHosts: ['127.0.0.1'],
    api: { host: '127.0.0.1', port: API_PORT },
    agents: { host: '127.0.0.1', port: AGENTS_PORT },
    users: [{ name: USER, password, role: 'operator' }],
  }
  writeFileSync(file, JSON.stringify(config), { mode: 0o600 })
  return file
}

const stateFolderIn = (folder: string): string => join(folder, 'agent')

function writeAgentConfig(folder: string, files: PreparedFiles, settings: object = {}): string {
  const file = join(folder, 'agent.yaml')
  const config = {
    site: SITE,
    stateFolder: stateFolderIn(folder),
    keyFile: join(folder, 'site.key'),
    hub: { url: AGENTS_URL },
    sitePage: { host: '127.0.0.1', port: PAGE_PORT },
    loaders: {
      'undionly.kpxe': '/usr/lib/ipxe/undionly.kpxe',
      'snponly.efi': '/usr/lib/ipxe/snponly.efi',
      'shimx64.efi': '/usr/lib/shim/shimx64.efi.signed',
      'grubx64.efi': '/usr/lib/grub/x86_64-efi-signed/grubnetx64.efi.signed',
      'grubaa64.efi': files.arm64.loader,
      'gcdx64.efi': '/usr/lib/grub/x86_64-efi-signed/gcdx64.efi.signed',
      'isolinux.bin': '/usr/lib/ISOLINUX/isolinux.bin',
      'isohdpfx.bin': '/usr/lib/ISOLINUX/isohdpfx.bin',
      'ldlinux.c32': '/usr/lib/syslinux/modules/bios/ldlinux.c32',
    },
    installers: {
      x86_64: {
        kernel: files.vmlinuz,
        initrd: files.initrd,
        tools: files.tools,
        kernelArguments: KERNEL_ARGUMENTS.split(' '),
      },
      aarch64: {
        kernel: files.arm64.vmlinuz,
        initrd: files.arm64.initrd,
        kernelArguments: ['quiet', 'console=ttyAMA0'],
      },
    },
    ...settings,
  }
  writeFileSync(file, JSON.stringify(config))
  return file
}

/** One command of the agent that ends by itself; its secrets go in by standard input. */
function runAgent(config: string, words: readonly string[], secret?: string): void {
  execFileSync(process.execPath, [AGENT_MAIN, '--config', config, ...words], {
    input: secret === undefined ? '' : `${secret}\n`,
    stdio: ['pipe', 'ignore', 'inherit'],
  })
}

const rackOf = (sleds: readonly RigSled[], networks: readonly object[] = []): unknown => ({
  site: SITE,
  networks: [
    {
      name: 'provisioning',
      role: 'provisioning',
      mode: 'authoritative',
      subnet: RIG.subnet,
      agentAddress: RIG.agentAddress,
      interface: RIG.bridge,
      pool: { first: RIG.poolFirst, last: RIG.poolLast },
      routerAdvertisement: 'empty',
    },
    ...networks,
  ],
  sleds: sleds.map(
    (
      { name, architecture, firmware, secureBoot, mac, secondMac, serial, address, bmcAddress },
      index,
    ) => ({
      name,
      position: { kind: 'rack-unit', unit: index + 1 },
      architecture,
      firmwareMode: firmware,
      secureBoot,
      labels: { sled: name },
      serial,
      macs: secondMac === undefined ? [mac] : [mac, secondMac],
      address,
      bmc: { protocol: 'ipmi', address: bmcAddress, user: BMC_USER, cipherSuite: 17 },
    }),
  ),
})

/** Registers an image as an operator would, and sends its bytes. */
export async function upload(
  client: HubClient,
  { facts, image }: Pick<PreparedFiles, 'facts' | 'image'>,
): Promise<void> {
  await answered(client.images.create({ ...facts, firmware: [...facts.firmware] }))
  const content = (await openAsBlob(image)).stream()
  await answered(client.images.putContent(facts.sha256, content))
}
