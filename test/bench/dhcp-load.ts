import type { Ipv4 } from '@brickyard/model/ipv4'
import type { SiteName } from '@brickyard/model/names'
import type { Network, RackDocument } from '@brickyard/model/rack'

const ip = (text: string): Ipv4 => text as Ipv4

/** A network for load: 51 200 addresses, leases of an hour. */
export const LOAD_NETWORK: Network = {
  name: 'load',
  role: 'provisioning',
  mode: 'authoritative',
  subnet: '10.99.0.0/16',
  agentAddress: ip('10.99.0.1'),
  interface: 'load0',
  pool: { first: ip('10.99.1.0'), last: ip('10.99.200.255') },
  leaseSeconds: 3600,
  dns: [],
}

export const loadRack = (device: string): RackDocument => ({
  site: 'load' as SiteName,
  networks: [{ ...LOAD_NETWORK, interface: device }],
  cages: [],
  sleds: [],
})

/** Kea 2.2 as fast as it goes with leases on the disk: memfile, persistent, two threads. */
export const keaConfiguration = (folder: string): object => ({
  Dhcp4: {
    'interfaces-config': { interfaces: [LOAD_NETWORK.interface], 'dhcp-socket-type': 'raw' },
    'lease-database': {
      type: 'memfile',
      persist: true,
      name: `${folder}/kea-leases.csv`,
      'lfc-interval': 0,
    },
    'multi-threading': {
      'enable-multi-threading': true,
      'thread-pool-size': 2,
      'packet-queue-size': 64,
    },
    'valid-lifetime': LOAD_NETWORK.leaseSeconds,
    authoritative: true,
    loggers: [{ name: 'kea-dhcp4', severity: 'INFO', output_options: [{ output: 'stdout' }] }],
    subnet4: [
      {
        subnet: LOAD_NETWORK.subnet,
        interface: LOAD_NETWORK.interface,
        pools: [{ pool: `${LOAD_NETWORK.pool.first}-${LOAD_NETWORK.pool.last}` }],
      },
    ],
  },
})

/** dnsmasq without its ping before an offer, which would bound it to a few clients at a time. */
export const loadDnsmasq = (folder: string): string[] => [
  '--no-daemon',
  '--conf-file=/dev/null',
  '--user=root',
  '--port=0',
  `--interface=${LOAD_NETWORK.interface}`,
  '--bind-interfaces',
  '--no-ping',
  '--quiet-dhcp',
  '--dhcp-authoritative',
  '--dhcp-lease-max=60000',
  `--dhcp-leasefile=${folder}/dnsmasq-leases`,
  `--dhcp-range=${LOAD_NETWORK.pool.first},${LOAD_NETWORK.pool.last},255.255.0.0,1h`,
]

/** What perfdhcp counted in one run. */
export interface LoadReport {
  /** Four-way exchanges begun and completed. */
  readonly begun: number
  readonly completed: number
}

/**
 * Reads perfdhcp's report: `sent packets` and `received packets`, first of DISCOVER-OFFER, then of
 * REQUEST-ACK. Its own "Rate" counts the time it waits after the load, so it is not used.
 */
export function readLoadReport(text: string): LoadReport {
  const counts = (word: string): number[] =>
    [...text.matchAll(new RegExp(`${word} packets: (\\d+)`, 'g'))].map(([, count]) => Number(count))
  const [begun = Number.NaN] = counts('sent')
  const [, completed = Number.NaN] = counts('received')
  return { begun, completed }
}
