import {
  createLeaseMachine,
  type LeaseAnswer,
  type LeaseNotice,
  type LeaseOutcome,
  stepLease,
} from '@brickyard/dhcp/lease-machine'
import { type Lease, type LeaseNetwork, LeaseTable } from '@brickyard/dhcp/lease-table'
import { decodePacket, type DhcpPacket, encodePacket, replyBytesMax } from '@brickyard/dhcp/packet'
import { type BootReply, buildReply } from '@brickyard/dhcp/reply'
import { CLIENT_PORT, replyAddress, SERVER_PORT } from '@brickyard/dhcp/reply-address'
import { Ipv4, Subnet } from '@brickyard/model/ipv4'
import { Mac } from '@brickyard/model/mac'
import type { Network } from '@brickyard/model/rack'
import type { BootSled } from '@brickyard/netboot/boot-view'
import { chooseLoader } from '@brickyard/netboot/choose-loader'
import type { Clock } from '@brickyard/runtime/clock'
import type { Log } from '@brickyard/runtime/log'
import type { Udp, UdpSocket } from '@brickyard/runtime/udp'
import { err, ok, type Result } from '@brickyard/std/result'
import type { BootDirectory } from './boot-directory.ts'
import { clientFacts, macOf, netbootClientOf, uuidOf } from './client-view.ts'
import type { LeaseStore } from './lease-store.ts'
import { type Report, type ReportOnce, reportOnce } from './report.ts'

export interface DhcpServerParts {
  readonly network: Network
  readonly udp: Udp
  readonly clock: Clock
  readonly log: Log
  readonly leases: LeaseStore
  readonly directory: BootDirectory
  readonly report: Report
  /** Base of the boot HTTP server on this network, no slash at the end: `http://10.98.0.1`. */
  readonly bootUrl: string
  /** Names of the loader files there are. */
  readonly loaders: ReadonlySet<string>
  /** Addresses kept for certain sleds. May change while the server runs. */
  readonly reserved?: ReadonlySet<Ipv4>
  /** An inherited socket, bound to the device already. */
  readonly fd?: number | undefined
  /** Lab ports, where 67 and 68 belong to somebody else. */
  readonly ports?: { readonly server: number; readonly client: number }
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

/** DHCP on one network: the shell that owns the socket around the lease machine. */
export function createDhcpServer(parts: DhcpServerParts): DhcpServer {
  const { network, udp, log, leases } = parts
  const ports = parts.ports ?? { server: SERVER_PORT, client: CLIENT_PORT }
  const parsed = leaseNetworkOf(network, parts.reserved ?? new Set())
  const table = parsed.ok ? new LeaseTable(parsed.value) : undefined
  let socket: UdpSocket | undefined

  return {
    async start() {
      if (!parsed.ok) return parsed
      if (table === undefined || socket !== undefined) return err('the server was started before')
      for (const lease of leases.load(network.name, network.leaseSeconds)) {
        if (table.usable(lease.address)) table.set(lease)
      }
      try {
        socket = await udp.bind({
          address: Ipv4.ANY,
          port: ports.server,
          interface: network.interface,
          fd: parts.fd,
          broadcast: true,
        })
      } catch (error) {
        return err(`DHCP on network ${network.name}: ${(error as Error).message}`)
      }
      const take = createTurn({ ...parts, ports }, table, (bytes, to) => socket?.send(bytes, to))
      socket.onDatagram(take)
      const tell = reportOnce(parts.report, parts.clock)
      socket.onError((error) => {
        log.warn('DHCP socket', { network: network.name, error: error.message })
        tell({ kind: 'site.trouble', body: socketTrouble(network, error) })
      })
      return ok(undefined)
    },
    stop() {
      leases.flush()
      socket?.close()
      socket = undefined
    },
    addressOf(mac) {
      const lease = table?.ofClient(`hw:1:${mac.replaceAll(':', '')}`)
      return lease?.state === 'bound' ? lease.address : undefined
    },
    leases: () => [...(table?.all() ?? [])],
    port: () => socket?.local.port ?? 0,
  }
}

type Send = (bytes: Uint8Array, to: { address: string; port: number }) => void
type TurnParts = DhcpServerParts & { readonly ports: { server: number; client: number } }

/** One datagram after the other: decode, decide, save, answer. */
function createTurn(parts: TurnParts, table: LeaseTable, send: Send) {
  const { network, clock, log, directory } = parts
  const machine = createLeaseMachine(table)
  const tell = reportOnce(parts.report, clock)
  const listenOnly = network.mode === 'listen-only'

  return (bytes: Uint8Array): void => {
    const decoded = decodePacket(bytes)
    if (!decoded.ok) return log.debug('DHCP datagram ignored', { why: decoded.error })
    const { packet } = decoded.value
    if (packet.op !== 'request') return
    const mac = macOf(packet)
    const uuid = uuidOf(packet)
    const sled = mac && directory.sledFor({ mac, uuid, network: network.name })
    const binding = { reservation: sled?.address }
    const outcome = stepLease(machine, packet, binding, clock.monotonicMs())
    if (!listenOnly) answerClient(parts, table, { packet, mac, sled, send, tell }, outcome)
    // After the answer: what is journalled costs a commit, which a client that waits need not pay.
    for (const notice of outcome.notices) parts.report(noticeEvent(network.name, mac, notice))
    if (mac !== undefined) tellOfClient(parts, tell, { packet, mac, sled, outcome })
  }
}

/** Answers at once where nothing changed, else when the change is on the disk, else not at all. */
function answerClient(
  parts: TurnParts,
  table: LeaseTable,
  turn: Client & { send: Send; tell: ReportOnce },
  { answer, changes }: LeaseOutcome,
): void {
  const { network, leases } = parts
  const reply = (): void => {
    if (answer.kind !== 'silent') sendAnswer(parts, table, { ...turn, answer })
  }
  if (changes.length === 0) return reply()
  leases.commit(network.name, changes, (saved) => {
    if (saved) return reply()
    const reason = 'leases could not be saved; no ACK was sent'
    turn.tell({ kind: 'site.trouble', body: { what: `DHCP on network ${network.name}`, reason } })
  })
}

interface Client {
  readonly packet: DhcpPacket
  readonly mac: Mac | undefined
  readonly sled: BootSled | undefined
}

function sendAnswer(
  parts: TurnParts,
  table: LeaseTable,
  turn: Client & { answer: Exclude<LeaseAnswer, { kind: 'silent' }>; send: Send; tell: ReportOnce },
): void {
  const { packet, sled, answer } = turn
  const boot = answer.kind === 'nak' ? undefined : bootReply(parts, turn, turn.tell)
  const reply = buildReply(packet, answer, table.network, { boot, hostName: sled?.name })
  const bytes = encodePacket(reply, replyBytesMax(packet))
  turn.send(bytes, replyAddress(packet, answer.kind === 'nak', parts.ports))
}

/** What to boot, for clients that came to boot; nothing on a network of BMCs. */
function bootReply(parts: TurnParts, client: Client, tell: ReportOnce): BootReply | undefined {
  const { network, bootUrl, loaders } = parts
  const { packet, mac } = client
  if (network.role !== 'provisioning' || mac === undefined) return undefined
  const scriptUrl = scriptUrlOf(bootUrl, mac, uuidOf(packet))
  const signedChain = client.sled?.secureBoot
  const source = { bootUrl, loaders, scriptUrl, signedChain }
  const choice = chooseLoader(netbootClientOf(packet), source)
  switch (choice.kind) {
    case 'tftp': {
      const { file, vendorClass } = choice
      return { nextServer: network.agentAddress, file, vendorClass }
    }
    case 'http': {
      const { url: file, vendorClass } = choice
      // iPXE takes an answer with `PXEClient` and no next server for a proxy's: it asks port 4011 for
      // the rest, and waits 4 s for nobody.
      const nextServer = vendorClass === 'PXEClient' ? network.agentAddress : undefined
      return { nextServer, file, vendorClass }
    }
    case 'none':
      tell({
        kind: 'netboot.refused',
        body: { sled: client.sled?.name ?? null, mac, reason: choice.reason },
      })
      return undefined
    case 'not-netbooting':
      return undefined
  }
}

/** The address of one client's iPXE script; under 128 characters, which `file` holds. */
export const scriptUrlOf = (bootUrl: string, mac: Mac, uuid: string | undefined): string =>
  `${bootUrl}/boot.ipxe?mac=${mac.replaceAll(':', '-')}${uuid === undefined ? '' : `&uuid=${uuid}`}`

function tellOfClient(
  { network }: TurnParts,
  tell: ReportOnce,
  turn: { packet: DhcpPacket; mac: Mac; sled: BootSled | undefined; outcome: LeaseOutcome },
): void {
  const { packet, mac, sled, outcome } = turn
  const { answer } = outcome
  const address = answer.kind === 'offer' || answer.kind === 'ack' ? answer.address : null
  const where = { network: network.name, mac, sled: sled?.name ?? null, address }
  if (network.mode === 'listen-only') {
    const would = { asked: packet.options.messageType ?? 'BOOTP', would: answer.kind }
    tell({ kind: 'dhcp.would-answer', body: { ...where, ...would } })
  }
  if (packet.options.messageType === 'discover' || packet.options.messageType === 'request') {
    if (sled === undefined) {
      const { vendorClass: vendor } = clientFacts(packet)
      tell({
        kind: 'dhcp.unknown-client',
        body: { network: network.name, mac, vendor: vendor ?? null },
      })
    }
    tell({ kind: 'dhcp.client-seen', body: { ...where, ...clientFacts(packet) } })
  }
}

function noticeEvent(network: string, mac: Mac | undefined, notice: LeaseNotice) {
  const { kind, ...facts } = notice
  return { kind: `dhcp.${kind}`, body: { network, asked: mac ?? 'no Ethernet client', ...facts } }
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
  return ok({
    subnet: subnet.value,
    serverAddress: network.agentAddress,
    pool: network.pool,
    leaseSeconds: network.leaseSeconds,
    router: network.router,
    dns: network.dns,
    domain: network.domain,
    authoritative: true,
    reserved,
  })
}
