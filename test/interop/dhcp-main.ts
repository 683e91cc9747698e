/**
 * The networks of an agent and nothing else of it, for tests inside a network namespace:
 * `node dhcp-main.ts '{"networks":[…],"sleds":{…},"folder":"…"}'`, with the sockets of br0 handed over as
 * inherited-sockets.ts does. Prints one JSON line for each event, first
 * `{"kind":"ready"}`, and each change of a trouble as `{"kind":"trouble"}`.
 */
import { createServer } from 'node:http'
import { join } from 'node:path'
import { parseListenFds, type SocketKind } from '@brickyard/agent/listen-fds'
import { createLeaseStore, LEASE_TABLES } from '@brickyard/agent/netboot/lease-store'
import { createSiteNetworks } from '@brickyard/agent/site-networks'
import type { Mac } from '@brickyard/model/mac'
import type { SiteName } from '@brickyard/model/names'
import type { Network } from '@brickyard/model/rack'
import type { BootSled } from '@brickyard/netboot/boot-view'
import { systemClock } from '@brickyard/runtime/node/clock'
import { jsonLog } from '@brickyard/runtime/node/log'
import { kernelNeighbours } from '@brickyard/runtime/node/neighbours'
import { openNodeStore } from '@brickyard/runtime/node/store'
import { nodeUdp } from '@brickyard/runtime/node/udp'
import { migrate } from '@brickyard/runtime/store'

interface Settings {
  readonly networks: readonly Network[]
  readonly sleds: Readonly<Record<Mac, BootSled>>
  readonly folder: string
}

const { networks, sleds, folder } = JSON.parse(process.argv[2] ?? '{}') as Settings
const print = (event: object): void => void process.stdout.write(`${JSON.stringify(event)}\n`)
const log = jsonLog('warn', 'dhcp-main')
const store = openNodeStore({ path: join(folder, 'site.db'), durable: true })
migrate(store, [LEASE_TABLES])

const directory = {
  sledFor: ({ mac }: { mac: Mac }): BootSled | undefined => sleds[mac],
}
/** Nothing here opens a boot intent. */
const directories = { directory, lookingOn: directory }
const handed = parseListenFds(process.env, process.pid)
if (!handed.ok) throw new Error(handed.error)
const fdOf = (kind: SocketKind): number | undefined => handed.value.get(`${kind}-br0`)
const br0 = {
  dhcpFd: fdOf('dhcp'),
  tftpFd: fdOf('tftp'),
  pxeFd: fdOf('pxe'),
  bootpcFd: fdOf('bootpc'),
}

const site = createSiteNetworks({
  udp: nodeUdp,
  clock: systemClock,
  log,
  leases: createLeaseStore({ store, clock: systemClock, log }),
  ...directories,
  report: print,
  trace: {
    dhcp: () => undefined,
    file: () => undefined,
    script: () => undefined,
    answered: () => undefined,
    watching: () => undefined,
    unwatched: () => undefined,
  },
  sockets: { br0 },
  tftpFiles: new Map(),
  loaders: new Set(['snponly.efi', 'undionly.kpxe']),
  assets: new Map(),
  installers: {},
  neighbours: kernelNeighbours,
  trouble: (what, reason) => print({ kind: 'trouble', body: { what, reason: reason ?? null } }),
})
await site.sync({ site: 'interop' as SiteName, networks, cages: [], sleds: [] })

/** Who asks for a script says by it that the loader found us. */
createServer((request, response) => {
  print({
    kind: 'http',
    body: { url: request.url ?? '', from: request.socket.remoteAddress ?? '' },
  })
  response.end('#!ipxe\necho SCRIPT TAKEN\n')
}).listen({ fd: fdOf('http') }, () => print({ kind: 'ready', body: {} }))
