import { spawn as spawnProcess } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { createInterface } from 'node:readline'
import type { Bmc } from '@brickyard/bmc/bmc'
import { ourClient, PASSWORD, run as spawn, USER } from '../interop/ipmi-rig.ts'
import { programPath } from '../needs.ts'
import { pollFleet } from './bmc-polling.ts'
import { childrenCpuMs, ownCpuMs, peakMemoryMiB } from './child-cost.ts'
import { largerIsBetter, smallerIsBetter, type BenchRow } from './row.ts'

const SUITE = 17
const FLEETS = [1, 48, 1000] as const
/** Spawned programs take tens of milliseconds each; more of them tell nothing new. */
const SPAWNS_MAX = 96
const OUR_CALLS_MIN = 1000
/** Logins at once: what the BMCs' one process answers within a console's patience. */
const LOGINS_TOGETHER = 48
/** Spawned programs at once: two cores have no use for more. */
const SPAWNS_TOGETHER = 4

const IPMITOOL = programPath('ipmitool')
const IPMIPOWER = programPath('ipmipower')
const IPMI_SENSORS = programPath('ipmi-sensors')

/** What one kind of call costs. */
interface Cost {
  readonly cpuMs: number
  readonly callsPerSecond: number
}

async function startFleet(count: number) {
  const script = new URL('./bmc-fleet.ts', import.meta.url).pathname
  const child = spawnProcess(process.execPath, [script, String(count)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const lines = createInterface({ input: child.stdout })
  const first = await new Promise<string>((resolve) => lines.once('line', resolve))
  const ports: unknown = JSON.parse(first)
  if (!Array.isArray(ports)) throw new Error('the fleet names no ports')
  return {
    ports: ports.map(Number),
    stop: () =>
      new Promise<void>((resolve) => {
        child.once('close', () => resolve())
        child.stdin.end()
      }),
  }
}

/** Runs `work` over `items`, at most `together` at once. */
async function over<T>(
  items: readonly T[],
  together: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  let next = 0
  const lane = async (): Promise<void> => {
    for (;;) {
      const item = items[next++]
      if (item === undefined) return
      await work(item)
    }
  }
  await Promise.all(Array.from({ length: together }, lane))
}

async function cost(calls: number, cpu: () => number, work: () => Promise<void>): Promise<Cost> {
  const begunCpuMs = cpu()
  const begunMs = performance.now()
  await work()
  const seconds = (performance.now() - begunMs) / 1000
  return { cpuMs: (cpu() - begunCpuMs) / calls, callsPerSecond: calls / seconds }
}

async function power(client: Bmc): Promise<void> {
  const read = await client.power.read()
  if (!read.ok) throw new Error(read.error.message)
}

async function sweep(client: Bmc): Promise<void> {
  const read = await client.sensors?.read()
  if (read?.ok !== true) throw new Error(read?.error.message ?? 'no sensors')
}

async function succeed(program: string, args: readonly string[]): Promise<void> {
  const { code, output } = await spawn(program, args)
  if (code !== 0) throw new Error(`${program} failed: ${output}`)
}

const ipmitool = (port: number, ...words: string[]): readonly string[] => [
  ...`-I lanplus -C ${SUITE} -H 127.0.0.1 -p ${port} -U ${USER} -P ${PASSWORD}`.split(' '),
  ...words,
]
const freeipmi = (port: number, ...words: string[]): readonly string[] => [
  ...`-D LAN_2_0 -I ${SUITE} -h 127.0.0.1:${port} -u ${USER} -p ${PASSWORD} -l ADMIN`.split(' '),
  ...words,
]

interface Peer {
  readonly name: string
  readonly program: string
  readonly power: ((port: number) => readonly string[]) | undefined
  readonly sweep: ((port: number) => readonly string[]) | undefined
}

async function peerCost(
  peer: Peer,
  what: 'power' | 'sweep',
  ports: readonly number[],
): Promise<Cost | undefined> {
  const args = peer[what]
  if (args === undefined) return undefined
  const calls = ports.slice(0, SPAWNS_MAX)
  const repeated = calls.length === 1 ? Array.from({ length: 40 }, () => calls[0] ?? 0) : calls
  return await cost(repeated.length, childrenCpuMs, () =>
    over(repeated, Math.min(SPAWNS_TOGETHER, ports.length), (port) =>
      succeed(peer.program, args(port)),
    ),
  )
}

async function ourCost(
  clients: readonly Bmc[],
  work: (client: Bmc) => Promise<void>,
): Promise<Cost> {
  const rounds = Math.ceil(OUR_CALLS_MIN / clients.length)
  await over(clients, LOGINS_TOGETHER, work)
  return await cost(rounds * clients.length, ownCpuMs, async () => {
    for (let round = 0; round < rounds; round++) await over(clients, LOGINS_TOGETHER, work)
  })
}

function rows(metric: string, ours: Cost, peer: Cost | undefined, peerName: string): BenchRow[] {
  const row = { bench: 'bmc', peerName }
  return [
    smallerIsBetter({
      ...row,
      metric: `${metric}: CPU per call`,
      unit: 'ms',
      ours: ours.cpuMs,
      peer: peer?.cpuMs ?? null,
    }),
    largerIsBetter({
      ...row,
      metric: `${metric}: calls per second`,
      unit: '/s',
      ours: ours.callsPerSecond,
      peer: peer?.callsPerSecond ?? null,
    }),
  ]
}

async function fleetRows(count: number, peers: readonly Peer[]): Promise<readonly BenchRow[]> {
  const fleet = await startFleet(count)
  const clients = fleet.ports.map((port) => ourClient(port, SUITE))
  const found: BenchRow[] = []
  try {
    for (const [what, work] of [
      ['power', power],
      ['sweep', sweep],
    ] as const) {
      const ours = await ourCost(clients, work)
      const metric = `${what === 'power' ? 'power status' : 'sweep of 9 sensors'} of ${count}`
      for (const peer of peers) {
        const theirs = await peerCost(peer, what, fleet.ports)
        if (theirs !== undefined) found.push(...rows(metric, ours, theirs, peer.name))
      }
      if (peers.length === 0) found.push(...rows(metric, ours, undefined, 'none here'))
    }
    if (count === 1) found.push(...(await loginRows(fleet.ports[0] ?? 0, peers)))
    if (count === Math.max(...FLEETS))
      found.push(...(await memoryRows(fleet.ports, clients, peers)))
  } finally {
    await over(clients, LOGINS_TOGETHER, (client) => client.close())
    await fleet.stop()
  }
  return found
}

/** A login, one reading and a logout each time: the same work as a spawned program does. */
async function loginRows(port: number, peers: readonly Peer[]): Promise<readonly BenchRow[]> {
  const whole = async (): Promise<void> => {
    const client = ourClient(port, SUITE)
    await power(client)
    await client.close()
  }
  for (let n = 0; n < 50; n++) await whole()
  const ours = await cost(300, ownCpuMs, async () => {
    for (let n = 0; n < 300; n++) await whole()
  })
  const [peer] = peers
  const theirs = peer === undefined ? undefined : await peerCost(peer, 'power', [port])
  return rows('power status with a login each', ours, theirs, peer?.name ?? 'none here')
}

/** One process that polls the fleet for a while, beside what one spawned program needs. */
async function memoryRows(
  ports: readonly number[],
  clients: readonly Bmc[],
  peers: readonly Peer[],
): Promise<readonly BenchRow[]> {
  const polled = await pollFleet(clients)
  const [peer] = peers
  const spawnMiB =
    peer?.power === undefined ? null : await peakMemoryMiB(peer.program, peer.power(ports[0] ?? 0))
  const name = `${clients.length} polled for ${polled.seconds} s (power 15 s, sensors 60 s)`
  const row = { bench: 'bmc', peer: null, peerName: 'none' }
  return [
    smallerIsBetter({
      ...row,
      metric: `${name}: share of one core`,
      unit: '%',
      ours: polled.cpuPercent,
    }),
    smallerIsBetter({
      ...row,
      metric: `${name}: peak memory of the process`,
      unit: 'MiB',
      ours: polled.peakMiB,
      peer: spawnMiB,
      peerName: `one ${peer?.name ?? 'none'}`,
    }),
    smallerIsBetter({
      ...row,
      metric: `${name}: memory at the end less that after the first minute`,
      unit: 'MiB',
      ours: polled.grownMiB,
    }),
    smallerIsBetter({
      ...row,
      metric: `${name}: polls that failed`,
      unit: '',
      ours: polled.failed,
    }),
    smallerIsBetter({
      ...row,
      metric: `${name}: slowest poll`,
      unit: 'ms',
      ours: polled.slowestMs,
    }),
  ]
}

/**
 * What asking BMCs costs: power status and a sensor sweep of 1, 48 and 1,000 virtual BMCs (in a process
 * of their own) by our client with its sessions kept, by spawning ipmitool and by spawning freeipmi.
 */
export async function run(): Promise<readonly BenchRow[]> {
  const cache = await mkdtemp(join(tmpdir(), 'brickyard-freeipmi-bench-'))
  const peers: readonly (Peer | undefined)[] = [
    IPMITOOL === undefined
      ? undefined
      : {
          name: 'spawned ipmitool',
          program: IPMITOOL,
          power: (port) => ipmitool(port, 'chassis', 'power', 'status'),
          sweep: (port) => ipmitool(port, 'sdr', 'list'),
        },
    IPMIPOWER === undefined
      ? undefined
      : {
          name: 'spawned ipmipower',
          program: IPMIPOWER,
          power: (port) => freeipmi(port, '--stat'),
          sweep: undefined,
        },
    IPMI_SENSORS === undefined
      ? undefined
      : {
          name: 'spawned ipmi-sensors',
          program: IPMI_SENSORS,
          power: undefined,
          sweep: (port) => freeipmi(port, '--quiet-cache', `--sdr-cache-directory=${cache}`),
        },
  ]
  const found: BenchRow[] = []
  try {
    for (const count of FLEETS) {
      found.push(
        ...(await fleetRows(
          count,
          peers.filter((peer) => peer !== undefined),
        )),
      )
    }
  } finally {
    await rm(cache, { recursive: true, force: true })
  }
  return found
}
