/**
 * Exchanges (DISCOVER, OFFER, REQUEST, ACK) with new clients a second, up to the rate at which one in
 * a hundred is lost: the agent, Kea and dnsmasq, each with its leases on the disk, in one namespace;
 * perfdhcp as a relay in another. The rates climb until one is lost; each begins with an empty store.
 */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { programPath } from '../needs.ts'
import { type CabledRoom, openCabledRoom, type RoomProgram } from './cabled-room.ts'
import {
  keaConfiguration,
  LOAD_NETWORK,
  loadDnsmasq,
  type LoadReport,
  readLoadReport,
} from './dhcp-load.ts'
import { type BenchRow, largerIsBetter } from './row.ts'

/** The steps are as fine for a fast server as for a slow one, or the ratio would be a matter of luck. */
const RATES = [
  100, 200, 300, 400, 500, 600, 700, 800, 1600, 2400, 3200, 4000, 5000, 6000, 7000, 8000, 9000,
  10_000, 12_000,
]
const SECONDS = 3
/** Each rate is tried so often before it is given up: other work on the machine costs packets too. */
const TRIES = 2
const LOSS_MAX = 0.01
/** Every server serves this long before it is measured, as one that has been up for a while. */
const WARM_UP = { rate: 300, seconds: 3 }
/** perfdhcp picks from so many MACs: about all of a run's are new. */
const CLIENTS = 1_000_000
const SERVER = fileURLToPath(new URL('dhcp-server.ts', import.meta.url))

interface Contender {
  readonly name: string
  /** Where the rates begin; far below what it can do. */
  readonly fromRate: number
  /** Starts it with an empty store, and waits until it serves. */
  start(room: CabledRoom): Promise<RoomProgram>
}

export async function run(): Promise<readonly BenchRow[]> {
  const perfdhcp = programPath('perfdhcp')
  if (perfdhcp === undefined) throw new Error('needs perfdhcp (Debian package kea-admin)')
  const room = openCabledRoom('dhcp', [
    {
      device: LOAD_NETWORK.interface,
      client: 'eth0',
      serverAddress: LOAD_NETWORK.agentAddress,
      clientAddresses: [RELAY],
      prefixLength: 16,
    },
  ])
  try {
    const ours = await bestRate(room, perfdhcp, agent)
    if (ours === undefined) throw new Error(loses(agent))
    const rows: BenchRow[] = []
    for (const [peer, missing] of peers()) {
      const theirs = peer === undefined ? undefined : await bestRate(room, perfdhcp, peer)
      rows.push(...rowsOf(ours, theirs, nameOf(peer, theirs) ?? missing))
    }
    return rows
  } finally {
    room.close()
  }
}

const RELAY = '10.99.255.2'

const agent: Contender = {
  name: 'the agent',
  fromRate: 1600,
  start: (room) => started(room.serve([process.execPath, SERVER]), /^ready/m),
}

/** Those that are installed, and what to install for the others. */
function peers(): [Contender | undefined, string][] {
  const [kea, dnsmasq] = [programPath('kea-dhcp4'), programPath('dnsmasq')]
  return [
    [
      kea === undefined ? undefined : keaBy(kea),
      'Kea is missing (Debian package kea-dhcp4-server)',
    ],
    [
      dnsmasq === undefined ? undefined : dnsmasqBy(dnsmasq),
      'dnsmasq is missing (Debian package dnsmasq-base)',
    ],
  ]
}

const keaBy = (program: string): Contender => ({
  name: 'Kea, memfile, persistent',
  fromRate: 1600,
  start(room) {
    const path = join(room.folder, 'kea.json')
    rmSync(join(room.folder, 'kea-leases.csv'), { force: true })
    writeFileSync(path, JSON.stringify(keaConfiguration(room.folder)))
    // Its own folders for a lock and a PID, which only its service makes.
    for (const folder of ['/run/kea', '/run/lock/kea']) {
      if (!existsSync(folder)) mkdirSync(folder)
    }
    const env = { KEA_PIDFILE_DIR: room.folder, KEA_LOCKFILE_DIR: room.folder }
    return started(room.serve([program, '-c', path], env), /DHCP4_STARTED/)
  },
})

const dnsmasqBy = (program: string): Contender => ({
  name: 'dnsmasq, no-ping',
  fromRate: 100,
  start(room) {
    rmSync(join(room.folder, 'dnsmasq-leases'), { force: true })
    const words = [program, ...loadDnsmasq(room.folder)]
    return started(room.serve(words), /sockets bound exclusively/)
  },
})

async function started(program: RoomProgram, line: RegExp): Promise<RoomProgram> {
  await program.heard(line)
  return program
}

interface Best {
  readonly rate: number
  /** CPU time of the server for one exchange at that rate, in microseconds. */
  readonly cpuMicroseconds: number
}

/**
 * The highest rate at which no more than one exchange in a hundred is lost: up from where the
 * contender begins, or, where it cannot hold that (a busy machine), the first one below.
 */
async function bestRate(
  room: CabledRoom,
  perfdhcp: string,
  who: Contender,
): Promise<Best | undefined> {
  let best: Best | undefined
  for (const rate of RATES.filter((each) => each >= who.fromRate)) {
    const held = await holds(room, perfdhcp, who, rate)
    if (held === undefined) break
    best = held
  }
  for (const rate of RATES.filter((each) => each < who.fromRate).toReversed()) {
    best ??= await holds(room, perfdhcp, who, rate)
  }
  return best
}

const loses = ({ name }: Contender): string =>
  `${name} loses clients at ${RATES[0]} a second already`

const nameOf = (peer: Contender | undefined, best: Best | undefined): string | undefined =>
  peer === undefined || best !== undefined ? peer?.name : loses(peer)

async function holds(
  room: CabledRoom,
  perfdhcp: string,
  who: Contender,
  rate: number,
): Promise<Best | undefined> {
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const server = await who.start(room)
    try {
      await load(room, perfdhcp, WARM_UP.rate, WARM_UP.seconds)
      const before = cpuTicks(server.pid)
      const { begun, completed } = await load(room, perfdhcp, rate, SECONDS)
      const cpuMicroseconds = ((cpuTicks(server.pid) - before) * TICK_MICROSECONDS) / completed
      if (completed >= begun * (1 - LOSS_MAX) && begun >= rate * SECONDS * (1 - LOSS_MAX)) {
        return { rate: completed / SECONDS, cpuMicroseconds }
      }
    } finally {
      await server.end()
    }
  }
  return undefined
}

/** perfdhcp as a relay (its own address in giaddr); a packet is lost that has no answer after 2 s. */
async function load(
  room: CabledRoom,
  perfdhcp: string,
  rate: number,
  seconds: number,
): Promise<LoadReport> {
  const pace = ['-r', `${rate}`, '-R', `${CLIENTS}`, '-p', `${seconds}`, '-d', '2', '-W', '1000000']
  const words = [perfdhcp, '-4', '-l', 'eth0', ...pace, LOAD_NETWORK.agentAddress]
  const text = await room.beSleds(words).output()
  return readLoadReport(text)
}

/** USER_HZ is 100 on every Linux that Node runs on. */
const TICK_MICROSECONDS = 10_000

/** User and system time that a process and its threads used (proc(5), fields 14 and 15). */
function cpuTicks(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ')
  return Number(fields[11]) + Number(fields[12])
}

function rowsOf(ours: Best, theirs: Best | undefined, peerName: string): BenchRow[] {
  return [
    largerIsBetter({
      bench: 'dhcp',
      metric: 'exchanges with new clients, under 1 % lost',
      unit: '/s',
      ours: ours.rate,
      peer: theirs?.rate ?? null,
      peerName,
    }),
    {
      bench: 'dhcp',
      metric: 'CPU for an exchange at that rate',
      unit: 'µs',
      ours: ours.cpuMicroseconds,
      peer: theirs?.cpuMicroseconds ?? null,
      peerName,
      ratio: theirs === undefined ? null : theirs.cpuMicroseconds / ours.cpuMicroseconds,
    },
  ]
}
