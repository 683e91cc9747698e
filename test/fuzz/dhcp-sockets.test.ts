import { ip, PXE, requestFrom, strangerMac } from '@brickyard/agent/netboot/dhcp-rig'
import { createLeaseStore, LEASE_TABLES } from '@brickyard/agent/netboot/lease-store'
import { createSiteNetworks, type SiteNetworks } from '@brickyard/agent/site-networks'
import { type DhcpPacket, encodePacket } from '@brickyard/dhcp/packet'
import type { SiteName } from '@brickyard/model/names'
import type { Network, NetworkMode } from '@brickyard/model/rack'
import { systemClock } from '@brickyard/runtime/node/clock'
import { openNodeStore } from '@brickyard/runtime/node/store'
import { nodeUdp } from '@brickyard/runtime/node/udp'
import { migrate } from '@brickyard/runtime/store'
import type { Udp, UdpAddress } from '@brickyard/runtime/udp'
import { afterEach, expect, it } from 'vitest'
import {
  bombard,
  FUZZ_DATAGRAMS,
  FUZZ_SEED,
  FUZZ_TIMEOUT_MS,
  GROWTH_BYTES_MAX,
  mangled,
  oneOf,
  random,
  silentLog,
  watched,
} from './fuzz-run.ts'

const LOCAL = '127.0.0.1'
const MODES: readonly NetworkMode[] = ['authoritative', 'proxy', 'listen-only', 'relayed']

/** A network of each mode, each on a device of its own. */
const NETWORKS: readonly Network[] = MODES.map((mode, n) => ({
  name: mode,
  role: 'provisioning',
  mode,
  subnet: `10.98.${n}.0/24`,
  agentAddress: ip(`10.98.${n}.1`),
  interface: `net${n}`,
  pool: { first: ip(`10.98.${n}.100`), last: ip(`10.98.${n}.199`) },
  leaseSeconds: 60,
  dns: [],
}))
/** Of a network's ports, those that it listens on in some mode. */
const PORTS = [67, 68, 4011]

const ignored = (): void => undefined
const trace = {
  dhcp: ignored,
  file: ignored,
  script: ignored,
  answered: ignored,
  watching: ignored,
  unwatched: ignored,
}

/** What clients, relays and foreign servers of the n-th network say when nothing is wrong. */
function packetsOf(n: number): readonly Uint8Array[] {
  const [us, other, leased] = [ip(`10.98.${n}.1`), ip(`10.98.${n}.66`), ip(`10.98.${n}.100`)]
  const relayAgent = Uint8Array.of(1, 2, 1, 7, 2, 1, 9, 5, 4, 10, 98, n, 0)
  const said = (options: DhcpPacket['options'], rest: Partial<DhcpPacket> = {}): Uint8Array =>
    encodePacket(requestFrom(strangerMac(random.below(256)), options, rest))
  return [
    said({ messageType: 'discover', ...PXE, userClasses: ['iPXE'] }),
    said({ messageType: 'discover', clientId: Uint8Array.of(255, 1, 2) }),
    said({ messageType: 'discover', relayAgent }, { giaddr: ip(`10.98.${n}.2`) }),
    said({ messageType: 'request', requestedAddress: leased, serverId: us }),
    said({ messageType: 'request', serverId: other, ...PXE }),
    said({ messageType: 'request' }, { ciaddr: leased }),
    said({ messageType: 'decline', requestedAddress: leased, serverId: us }),
    said({ messageType: 'release', serverId: us }, { ciaddr: leased }),
    said({ messageType: 'inform', ...PXE }, { ciaddr: leased }),
    said({ messageType: 'offer', serverId: other }, { op: 'reply', yiaddr: ip('10.98.0.70') }),
  ]
}

/**
 * The machine's sockets on the loopback device, at any port in place of the one that is asked for;
 * what they send goes to `sink`, wherever it should.
 */
function onLoopback(sink: UdpAddress): { udp: Udp; ports: Map<string, number> } {
  const ports = new Map<string, number>()
  const udp: Udp = {
    async bind({ interface: device, port }) {
      const socket = await nodeUdp.bind({ address: LOCAL, port: 0 })
      ports.set(`${device}:${port}`, socket.local.port)
      return { ...socket, send: (bytes) => socket.send(bytes, sink) }
    },
  }
  return { udp, ports }
}

const ends: (() => void)[] = []
afterEach(() => {
  for (const end of ends.splice(0)) end()
})

it(
  `DHCP's sockets live through ${FUZZ_DATAGRAMS} datagrams (seed ${FUZZ_SEED})`,
  { timeout: FUZZ_TIMEOUT_MS },
  async () => {
    const client = await nodeUdp.bind({ address: LOCAL, port: 0 })
    let answers = 0
    client.onDatagram(() => (answers += 1))
    const { udp, ports } = onLoopback(client.local)
    const watch = watched(udp)
    const store = openNodeStore({ path: ':memory:', durable: false })
    migrate(store, [LEASE_TABLES])
    const directory = { sledFor: () => undefined }
    const site: SiteNetworks = createSiteNetworks({
      udp: watch.udp,
      clock: systemClock,
      log: silentLog,
      leases: createLeaseStore({ store, clock: systemClock, log: silentLog }),
      directory,
      report: ignored,
      trace,
      sockets: {},
      tftpFiles: new Map(),
      loaders: new Set(['snponly.efi']),
      assets: new Map(),
      installers: {},
      // A pool that is used up, as it will be.
      trouble: ignored,
    })
    ends.push(
      () => site.stop(),
      () => client.close(),
      () => store.close(),
    )
    await site.sync({ site: 'fuzz' as SiteName, networks: [...NETWORKS], cages: [], sleds: [] })
    const targets = NETWORKS.flatMap(({ interface: device }, n) => {
      const packets = packetsOf(n)
      return PORTS.flatMap((port) => {
        const to = ports.get(`${device}:${port}`)
        return to === undefined ? [] : [{ to: { address: LOCAL, port: to }, packets }]
      })
    })
    // Each listens on 67, the proxy on 4011; where others may answer, 68 is listened on as well.
    expect(targets.length).toBeGreaterThanOrEqual(MODES.length + 2)
    const grownBytes = await bombard(watch.heard, () => {
      const { to, packets } = oneOf(targets)
      const bytes = mangled(oneOf(packets))
      // Mostly another client.
      if (bytes.length > 33 && random.below(4) > 0) bytes[33] = random.below(256)
      client.send(bytes, to)
    })
    expect(watch.slow).toEqual([])
    expect(grownBytes).toBeLessThan(GROWTH_BYTES_MAX)
    // The packets must reach the machines, or this proves nothing.
    expect(answers).toBeGreaterThan(FUZZ_DATAGRAMS / 100)
    for (const server of site.dhcpServers().values()) {
      expect(server.leases().length).toBeLessThanOrEqual(256)
    }
  },
)
