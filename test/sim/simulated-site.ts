import { createAgent, type Agent } from '@brickyard/agent/agent'
import { LIMITS_DEFAULT, type AgentConfig, type AgentLimits } from '@brickyard/agent/agent-config'
import type { StandAloneDocument } from '@brickyard/agent/stand-alone-document'
import type { Clock } from '@brickyard/runtime/clock'
import type { FetchHandler } from '@brickyard/runtime/http'
import type { Log } from '@brickyard/runtime/log'
import type { Process } from '@brickyard/runtime/process'
import type { Snmp } from '@brickyard/runtime/snmp'
import { efiProgram } from '@brickyard/sim/efi-program'
import { fakeCredentials } from '@brickyard/sim/fake-credentials'
import { fakeIdentity } from '@brickyard/sim/fake-identity'
import { fakePassword } from '@brickyard/sim/fake-password'
import { storeDisk, type StoreDisk } from '@brickyard/sim/crashing-store'
import type { HeldEvent } from '@brickyard/sim/journal-comparison'
import { INSTALLER_TOOLS } from '@brickyard/sim/installer-tools'
import { createLife, type Life } from '@brickyard/sim/life'
import { memoryFiles, type MemoryFiles } from '@brickyard/sim/memory-files'
import { recordingLog } from '@brickyard/sim/recording-log'
import type { SimulatedRack } from '@brickyard/sim/rack'
import { ok } from '@brickyard/std/result'
import { Hours } from '@brickyard/std/units'
import type { SimulatedWorld } from './simulated-world.ts'

export interface SitePdus {
  readonly snmp: Snmp
  readonly secret: string
}

/** What a site's agent is given beside the world it lives in. */
export interface SiteOptions {
  readonly rack: SimulatedRack
  readonly standAlone?: StandAloneDocument
  readonly hub?: AgentConfig['hub']
  readonly limits?: Partial<AgentLimits>
  /** The PDUs of its rack, and what lets its agent in at all of them. */
  readonly pdus?: SitePdus | undefined
  /** Files it finds on its disk, by path. */
  readonly files?: Readonly<Record<string, Uint8Array>>
  /** Stands before the boot server, and sees what sleds are answered. */
  readonly watchBootHttp?: (bootHttp: FetchHandler) => FetchHandler
}

/**
 * One site: a rack and the real agent on an appliance whose disk outlives it. The agent can be
 * killed at any moment, or after any commit, and started again on the disk as it was left.
 */
export interface SimulatedSite {
  readonly rack: SimulatedRack
  readonly files: MemoryFiles
  readonly disk: StoreDisk
  readonly log: Log & { readonly lines: readonly { level: string; message: string }[] }
  readonly running: boolean
  /** The present agent; undefined while it is dead. */
  readonly agent: Agent | undefined
  start(): Promise<void>
  /** Ends it in good order. */
  stop(): Promise<void>
  /** Power is cut: nothing is closed, what was not synced is gone. */
  crash(): void
  /**
   * Crashes after the k-th commit from now and starts it again after `downMs`. Gives what takes the
   * trap away and says whether it had sprung.
   */
  crashAfterCommit(k: number, downMs: number): () => boolean
  journal(): { epoch: string; lastSeq: number; events: HeldEvent[] }
}

export const LOADER_PATHS = {
  'undionly.kpxe': '/usr/lib/ipxe/undionly.kpxe',
  'snponly.efi': '/usr/lib/ipxe/snponly.efi',
}
/** Opens the technician's page. */
export const SITE_PIN = '246810'
const KERNEL_PATH = '/usr/lib/brickyard/vmlinuz'
const INITRD_PATH = '/usr/lib/brickyard/initrd.img'
const TOOLS_PATH = '/usr/lib/brickyard/tools.img'

/** Monotonic time begins anew with every process. */
function bornNow(clock: Clock): Clock {
  const bornMs = clock.monotonicMs()
  return { ...clock, monotonicMs: () => clock.monotonicMs() - bornMs }
}

const NO_PROGRAM = {
  code: null,
  stdout: new Uint8Array(0),
  stderr: new Uint8Array(0),
  trouble: 'there are no programs in the simulation',
}
/** The simulated appliance has no foreign programs. */
const noProcess: Process = {
  run: () => Promise.resolve(NO_PROGRAM),
  start: () => ({ ended: Promise.resolve(NO_PROGRAM), stop: () => undefined }),
}

export async function simulatedSite(
  world: SimulatedWorld,
  options: SiteOptions,
): Promise<SimulatedSite> {
  const { rack } = options
  const { site } = rack.plan.document
  const random = world.random.fork(`site/${site}`)
  const files = memoryFiles()
  const disk = storeDisk()
  const readings = storeDisk()
  const log = recordingLog()
  const assets = { ...LOADER_PATHS, kernel: KERNEL_PATH, initrd: INITRD_PATH }
  for (const path of Object.values(assets)) {
    await files.writeAtomic(path, path.endsWith('.efi') ? efiProgram(4096) : random.bytes(4096))
  }
  await files.writeAtomic(TOOLS_PATH, INSTALLER_TOOLS)
  for (const [path, bytes] of Object.entries(options.files ?? {})) {
    await files.writeAtomic(path, bytes)
  }
  let life: Life | undefined
  let agent: Agent | undefined
  let listening: { close(): void } | undefined
  let lives = 0

  const config: AgentConfig = {
    site,
    agentVersion: '0.1.0-sim',
    stateFolder: '/var/lib/brickyard',
    sockets: {},
    loaders: LOADER_PATHS,
    installers: {
      x86_64: {
        kernel: KERNEL_PATH,
        initrd: INITRD_PATH,
        tools: TOOLS_PATH,
        kernelArguments: [],
      },
    },
    standAlone: options.standAlone,
    hub: options.hub,
    sitePinHash: await fakePassword.hash(SITE_PIN),
    // A sweep a minute of every BMC would be most of what a simulated week does.
    limits: { ...LIMITS_DEFAULT, sensorPollMs: Hours(1), logPollMs: Hours(1), ...options.limits },
  }

  async function start(): Promise<void> {
    if (life !== undefined) throw new Error(`the agent of ${site} runs`)
    const present = createLife()
    life = present
    const own = random.fork(`life/${lives++}`)
    agent = createAgent(config, {
      clock: present.clock(bornNow(world.clock)),
      random: own,
      udp: present.udp(rack.agentHost.udp),
      http: present.http(world.http.client(rack.agentHost)),
      dialer: present.dialer(world.sockets.dialer(rack.agentHost)),
      files: present.files(files),
      store: present.store(disk.open()),
      readings: present.store(readings.open()),
      identity: fakeIdentity(own.fork('identity')),
      password: fakePassword,
      process: noProcess,
      log: present.log(log),
      credentials: fakeCredentials(
        (sled) => ok(rack.bmcPassword(sled)),
        () => ok(options.pdus?.secret ?? ''),
      ),
      snmp: options.pdus?.snmp,
    })
    const bootHttp = options.watchBootHttp?.(agent.bootHttp) ?? agent.bootHttp
    listening = world.http.listen(rack.agentHost, 80, bootHttp)
    const started = await agent.start()
    // Killed while it started: that is what the run wanted.
    if (!started.ok && !present.ended) {
      throw new Error(`the agent of ${site} does not start: ${started.error}`)
    }
  }

  function crash(): void {
    if (life === undefined) return
    listening?.close()
    disk.crash()
    readings.crash()
    files.crash()
    life.end()
    life = undefined
    agent = undefined
  }

  return {
    rack,
    files,
    disk,
    log,
    get running() {
      return life !== undefined
    },
    get agent() {
      return agent
    },
    start,
    async stop() {
      await agent?.stop()
      crash()
    },
    crash,
    crashAfterCommit: (k, downMs) =>
      disk.afterCommit(k, () => {
        crash()
        world.clock.after(downMs, () => {
          if (life === undefined) void start()
        })
      }),
    journal() {
      const store = life === undefined ? disk.open() : disk.peek()
      return store.read((sql) => {
        const meta = (key: string): string =>
          sql.get<{ value: string }>('SELECT value FROM meta WHERE key = ?', key)?.value ?? ''
        const epoch = meta('epoch')
        const rows = sql.all<{ seq: number; kind: string; body: string }>(
          'SELECT seq, kind, body FROM event ORDER BY seq',
        )
        return {
          epoch,
          lastSeq: Number(meta('last_seq')),
          events: rows.map((row) => ({ ...row, epoch })),
        }
      })
    },
  }
}
