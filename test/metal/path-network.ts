import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { Neighbour } from './neighbour.ts'
import { RIG } from './rig-network.ts'

/**
 * Segments beside the rig's own, each a bridge of its own: one that only a relay reaches, one where
 * somebody else gives the addresses, and one where nobody does.
 */
export const FAR = {
  bridge: 'far0',
  subnet: '10.99.0.0/24',
  poolFirst: '10.99.0.50',
  poolLast: '10.99.0.99',
  relayAddress: '10.99.0.1',
  /** Advertised by its router; iPXE waits 13 s for a word of one. */
  prefix: 'fd00:99::',
  /** The relay on the rig's bridge. */
  nearAddress: '10.98.0.2',
} as const

export const SHARED = {
  bridge: 'shared0',
  subnet: '10.97.0.0/24',
  agentAddress: '10.97.0.1',
  serverAddress: '10.97.0.66',
  poolFirst: '10.97.0.70',
  poolLast: '10.97.0.79',
} as const

/** Here nobody gives an address. */
export const BARE = {
  bridge: 'bare0',
  subnet: '10.96.0.0/24',
  agentAddress: '10.96.0.1',
  poolFirst: '10.96.0.50',
  poolLast: '10.96.0.99',
} as const

/** A tenant's own VLAN, which no socket of the agent is bound to: a router leads to it. */
export const TENANT = {
  bridge: 'tenants',
  /** The switch's port on it. */
  tap: 'tenant-sw',
  vlan: 120,
  subnet: '10.94.0.0/24',
  routerAddress: '10.94.0.1',
  /** The router on the rig's bridge. */
  nearAddress: '10.98.0.3',
} as const

/** The devices on which the agent has sockets beside the rig's bridge. */
export const PATH_DEVICES: readonly string[] = [SHARED.bridge, BARE.bridge]

const ip = (...args: string[]): void => void execFileSync('ip', args, { stdio: 'inherit' })

/** The bridges, before anything listens on them. */
export function layPathBridges(): void {
  for (const bridge of [FAR.bridge, SHARED.bridge, BARE.bridge, TENANT.bridge]) {
    ip('link', 'add', bridge, 'type', 'bridge', 'forward_delay', '0')
    ip('link', 'set', bridge, 'up')
  }
  for (const { agentAddress, bridge } of [SHARED, BARE]) {
    ip('addr', 'add', `${agentAddress}/24`, 'dev', bridge)
  }
  ip('tuntap', 'add', TENANT.tap, 'mode', 'tap')
  ip('link', 'set', TENANT.tap, 'master', TENANT.bridge, 'up')
}

/** A router between the tenant's VLAN and the rig's network. */
export async function startTenantRouter(): Promise<Neighbour> {
  const router = await Neighbour.move('tenant')
  router.cable(RIG.bridge, `${TENANT.nearAddress}/24`)
  router.cable(TENANT.bridge, `${TENANT.routerAddress}/24`)
  router.run('sysctl', '-q', 'net.ipv4.ip_forward=1')
  ip('route', 'replace', TENANT.subnet, 'via', TENANT.nearAddress)
  return router
}

/**
 * A router with dnsmasq, which passes DHCP on to the agent and gives nothing itself but router
 * advertisements: those do not cross a router, so that the agent cannot send them there.
 */
export async function startRelay(): Promise<Neighbour> {
  const relay = await Neighbour.move('relay')
  relay.cable(RIG.bridge, `${FAR.nearAddress}/24`)
  const far = relay.cable(FAR.bridge, `${FAR.relayAddress}/24`)
  relay.run('sysctl', '-q', 'net.ipv4.ip_forward=1')
  ip('route', 'replace', FAR.subnet, 'via', FAR.nearAddress)
  relay.run('ip', 'addr', 'add', `${FAR.prefix}1/64`, 'dev', far, 'nodad')
  const advertises = ['--enable-ra', `--dhcp-range=${FAR.prefix},ra-only`, `--ra-param=${far},4,0`]
  const passesOn = `--dhcp-relay=${FAR.relayAddress},${RIG.agentAddress}`
  relay.start(...DNSMASQ, passesOn, `--interface=${far}`, ...advertises)
  return relay
}

/** Whom the other server gave an address. */
export const theirLeases = (folder: string): string => join(folder, 'their-leases')

/** A plain dnsmasq as in any office: addresses, and not a word about booting. */
export async function startAddressServer(folder: string): Promise<Neighbour> {
  const server = await Neighbour.move('server')
  const device = server.cable(SHARED.bridge, `${SHARED.serverAddress}/24`)
  server.start(
    ...DNSMASQ,
    `--interface=${device}`,
    '--bind-interfaces',
    `--dhcp-leasefile=${theirLeases(folder)}`,
    `--dhcp-range=${SHARED.poolFirst},${SHARED.poolLast},255.255.255.0,1h`,
  )
  return server
}

const DNSMASQ = [
  'dnsmasq',
  '--keep-in-foreground',
  '--conf-file=/dev/null',
  '--user=root',
  '--port=0',
]
