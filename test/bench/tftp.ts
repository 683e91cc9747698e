/**
 * Files by TFTP over a cable between two network namespaces: ours, dnsmasq, tftpd-hpa and atftpd,
 * turn by turn, to the same clients. Every file is compared with what was served.
 */
import { randomFillSync } from 'node:crypto'
import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { programPath } from '../needs.ts'
import { type CabledRoom, openCabledRoom } from './cabled-room.ts'
import { type BenchRow, largerIsBetter, median, smallerIsBetter } from './row.ts'
import { spent } from './spent.ts'

const ROUNDS = 5
const SERVER = '10.95.0.1'
const DEVICE = 'tftp0'
const PARALLEL = 50
/** Fetched by each of the parallel clients, one after the other. */
const FILES_EACH = 2
/** What every client asks for. */
const BLOCK_BYTES = 1468
const LARGE = { name: 'large', bytes: 50_000_000 }
const SMALL = { name: 'small', bytes: 1_000_000 }

interface TftpPeer {
  readonly name: string
  readonly words: readonly string[]
  /** What it says when it listens; undefined for one that says nothing. */
  readonly ready: RegExp | undefined
}

/** One way of fetching: a script for the clients' namespace, and the bytes that it brings. */
interface Load {
  readonly metric: string
  readonly program: string
  readonly bytes: number
  readonly script: (folder: string) => string
}

interface Figures {
  /** Megabytes in a second, at the clients. */
  readonly rate: number
  /** Of the server's processor time, threads and children included; the clients' is not in it. */
  readonly microsecondsPerBlock: number
}

/** A server and its middle figures; none where it is not installed. */
interface Served {
  readonly name: string
  readonly figures: Figures | undefined
}

/** Clients have an address each, as sleds do. */
const clientAddress = (n: number): string => `10.95.0.${100 + n}`

const LOADS: readonly Load[] = [
  {
    metric: `one client, blksize ${BLOCK_BYTES}`,
    program: 'curl',
    bytes: LARGE.bytes,
    script: (folder) =>
      `curl -s --tftp-blksize ${BLOCK_BYTES} -o ${folder}/got tftp://${SERVER}/${LARGE.name} && cmp ${folder}/got ${folder}/${LARGE.name}`,
  },
  {
    metric: `one client, blksize ${BLOCK_BYTES}, windowsize 16`,
    program: 'atftp',
    bytes: LARGE.bytes,
    script: (folder) =>
      `atftp --option 'blksize ${BLOCK_BYTES}' --option 'windowsize 16' -g -r ${LARGE.name} -l ${folder}/got ${SERVER} 69 && cmp ${folder}/got ${folder}/${LARGE.name}`,
  },
  {
    metric: `${PARALLEL} clients together, blksize ${BLOCK_BYTES}`,
    program: 'curl',
    bytes: SMALL.bytes * PARALLEL * FILES_EACH,
    script: (folder) => {
      const fetch = `curl -s --interface $1 --tftp-blksize ${BLOCK_BYTES} -o ${folder}/got-$1 tftp://${SERVER}/${SMALL.name}`
      const client = `for n in ${'x '.repeat(FILES_EACH)}; do ${fetch} && cmp ${folder}/got-$1 ${folder}/${SMALL.name} || exit 255; done`
      const addresses = Array.from({ length: PARALLEL }, (_, n) => clientAddress(n)).join('\\n')
      return `printf '${addresses}\\n' | xargs -P ${PARALLEL} -n 1 sh -c '${client}' client`
    },
  },
]

export async function run(): Promise<readonly BenchRow[]> {
  const room = openCabledRoom('tftp', [
    {
      device: DEVICE,
      client: 'eth0',
      serverAddress: SERVER,
      clientAddresses: Array.from({ length: PARALLEL }, (_, n) => clientAddress(n)),
    },
  ])
  try {
    chmodSync(room.folder, 0o755)
    for (const { name, bytes } of [LARGE, SMALL]) {
      writeFileSync(join(room.folder, name), randomFillSync(Buffer.alloc(bytes)))
    }
    const ours: TftpPeer = {
      name: 'ours',
      ready: /^ready$/m,
      words: [
        process.execPath,
        fileURLToPath(new URL('tftp-server.ts', import.meta.url)),
        SERVER,
        ...[LARGE, SMALL].map(({ name }) => join(room.folder, name)),
      ],
    }
    const rows: BenchRow[] = []
    for (const load of LOADS) {
      if (programPath(load.program) === undefined) throw new Error(`needs ${load.program}`)
      const [own, ...others] = await alternating(room, load, [ours, ...peers(room.folder)])
      for (const other of others) rows.push(...rowsOf(load, own, other))
    }
    return rows
  } finally {
    room.close()
  }
}

const PACKAGES: Readonly<Record<string, string>> = {
  dnsmasq: 'dnsmasq-base',
  'tftpd-hpa': 'tftpd-hpa',
  atftpd: 'atftpd',
}

/** `dnsmasq` and tftpd-hpa have no windows, and answer that option as none. No words: not installed. */
function peers(root: string): TftpPeer[] {
  const all: [string, string, (path: string) => readonly string[], RegExp | undefined][] = [
    [
      'dnsmasq',
      'dnsmasq',
      (path) =>
        `${path} -k -p 0 -C /dev/null --log-facility=- --enable-tftp --tftp-root=${root} --user=root --listen-address=${SERVER} --bind-interfaces`.split(
          ' ',
        ),
      /TFTP root/,
    ],
    [
      'tftpd-hpa',
      'in.tftpd',
      (path) => [path, '-L', '-u', 'root', '-a', `${SERVER}:69`, '-s', root],
      undefined,
    ],
    [
      'atftpd',
      'atftpd',
      (path) =>
        `${path} --daemon --no-fork --logfile - --bind-address ${SERVER} --user root --group root ${root}`.split(
          ' ',
        ),
      undefined,
    ],
  ]
  return all.map(([name, program, words, ready]) => {
    const path = programPath(program)
    if (path !== undefined) return { name, words: words(path), ready }
    return { name: `${name} is missing (Debian package ${PACKAGES[name]})`, words: [], ready }
  })
}

/**
 * Each round asks every server once, so that what the machine does besides hits all alike, and each
 * round begins with another one.
 */
async function alternating(
  room: CabledRoom,
  load: Load,
  servers: readonly TftpPeer[],
): Promise<Served[]> {
  const asked = servers.map((server) => ({ server, rounds: [] as Figures[] }))
  for (let round = 0; round < ROUNDS; round++) {
    for (let n = 0; n < asked.length; n++) {
      const next = asked[(round + n) % asked.length]
      if (next === undefined || next.server.words.length === 0) continue
      next.rounds.push(await figuresOf(room, load, next.server))
    }
  }
  return asked.map(({ server: { name }, rounds }) => ({
    name,
    figures: rounds.length === 0 ? undefined : middle(rounds),
  }))
}

const middle = (rounds: readonly Figures[]): Figures => ({
  rate: median(rounds.map(({ rate }) => rate)),
  microsecondsPerBlock: median(rounds.map(({ microsecondsPerBlock: each }) => each)),
})

function rowsOf(load: Load, own: Served | undefined, other: Served): BenchRow[] {
  const row = (what: string, unit: string, of: (figures: Figures) => number) => ({
    bench: 'tftp',
    metric: `${load.metric}${what}`,
    unit,
    ours: own?.figures === undefined ? 0 : of(own.figures),
    peer: other.figures === undefined ? null : of(other.figures),
    peerName: other.name,
  })
  const rate = largerIsBetter(row('', 'MB/s', (each) => each.rate))
  if (other.figures === undefined) return [rate]
  return [
    rate,
    smallerIsBetter(row(", server's time a block", 'µs', (each) => each.microsecondsPerBlock)),
  ]
}

async function figuresOf(room: CabledRoom, load: Load, peer: TftpPeer): Promise<Figures> {
  const server = room.serve(peer.words)
  try {
    await (peer.ready === undefined ? bound(room) : server.heard(peer.ready))
    const before = spent(server.pid)
    const timed = `began=$(date +%s%N); ${load.script(room.folder)} || exit 1; echo took $(($(date +%s%N) - began))`
    const clients = room.beSleds(['sh', '-c', timed])
    const took = Number(await clients.heard(/^took (\d+)$/m))
    const seconds = spent(server.pid).cpuSeconds - before.cpuSeconds
    return {
      rate: (load.bytes * 1000) / took,
      microsecondsPerBlock: (seconds * 1e6 * BLOCK_BYTES) / load.bytes,
    }
  } finally {
    await server.end()
  }
}

/** Waits until something listens on the port. */
const bound = (room: CabledRoom): Promise<string> =>
  room
    .serve(['sh', '-c', 'until grep -q ":0045 " /proc/net/udp; do sleep 0.05; done; echo bound'])
    .heard(/bound/)
