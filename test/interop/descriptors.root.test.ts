import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { needs } from '../needs.ts'
import { AGENT_UID, handOver } from './inherited-sockets.ts'
import { installAgent, type PackagedAgent } from './packaged-agent.ts'

const START_TIMEOUT_MS = 15_000
/** What the loader file holds: enough for the transfer, nobody boots it. */
const LOADER = 'the bytes of a loader\n'.repeat(200)
const SERVER = `bydesc-${process.pid}`
/** Two cables out of the agent's machine. A device is not called as its network is. */
const CABLES = [
  { device: 'cable0', network: 'left', third: 1, mac: '52:54:00:01:00:21' },
  { device: 'cable1', network: 'right', third: 2, mac: '52:54:00:02:00:21' },
] as const

const clientOf = (device: string): string => `${SERVER}-${device}`
const addressOf = (third: number, last: number): string => `10.97.${third}.${last}`
const ip = (...args: string[]): string =>
  execFileSync('ip', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
const within = (namespace: string, ...args: string[]): string =>
  ip('netns', 'exec', namespace, ...args)

const RACK = {
  site: 'hand-over',
  networks: CABLES.map(({ device, network, third }) => ({
    name: network,
    role: 'provisioning',
    mode: 'authoritative',
    subnet: addressOf(third, 0) + '/24',
    agentAddress: addressOf(third, 1),
    interface: device,
    pool: { first: addressOf(third, 100), last: addressOf(third, 199) },
  })),
  sleds: CABLES.map(({ network, third, mac }, n) => ({
    name: `sled-${network}`,
    position: { kind: 'rack-unit', unit: n + 1 },
    architecture: 'x86_64',
    firmwareMode: 'uefi',
    macs: [mac],
    address: addressOf(third, 21),
  })),
}

function layCables(): void {
  ip('netns', 'add', SERVER)
  ip('-n', SERVER, 'link', 'set', 'lo', 'up')
  for (const { device, third, mac } of CABLES) {
    const client = clientOf(device)
    ip('netns', 'add', client)
    ip('-n', SERVER, 'link', 'add', device, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', client)
    ip('-n', SERVER, 'addr', 'add', `${addressOf(third, 1)}/24`, 'dev', device)
    ip('-n', SERVER, 'link', 'set', device, 'up')
    ip('-n', client, 'link', 'set', 'eth0', 'address', mac, 'up')
  }
}

/** Runs udhcpc once in a client's namespace, takes the address it was given, and says what else. */
function obtain(device: string, folder: string): Record<string, string> {
  const [script, out] = [join(folder, `${device}.sh`), join(folder, `${device}.txt`)]
  writeFileSync(script, `#!/bin/sh\n[ "$1" = bound ] && env > ${out}\nexit 0\n`, { mode: 0o755 })
  const patience = ['-f', '-q', '-n', '-t', '8', '-T', '1']
  within(clientOf(device), 'udhcpc', '-i', 'eth0', ...patience, '-s', script)
  const lines = readFileSync(out, 'utf8').split('\n')
  const given = Object.fromEntries(
    lines.map((line) => line.split(/=(.*)/s).slice(0, 2) as [string, string]),
  )
  ip('-n', clientOf(device), 'addr', 'add', `${given['ip']}/24`, 'dev', 'eth0')
  return given
}

/** Lines of /proc/PID/status by their names. */
const statusOf = (pid: number): Record<string, string> =>
  Object.fromEntries(
    readFileSync(`/proc/${pid}/status`, 'utf8')
      .split('\n')
      .map((line) => line.split(/:\s*/).slice(0, 2) as [string, string]),
  )

const programs = ['ip', 'python3', 'setpriv', 'udhcpc', 'curl']

needs({ root: true, programs }).describe('an installed agent without root', () => {
  let folder = ''
  let installed: PackagedAgent
  let agent: ChildProcess
  let said = ''

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'descriptors-'))
    installed = await installAgent(folder, { rack: RACK, loader: LOADER })
    layCables()
    const devices = CABLES.map(({ device }) => device)
    const words = handOver({ devices, uid: AGENT_UID, command: installed.command })
    agent = spawn('ip', ['netns', 'exec', SERVER, ...words], {
      cwd: '/',
      env: { PATH: process.env['PATH'], ...installed.environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    for (const stream of [agent.stdout, agent.stderr]) {
      stream?.on('data', (piece: Buffer) => (said += piece.toString()))
    }
    await healthy()
  }, 60_000)

  afterAll(() => {
    agent?.kill('SIGKILL')
    for (const name of [SERVER, ...CABLES.map(({ device }) => clientOf(device))]) {
      spawnSync('ip', ['netns', 'del', name])
    }
    rmSync(folder, { recursive: true, force: true })
  })

  async function healthy(): Promise<void> {
    const deadlineMs = Date.now() + START_TIMEOUT_MS
    const ask = ['netns', 'exec', SERVER, 'curl', '-sf', 'http://127.0.0.1:7480/healthz']
    while (spawnSync('ip', ask).status !== 0) {
      if (agent.exitCode !== null || Date.now() > deadlineMs) {
        throw new Error(`the agent does not serve: ${said}`)
      }
      await sleep(50)
    }
  }

  it('has neither root nor any capability', () => {
    const status = statusOf(agent.pid ?? 0)
    expect(status['Uid']).toBe(Array.from({ length: 4 }, () => AGENT_UID).join('\t'))
    expect(status['Groups']?.trim()).toBe('')
    for (const set of ['CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb']) {
      expect([set, status[set]]).toEqual([set, '0'.repeat(16)])
    }
    expect(status['NoNewPrivs']).toBe('1')
    expect(said).not.toContain('cannot be served')
  })

  for (const { device, third, mac } of CABLES) {
    it(`gives ${device} an address, the loader and the script of its own network`, () => {
      expect(obtain(device, folder)).toMatchObject({
        ip: addressOf(third, 21),
        serverid: addressOf(third, 1),
      })
      const server = addressOf(third, 1)
      const fetch = (url: string): string => within(clientOf(device), 'curl', '-sf', url)
      expect(fetch(`tftp://${server}/undionly.kpxe`)).toBe(LOADER)
      const script = fetch(`http://${server}/boot.ipxe?mac=${mac}`)
      expect(script).toMatch(/^#!ipxe\n/)
      expect(script).not.toContain('is not declared')
      const stranger = fetch(`http://${server}/boot.ipxe?mac=52:54:00:99:99:99`)
      expect(stranger).toContain('is not declared')
    })
  }

  it('keeps its store to itself and ends when told', async () => {
    const site = join(installed.stateFolder, 'site.db')
    expect(execFileSync('stat', ['-c', '%u', site], { encoding: 'utf8' }).trim()).toBe(
      String(AGENT_UID),
    )
    const ended = new Promise<number | null>((resolve) => agent.once('exit', resolve))
    agent.kill('SIGTERM')
    expect(await ended).toBe(0)
  })
})
