import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { needs } from '../needs.ts'
import { AGENT_UID, handOver } from './inherited-sockets.ts'
import { installAgent } from './packaged-agent.ts'

/**
 * Router advertisements of the agent as it is installed: an unprivileged user with the capability that
 * the drop-in gives, or without it; heard by rdisc6, and waited for by iPXE.
 */
const SERVER = `byra-${process.pid}`
const CLIENT = `${SERVER}-client`
const DEVICE = 'cable0'
const SLED_MAC = '52:54:00:98:00:31'
const START_TIMEOUT_MS = 20_000
const BOOT_TIMEOUT_MS = 120_000

const ip = (...args: string[]): string => execFileSync('ip', args, { encoding: 'utf8' })
const inside = (...args: string[]): string => ip('-n', SERVER, ...args)

let folder = ''
let agent: ChildProcess | undefined
let sled: ChildProcess | undefined

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'router-advertisements-'))
  ip('netns', 'add', SERVER)
  ip('netns', 'add', CLIENT)
  inside('link', 'set', 'lo', 'up')
  inside('link', 'add', DEVICE, 'type', 'bridge', 'forward_delay', '0')
  inside('addr', 'add', '10.97.3.1/24', 'dev', DEVICE)
  inside('link', 'set', DEVICE, 'up')
  inside('link', 'add', 'client0', 'type', 'veth', 'peer', 'name', 'eth0', 'netns', CLIENT)
  inside('link', 'set', 'client0', 'master', DEVICE, 'up')
  ip('-n', CLIENT, 'link', 'set', 'eth0', 'up')
  // A link-local address is good once nobody else was found to have it.
  const tentative = (): string =>
    inside('-6', 'addr', 'show', 'dev', DEVICE, 'tentative') +
    ip('-n', CLIENT, '-6', 'addr', 'show', 'dev', 'eth0', 'tentative')
  while (tentative() !== '') await sleep(100)
})

afterEach(() => {
  sled?.kill('SIGKILL')
  agent?.kill('SIGKILL')
  for (const name of [SERVER, CLIENT]) spawnSync('ip', ['netns', 'del', name])
  rmSync(folder, { recursive: true, force: true })
})

interface Asked {
  readonly mode?: string
  readonly routerAdvertisement?: unknown
  /** What the drop-in gives. */
  readonly capability?: boolean
}

/** The installed agent on the bridge, once its health can be asked. */
async function startAgent({ capability = true, mode = 'authoritative', ...network }: Asked) {
  const rack = {
    site: 'advertiser',
    networks: [
      {
        name: 'provisioning',
        role: 'provisioning',
        mode,
        subnet: '10.97.3.0/24',
        agentAddress: '10.97.3.1',
        interface: DEVICE,
        pool: { first: '10.97.3.100', last: '10.97.3.199' },
        ...network,
      },
    ],
    sleds: [],
  }
  const installed = await installAgent(folder, { rack, loader: 'no loader' })
  const capabilities = capability ? dropIn() : []
  const words = handOver({
    devices: [DEVICE],
    uid: AGENT_UID,
    capabilities,
    command: installed.command,
  })
  agent = spawn('ip', ['netns', 'exec', SERVER, ...words], {
    cwd: '/',
    env: { PATH: process.env['PATH'], ...installed.environment },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const deadlineMs = Date.now() + START_TIMEOUT_MS
  while (health() === undefined) {
    if (Date.now() > deadlineMs) throw new Error('the agent does not serve')
    await sleep(50)
  }
  return installed
}

/** The capabilities of the drop-in that is shipped. */
function dropIn(): string[] {
  const unit = new URL('../../agent/packaging/systemd/router-advertisements.conf', import.meta.url)
  const line = /^AmbientCapabilities=(.*)$/m.exec(readFileSync(unit, 'utf8'))?.[1] ?? ''
  return line.split(' ').map((name) => name.replace('CAP_', '').toLowerCase())
}

function health(): { readonly troubles: Readonly<Record<string, string>> } | undefined {
  const ask = ['netns', 'exec', SERVER, 'curl', '-sf', 'http://127.0.0.1:7480/healthz']
  const { status, stdout } = spawnSync('ip', ask, { encoding: 'utf8' })
  return status === 0 ? JSON.parse(stdout) : undefined
}

/** What a machine that asks for a router hears within two seconds. */
function hear(): string {
  const ask = ['netns', 'exec', CLIENT, 'rdisc6', '-1', '-r', '2', '-w', '1000', 'eth0']
  return spawnSync('ip', ask, { encoding: 'utf8' }).stdout
}

async function heard(): Promise<string> {
  const deadlineMs = Date.now() + START_TIMEOUT_MS
  for (;;) {
    const said = hear()
    if (said.includes('Router lifetime')) return said
    if (Date.now() > deadlineMs) throw new Error(`nothing was heard: ${JSON.stringify(health())}`)
  }
}

const programs = ['ip', 'python3', 'setpriv', 'radvd', 'rdisc6', 'curl']

needs({ root: true, programs }).describe('router advertisements of an installed agent', () => {
  it('say that there is no router, and end with the agent', { timeout: 60_000 }, async () => {
    const { stateFolder } = await startAgent({ routerAdvertisement: 'empty' })
    const said = await heard()
    expect(said).toMatch(/Stateful address conf\. +: +No/)
    expect(said).toMatch(/Stateful other conf\. +: +No/)
    expect(said).toMatch(/Router lifetime +: +0 /)
    expect(said).not.toContain('Prefix')
    expect(health()?.troubles['router advertisements']).toBeUndefined()
    const pid = readFileSync(join(stateFolder, 'radvd.pid'), 'utf8').trim()
    expect(existsSync(`/proc/${pid}`)).toBe(true)
    // Killed, not asked: nothing in it hears of that.
    agent?.kill('SIGKILL')
    while (existsSync(`/proc/${pid}`)) await sleep(50)
    expect(hear()).not.toContain('Router lifetime')
  })

  it('carry a prefix where one is given', { timeout: 60_000 }, async () => {
    await startAgent({ routerAdvertisement: { prefix: 'fd00:97::/64' } })
    const said = await heard()
    expect(said).toMatch(/Prefix +: fd00:97::\/64/)
    expect(said).toMatch(/Router lifetime +: +0 /)
  })

  it('are not sent on a network that is only listened to', { timeout: 60_000 }, async () => {
    const mode = 'listen-only'
    const { stateFolder } = await startAgent({ mode, routerAdvertisement: 'empty' })
    expect(hear()).not.toContain('Router lifetime')
    expect(existsSync(join(stateFolder, 'radvd.conf'))).toBe(false)
  })

  it('are named as missing where the drop-in is', { timeout: 60_000 }, async () => {
    await startAgent({ routerAdvertisement: 'empty', capability: false })
    const trouble = (): string => health()?.troubles['router advertisements'] ?? ''
    const deadlineMs = Date.now() + START_TIMEOUT_MS
    while (trouble() === '' && Date.now() < deadlineMs) await sleep(100)
    expect(trouble()).toContain('the agent needs CAP_NET_RAW')
  })
})

const withQemu = needs({ root: true, programs: [...programs, 'qemu-system-x86_64'] })
withQemu.describe('iPXE in QEMU', () => {
  /** Milliseconds from power-on to the first request by HTTP, as the agent's metrics tell. */
  async function untilScript(): Promise<number> {
    inside('tuntap', 'add', 'tap0', 'mode', 'tap')
    inside('link', 'set', 'tap0', 'master', DEVICE, 'up')
    const net = ['-netdev', 'tap,id=n0,ifname=tap0,script=no,downscript=no']
    const nic = ['-device', `virtio-net-pci,netdev=n0,mac=${SLED_MAC},bootindex=1`]
    const machine = ['-accel', 'tcg', '-display', 'none', '-monitor', 'none', '-nodefaults']
    const words = ['qemu-system-x86_64', ...machine, '-machine', 'pc', '-m', '256', ...net, ...nic]
    const startMs = Date.now()
    sled = spawn('ip', ['netns', 'exec', SERVER, ...words], { stdio: 'ignore' })
    const ask = ['netns', 'exec', SERVER, 'curl', '-sf', 'http://127.0.0.1:7480/metrics']
    const asked = /^brickyard_agent_boot_http_responses_total\{.*status="200".*\} [1-9]/m
    while (!asked.test(spawnSync('ip', ask, { encoding: 'utf8' }).stdout)) {
      if (Date.now() - startMs > BOOT_TIMEOUT_MS) throw new Error('it never asked for its script')
      await sleep(50)
    }
    return Date.now() - startMs
  }

  let withoutMs = 0
  for (const routerAdvertisement of ['none', 'empty'] as const) {
    it(
      `fetches its script, advertisements: ${routerAdvertisement}`,
      { timeout: 180_000 },
      async () => {
        await startAgent({ routerAdvertisement })
        if (routerAdvertisement === 'empty') await heard()
        const tookMs = await untilScript()
        console.info(`power-on to script, advertisements ${routerAdvertisement}: ${tookMs} ms`)
        if (routerAdvertisement === 'none') withoutMs = tookMs
        // The wait is iPXE's own: 13 s by its clock, whatever else the machine does.
        else expect(withoutMs - tookMs).toBeGreaterThan(5000)
      },
    )
  }
})
