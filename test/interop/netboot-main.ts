import { createServer } from 'node:http'
import { Readable } from 'node:stream'
import type { Ipv4 } from '@brickyard/model/ipv4'
import type { Mac } from '@brickyard/model/mac'
import type { Network } from '@brickyard/model/rack'
import type { BootSled } from '@brickyard/netboot/boot-view'
import type { FetchHandler } from '@brickyard/runtime/http'
import { systemClock } from '@brickyard/runtime/node/clock'
import { nodeFiles } from '@brickyard/runtime/node/files'
import { jsonLog } from '@brickyard/runtime/node/log'
import { openNodeStore } from '@brickyard/runtime/node/store'
import { nodeUdp } from '@brickyard/runtime/node/udp'
import { migrate } from '@brickyard/runtime/store'
import type { Udp } from '@brickyard/runtime/udp'
import { toHex } from '@brickyard/std/hex'
import { createBootHttp } from '@brickyard/agent/netboot/boot-http'
import { createBootScripts } from '@brickyard/agent/netboot/boot-scripts'
import { createDhcpServer } from '@brickyard/agent/netboot/dhcp-server'
import { createLeaseStore, LEASE_TABLES } from '@brickyard/agent/netboot/lease-store'
import { LOADER_PATHS_DEBIAN, loadLoaders } from '@brickyard/agent/netboot/loaders'
import { createTftpServer } from '@brickyard/agent/netboot/tftp-server'

/**
 * The agent's netboot servers and nothing else, for tests that need them inside a network
 * namespace: `node netboot-main.ts '{"network":…,"sleds":{…},"storePath":"…"}'`. Prints one JSON
 * line per event, first `{"kind":"ready"}`; with `capture` also every datagram to port 67.
 */
interface Settings {
  readonly network: Network
  readonly sleds: Readonly<Record<Mac, BootSled>>
  readonly storePath: string
  readonly bootUrl: string
  /** A socket on port 67, bound to the device. */
  readonly dhcpFd?: number
  readonly capture?: boolean
}

const settings = JSON.parse(process.argv[2] ?? '{}') as Settings
const { network, sleds, storePath, bootUrl } = settings

const print = (event: object): void => void process.stdout.write(`${JSON.stringify(event)}\n`)
const log = jsonLog('warn', 'netboot-main')
const store = openNodeStore({ path: storePath, durable: true })
migrate(store, [LEASE_TABLES])

const capturing: Udp = {
  async bind(bind) {
    const socket = await nodeUdp.bind(bind)
    if (bind.port !== 67) return socket
    socket.onDatagram((bytes) => print({ kind: 'captured', body: { hex: toHex(bytes) } }))
    return socket
  },
}

const loaders = await loadLoaders(nodeFiles, LOADER_PATHS_DEBIAN)
const directory = {
  sledFor: ({ mac }: { mac: Mac }): BootSled | undefined => sleds[mac],
}
const reserved = new Set<Ipv4>(Object.values(sleds).flatMap(({ address }) => address ?? []))
const parts = {
  udp: settings.capture === true ? capturing : nodeUdp,
  clock: systemClock,
  log,
  directory,
  report: print,
}
const dhcp = createDhcpServer({
  ...parts,
  network,
  leases: createLeaseStore({ store, clock: systemClock, log }),
  bootUrl,
  fd: settings.dhcpFd,
  loaders: new Set(loaders.files.keys()),
  reserved,
})
const tftp = createTftpServer({
  ...parts,
  network: network.name,
  files: loaders.files,
  address: network.agentAddress,
})
/** Any bytes do as kernel and initrd where nobody boots them. */
const assets = new Map(loaders.assets)
for (const [name, from] of [
  ['vmlinuz', 'snponly.efi'],
  ['initrd.img', 'undionly.kpxe'],
] as const) {
  const asset = loaders.assets.get(from)
  if (asset !== undefined) assets.set(name, asset)
}
const scripts = createBootScripts({
  ...parts,
  network: network.name,
  bootUrl,
  assets,
  installers: { x86_64: { kernel: 'vmlinuz', initrd: 'initrd.img', kernelArguments: [] } },
  addressOf: (mac) => dhcp.addressOf(mac),
})
const bootHttp = createBootHttp({ assets, scripts })

for (const started of [await dhcp.start(), await tftp.start()]) {
  if (!started.ok) throw new Error(started.error)
}
serve(bootHttp, Number(new URL(bootUrl).port || 80))
print({ kind: 'ready', body: {} })

/** A FetchHandler on a socket, thin enough for a test. */
function serve(handler: FetchHandler, port: number): void {
  const server = createServer((incoming, outgoing) => {
    const peer = {
      address: incoming.socket.remoteAddress ?? '',
      port: incoming.socket.remotePort ?? 0,
    }
    const headers = Object.entries(incoming.headers).flatMap(([name, value]) =>
      typeof value === 'string' ? [[name, value] as [string, string]] : [],
    )
    const request = new Request(`${bootUrl}${incoming.url}`, {
      method: incoming.method ?? 'GET',
      headers,
    })
    const answer = async (): Promise<void> => {
      const response = await handler(request, peer)
      print({ kind: 'http', body: { url: incoming.url ?? '', status: response.status } })
      outgoing.writeHead(response.status, Object.fromEntries(response.headers))
      if (response.body === null) return void outgoing.end()
      Readable.fromWeb(response.body).pipe(outgoing)
    }
    void answer()
  })
  server.listen(port, network.agentAddress)
}
