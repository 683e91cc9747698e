/**
 * 24 sleds that read one image of 1 GB together, by HTTP over a cable between two network
 * namespaces: ours and nginx (Debian's settings: a worker for each core, sendfile), turn by turn.
 * CPU and memory are those of the whole server, workers included.
 */
import { truncateSync, writeFileSync, chmodSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { programPath } from '../needs.ts'
import { type CabledRoom, openCabledRoom } from './cabled-room.ts'
import { type BenchRow, largerIsBetter, median, smallerIsBetter } from './row.ts'
import { spent } from './spent.ts'

const ROUNDS = 3
const READERS = 24
const IMAGE_BYTES = 1_000_000_000
const SERVER = '10.96.0.1'
const PORT = 80
const DEVICE = 'http0'

interface Figures {
  readonly rate: number
  readonly cpuSeconds: number
  readonly mostBytes: number
}

const readerAddress = (n: number): string => `10.96.0.${100 + n}`

export async function run(): Promise<readonly BenchRow[]> {
  const nginx = programPath('nginx')
  if (nginx === undefined) throw new Error('nginx is missing (Debian package nginx-light)')
  if (programPath('curl') === undefined) throw new Error('curl is missing (Debian package curl)')
  const room = openCabledRoom('http', [
    {
      device: DEVICE,
      client: 'eth0',
      serverAddress: SERVER,
      clientAddresses: Array.from({ length: READERS }, (_, n) => readerAddress(n)),
    },
  ])
  try {
    chmodSync(room.folder, 0o755)
    writeFileSync(join(room.folder, 'image'), '')
    truncateSync(join(room.folder, 'image'), IMAGE_BYTES)
    const configuration = join(room.folder, 'nginx.conf')
    writeFileSync(configuration, nginxConfiguration(room.folder))
    const program = fileURLToPath(new URL('http-server.ts', import.meta.url))
    const ours = [process.execPath, program, SERVER, String(PORT), room.folder]
    const peer = [nginx, '-e', '/dev/null', '-c', configuration]
    const [own, other]: [Figures[], Figures[]] = [[], []]
    for (let round = 0; round < ROUNDS; round++) {
      own.push(await served(room, ours))
      other.push(await served(room, peer))
    }
    const middle = (all: readonly Figures[], of: (one: Figures) => number): number =>
      median(all.map(of))
    const row = (metric: string, unit: string, of: (one: Figures) => number) => ({
      bench: 'http',
      metric: `${READERS} readers of 1 GB, ${metric}`,
      unit,
      ours: middle(own, of),
      peer: middle(other, of),
      peerName: 'nginx',
    })
    return [
      largerIsBetter(row('throughput', 'MB/s', ({ rate }) => rate)),
      smallerIsBetter(row('processor time', 's', ({ cpuSeconds }) => cpuSeconds)),
      smallerIsBetter(row('most resident memory', 'MB', ({ mostBytes }) => mostBytes / 1e6)),
    ]
  } finally {
    room.close()
  }
}

const nginxConfiguration = (root: string): string => `
daemon off;
user root;
worker_processes auto;
pid ${root}/nginx.pid;
error_log /dev/null;
events { worker_connections 768; }
http {
  sendfile on;
  tcp_nopush on;
  access_log off;
  server { listen ${SERVER}:${PORT}; root ${root}; }
}
`

/** Starts a server, lets all readers read the image, and looks at what that took. */
async function served(room: CabledRoom, words: readonly string[]): Promise<Figures> {
  const server = room.serve(words)
  try {
    await room
      .serve([
        'sh',
        '-c',
        `until curl -s -r 0-0 -o /dev/null http://${SERVER}:${PORT}/image; do sleep 0.05; done; echo bound`,
      ])
      .heard(/^bound$/m)
    const before = spent(server.pid)
    const addresses = Array.from({ length: READERS }, (_, n) => readerAddress(n)).join('\\n')
    const read = `curl -s -f --interface $1 -w "%{size_download}" -o /dev/null http://${SERVER}:${PORT}/image | grep -qx ${IMAGE_BYTES} || exit 255`
    const all = `printf '${addresses}\\n' | xargs -P ${READERS} -n 1 sh -c '${read}' reader`
    const readers = room.beSleds([
      'sh',
      '-c',
      `began=$(date +%s%N); ${all} || exit 1; echo took $(($(date +%s%N) - began))`,
    ])
    const tookNs = Number(await readers.heard(/^took (\d+)$/m))
    const after = spent(server.pid)
    return {
      rate: (READERS * IMAGE_BYTES * 1000) / tookNs,
      cpuSeconds: after.cpuSeconds - before.cpuSeconds,
      mostBytes: after.mostBytes,
    }
  } finally {
    await server.end()
  }
}
