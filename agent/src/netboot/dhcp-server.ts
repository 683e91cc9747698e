import { chooseNetwork } from '@brickyard/dhcp/choose-network'
import { isProbeOf } from '@brickyard/dhcp/foreign-machine'
import { type Lease, type LeaseNetwork, LeaseTable } from '@brickyard/dhcp/lease-table'
import { decodePacket, type DhcpPacket } from '@brickyard/dhcp/packet'
import { PXE_PORT, type ProxyPort } from '@brickyard/dhcp/proxy'
import { CLIENT_PORT, SERVER_PORT } from '@brickyard/dhcp/reply-address'
import { indexReservations } from '@brickyard/dhcp/reservations'
import { Ipv4, Subnet } from '@brickyard/model/ipv4'
import { Mac } from '@brickyard/model/mac'
import type { Network } from '@brickyard/model/rack'
import type { Clock } from '@brickyard/runtime/clock'
import type { Log } from '@brickyard/runtime/log'
import type { Neighbours } from '@brickyard/runtime/neighbours'
import type { Udp, UdpAddress, UdpSocket } from '@brickyard/runtime/udp'
import { err, ok, type Result } from '@brickyard/std/result'
import type { BootDirectory } from './boot-directory.ts'
import { macOf, uuidOf } from './client-view.ts'
import type { BootSource } from './dhcp-boot.ts'
import { createConflictProbe } from './dhcp-conflict.ts'
import { createProxyTurn, type HeardAddresses } from './dhcp-proxy.ts'
import { createTellOfClients } from './dhcp-tell.ts'
import { createLeaseTurn } from './dhcp-turn.ts'
import type { LeaseStore } from './lease-store.ts'
import { type Report, reportOnce } from './report.ts'
import type { TellTrace } from './trace.ts'

export interface DhcpServerParts extends BootSource {
  readonly udp: Udp
  readonly clock: Clock
  readonly log: Log
  readonly leases: LeaseStore
  readonly directory: BootDirectory
  readonly report: Report
  readonly trace?: TellTrace | undefined
  /** Addresses kept for certain sleds. May change while the server runs. */
  readonly reserved?: ReadonlySet<Ipv4>
  /** Which machines are BMCs, whose leases are long. May change while the server runs. */
  readonly bmcs?: ReadonlySet<Mac> | undefined
  /** Other networks that are reached through the same device: their packets are left to them. */
  readonly neighbourNetworks?: readonly Network[] | undefined
  /** To see whether an address is in use before a stranger is offered it. */
  readonly neighbours?: Neighbours | undefined
  /** A client chose this server and not ours. */
  readonly onChoice?: ((server: Ipv4) => void) | undefined
  /** Inherited sockets, bound to the device already: port 67, and 4011 for a proxy. */
  readonly fd?: number | undefined
  readonly pxeFd?: number | undefined
  /** Lab ports, where 67, 68 and 4011 belong to somebody else. */
  readonly ports?: {
    readonly server: number
    readonly client: number
    readonly pxe?: number | undefined
  }
}

export interface DhcpServer {
  /** Opens the socket with the leases of the last run; an error names what is wrong. */
  start(): Promise<Result<void>>
  stop(): void
  /** The address a machine holds now. */
  addressOf(mac: Mac): Ipv4 | undefined
  leases(): readonly Lease[]
  /** The port in use, once started. */
  port(): number
}

/** DHCP on one network: the shell that owns the sockets around the machines of its mode. */
export function createDhcpServer(parts: DhcpServerParts): DhcpServer {
  const { network, leases } = parts
  const parsed = leaseNetworkOf(network, parts.reserved ?? new Set())
  const table = parsed.ok ? new LeaseTable(parsed.value) : undefined
  const heard: HeardAddresses = new Map()
  let sockets: UdpSocket[] = []

  return {
    async start() {
      if (!parsed.ok) return parsed
      if (table === undefined || sockets.length > 0) return err('the server was started before')
      for (const lease of leases.load(network.name, table.leaseSeconds('bmc'))) {
        if (table.usable(lease.address)) table.set(withinItsTime(parts, table, lease))
      }
      const doubtMs = leases.doubtMs(table.leaseSeconds('sled'))
      table.doubtfulUntilMs = parts.clock.monotonicMs() + doubtMs
      const opened = await openSockets(parts, table, heard)
      if (!opened.ok) return opened
      sockets = opened.value
      return ok(undefined)
    },
    stop() {
      leases.flush()
      for (const socket of sockets) socket.close()
      sockets = []
    },
    addressOf(mac) {
      if (network.mode === 'proxy') return heard.get(mac)
      const lease = table?.ofClient(`hw:1:${mac.replaceAll(':', '')}`)
      return lease?.state === 'bound' ? lease.address : undefined
    },
    leases: () => [...(table?.all() ?? [])],
    port: () => sockets[0]?.local.port ?? 0,
  }
}

/** Only a BMC's lease may last as long as theirs: the wall clock that says so may be wrong. */
function withinItsTime(parts: DhcpServerParts, table: LeaseTable, lease: Lease): Lease {
  const mac = Mac.parse(lease.key.replace(/^hw:1:/, '').replace(/(..)(?!$)/g, '$1:'))
  const isBmc = mac.ok && parts.bmcs?.has(mac.value) === true
  const longestMs = table.leaseSeconds(isBmc ? 'bmc' : 'sled') * 1000
  const expiresAtMs = Math.min(lease.expiresAtMs, parts.clock.monotonicMs() + longestMs)
  return { ...lease, expiresAtMs }
}

/** Port 67, and 4011 for a proxy. Where one cannot be opened, none is. */
async function openSockets(
  parts: DhcpServerParts,
  table: LeaseTable,
  heard: HeardAddresses,
): Promise<Result<UdpSocket[]>> {
  const { network, udp, clock, log, report } = parts
  const ports = parts.ports ?? { server: SERVER_PORT, client: CLIENT_PORT }
  const tell = reportOnce(report, clock)
  const sockets: UdpSocket[] = []
  const isProxy = network.mode === 'proxy'
  const wanted: [ProxyPort, number, number | undefined][] = [['dhcp', ports.server, parts.fd]]
  if (isProxy) wanted.push(['pxe', ports.pxe ?? PXE_PORT, parts.pxeFd])
  for (const [kind, port, fd] of wanted) {
    try {
      const device = { interface: network.interface, broadcast: true }
      const socket = await udp.bind({ address: Ipv4.ANY, port, fd, ...device })
      socket.onError((error) => {
        log.warn('DHCP socket', { network: network.name, error: error.message })
        tell({ kind: 'site.trouble', body: socketTrouble(network, error) })
      })
      socket.onDatagram(createTake({ ...parts, ports }, table, heard, socket, kind))
      sockets.push(socket)
    } catch (error) {
      for (const socket of sockets) socket.close()
      return err(`DHCP on network ${network.name}: ${(error as Error).message}`)
    }
  }
  return ok(sockets)
}

/** What one socket does with a datagram: decode it, see whose it is, and take the turn of the mode. */
function createTake(
  parts: DhcpServerParts & { ports: { server: number; client: number } },
  table: LeaseTable,
  heard: HeardAddresses,
  socket: UdpSocket,
  port: ProxyPort,
): (bytes: Uint8Array, from: UdpAddress) => void {
  const { network, clock, log, directory, neighbours } = parts
  const { subnet } = table.network
  const told = createTellOfClients(parts)
  const send = (bytes: Uint8Array, to: UdpAddress): void => socket.send(bytes, to)
  const conflicts = neighbours && createConflictProbe({ clock, neighbours, send })
  const turnParts = {
    ...parts,
    told,
    send,
    // Only on our own link ARP answers for an address.
    conflicts: network.mode === 'authoritative' ? conflicts : undefined,
    reservationOf: indexReservations(network.reservations ?? []),
    onChoice: parts.onChoice ?? ((server: Ipv4) => told.foreignServer(server)),
  }
  const take =
    network.mode === 'proxy'
      ? createProxyTurn(turnParts, heard, port)
      : createLeaseTurn(turnParts, table)
  const isMine = networkFilter(network, subnet, parts.neighbourNetworks ?? [])

  return (bytes, from) => {
    const decoded = decodePacket(bytes)
    if (!decoded.ok) return log.debug('DHCP datagram ignored', { why: decoded.error })
    const { packet } = decoded.value
    if (packet.op !== 'request' || !isMine(packet)) return
    const mac = macOf(packet)
    const sled = mac && directory.sledFor({ mac, uuid: uuidOf(packet), network: network.name })
    take({ packet, mac, sled }, from)
  }
}

/** Leaves to the other networks of the device what is theirs, and our own probe to nobody. */
function networkFilter(
  network: Network,
  subnet: Subnet,
  others: readonly Network[],
): (packet: DhcpPacket) => boolean {
  const own = { subnet, relayed: network.mode === 'relayed' }
  const all = [own]
  for (const other of others) {
    const theirs = Subnet.parse(other.subnet)
    if (theirs.ok) all.push({ subnet: theirs.value, relayed: other.mode === 'relayed' })
  }
  const ours = [network, ...others].map(({ agentAddress }) => agentAddress)
  return (packet) =>
    !ours.some((address) => isProbeOf(packet, address)) && chooseNetwork(packet, all) === own
}

/** A socket that belongs to no device needs a route for broadcasts, which few appliances have. */
function socketTrouble({ name, interface: device }: Network, error: Error) {
  const hint = `; hand in a socket bound to ${device} (BindToDevice=)`
  const reason = `${error.message}${error.message.includes('ENETUNREACH') ? hint : ''}`
  return { what: `DHCP on network ${name}`, reason }
}

/** A network of the rack document as the lease machine takes it. */
function leaseNetworkOf(network: Network, reserved: ReadonlySet<Ipv4>): Result<LeaseNetwork> {
  const subnet = Subnet.parse(network.subnet)
  if (!subnet.ok) return err(`network ${network.name}: ${subnet.error}`)
  const { bmc, unknown } = network.pools ?? {}
  return ok({
    subnet: subnet.value,
    serverAddress: network.agentAddress,
    pool: network.pool,
    pools: { ...(bmc && { bmc }), ...(unknown && { unknown }) },
    leaseSeconds: network.leaseSeconds,
    bmcLeaseSeconds: network.bmcLeaseSeconds,
    router: network.router,
    dns: network.dns,
    domain: network.domain,
    authoritative: network.mode !== 'proxy',
    reserved,
  })
}
