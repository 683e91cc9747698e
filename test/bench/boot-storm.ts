/**
 * 48 simulated sleds switched on together: how long the slowest waits from its first DISCOVER to
 * its ACK. Server and sleds are in two network namespaces joined by one cable; dnsmasq is asked in
 * the same way right after.
 */
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { programPath } from '../needs.ts'
import { STORM_SLEDS, stormRack } from './boot-storm-rack.ts'
import { type BenchRow, median, smallerIsBetter } from './row.ts'
import { stormDnsmasq } from './storm-dnsmasq.ts'

const ROUNDS = 5
const START_TIMEOUT_MS = 15_000
const SERVER = `by-storm-s${process.pid}`
const CLIENT = `by-storm-c${process.pid}`
const DEVICE = 'storm0'

const here = (file: string): string => fileURLToPath(new URL(file, import.meta.url))
const ip = (...args: string[]): void => void execFileSync('ip', args, { stdio: 'pipe' })

export async function run(): Promise<readonly BenchRow[]> {
  const missing = whyNot()
  if (missing !== undefined) throw new Error(missing)
  const folder = mkdtempSync(join(tmpdir(), 'brickyard-storm-bench-'))
  try {
    layCable()
    const ours = await rounds(() =>
      spawnIn(SERVER, process.execPath, [here('boot-storm-server.ts'), DEVICE]),
    )
    const dnsmasq = programPath('dnsmasq')
    const peer =
      dnsmasq === undefined
        ? undefined
        : await rounds(() => spawnIn(SERVER, dnsmasq, stormDnsmasq(DEVICE, join(folder, 'leases'))))
    return [
      smallerIsBetter({
        bench: 'boot-storm',
        metric: `slowest of ${STORM_SLEDS} sleds, DISCOVER to ACK`,
        unit: 'ms',
        ours: median(ours),
        peer: peer === undefined ? null : median(peer),
        peerName:
          peer === undefined
            ? 'dnsmasq is missing (Debian package dnsmasq-base)'
            : 'dnsmasq, no-ping',
      }),
    ]
  } finally {
    for (const name of [SERVER, CLIENT]) spawnSync('ip', ['netns', 'del', name])
    rmSync(folder, { recursive: true, force: true })
  }
}

function whyNot(): string | undefined {
  if (process.getuid?.() !== 0) return 'needs root: it makes network namespaces'
  return programPath('ip') === undefined ? 'ip is missing (Debian package iproute2)' : undefined
}

function layCable(): void {
  const [network] = stormRack(DEVICE).networks
  ip('netns', 'add', SERVER)
  ip('netns', 'add', CLIENT)
  ip('-n', SERVER, 'link', 'add', DEVICE, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', CLIENT)
  ip('-n', SERVER, 'addr', 'add', `${network?.agentAddress}/24`, 'dev', DEVICE)
  ip('-n', CLIENT, 'addr', 'add', '169.254.1.1/16', 'dev', 'eth0')
  for (const [name, device] of [
    [SERVER, DEVICE],
    [CLIENT, 'eth0'],
  ] as const) {
    ip('-n', name, 'link', 'set', 'lo', 'up')
    ip('-n', name, 'link', 'set', device, 'up')
    ip('-n', name, 'route', 'add', '255.255.255.255', 'dev', device)
  }
}

const spawnIn = (namespace: string, command: string, args: string[]): ChildProcess =>
  spawn('ip', ['netns', 'exec', namespace, command, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })

/** Every round is a fresh server with an empty store and 48 sleds that it never saw. */
async function rounds(start: () => ChildProcess): Promise<number[]> {
  const slowest: number[] = []
  for (let round = 0; round < ROUNDS; round++) {
    const server = start()
    try {
      await ready(server)
      const sleds = [here('boot-storm-clients.ts'), String(STORM_SLEDS)]
      const said = await output(spawnIn(CLIENT, process.execPath, sleds))
      const { served, slowestMs } = JSON.parse(said) as { served: number; slowestMs: number }
      if (served !== STORM_SLEDS)
        throw new Error(`${served} of ${STORM_SLEDS} sleds got an address`)
      slowest.push(slowestMs)
    } finally {
      await ended(server)
    }
  }
  return slowest
}

/** Our server says `ready`, dnsmasq names its DHCP range on standard error. */
const ready = (server: ChildProcess): Promise<void> =>
  new Promise((resolve, reject) => {
    let said = ''
    const timer = setTimeout(() => reject(new Error(`no server: ${said}`)), START_TIMEOUT_MS)
    const hear = (piece: Buffer): void => {
      said += piece.toString()
      if (!/^ready|sockets bound exclusively/m.test(said)) return
      clearTimeout(timer)
      resolve()
    }
    server.stdout?.on('data', hear)
    server.stderr?.on('data', hear)
    server.once('exit', () => {
      clearTimeout(timer)
      reject(new Error(`the server ended: ${said}`))
    })
  })

/** What a program prints until it ends; waiting for it, we go on reading what the server says. */
const output = (program: ChildProcess): Promise<string> =>
  new Promise((resolve, reject) => {
    let [said, complained] = ['', '']
    program.stdout?.on('data', (piece: Buffer) => (said += piece.toString()))
    program.stderr?.on('data', (piece: Buffer) => (complained += piece.toString()))
    program.once('close', (code) => {
      if (code === 0) resolve(said)
      else reject(new Error(`the sleds ended with ${code}: ${complained}`))
    })
  })

const ended = (server: ChildProcess): Promise<void> =>
  new Promise((resolve) => {
    if (server.exitCode !== null) return resolve()
    server.once('exit', () => resolve())
    server.kill('SIGTERM')
  })
