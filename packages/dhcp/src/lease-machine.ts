import { Ipv4, Subnet } from '@brickyard/model/ipv4'
import { toHex } from '@brickyard/std/hex'
import {
  type ClientClass,
  type ClientKey,
  DECLINED_SECONDS,
  type Lease,
  LeaseTable,
  OFFER_SECONDS,
} from './lease-table.ts'
import type { DhcpPacket } from './packet.ts'
import { linkOf } from './choose-network.ts'

/** What we say to a client. */
export type LeaseAnswer =
  | { readonly kind: 'offer' | 'ack'; readonly address: Ipv4; readonly leaseSeconds: number }
  /** The answer to INFORM: configuration without a lease. */
  | { readonly kind: 'inform' }
  | { readonly kind: 'nak'; readonly reason: string }
  | { readonly kind: 'silent'; readonly reason: string }

/** What must be on the disk before the answer leaves. */
export type LeaseChange =
  | { readonly kind: 'save'; readonly lease: Lease }
  | { readonly kind: 'forget'; readonly address: Ipv4 }

/** What somebody may want to know of. */
export type LeaseNotice =
  | { readonly kind: 'pool-exhausted'; readonly pool: string }
  | { readonly kind: 'pool-available'; readonly pool: string }
  | { readonly kind: 'address-declined'; readonly address: Ipv4; readonly reason: string }
  | { readonly kind: 'reservation-taken'; readonly address: Ipv4; readonly holder: ClientKey }
  | { readonly kind: 'foreign-server'; readonly server: Ipv4 }
  | { readonly kind: 'address-in-use'; readonly address: Ipv4; readonly mac: string }

export interface LeaseOutcome {
  readonly answer: LeaseAnswer
  readonly changes: readonly LeaseChange[]
  readonly notices: readonly LeaseNotice[]
  /**
   * Look whether somebody has this address before the answer leaves: nobody had it since we began,
   * and the client is unknown. Then `stepInUse`, and the packet again. A known sled never waits, but
   * for an address of the pool where the record of leases was lost.
   */
  readonly probe?: Ipv4 | undefined
}

/** Who a client is, decided by the caller. */
export interface Binding {
  /** An address kept for it; undefined: one of the pool of its class. */
  readonly reservation: Ipv4 | undefined
  readonly clientClass: ClientClass
}

/** The leases of one network and what the machine remembers between packets. */
export interface LeaseMachine {
  readonly table: LeaseTable
  /** Told once when a pool runs dry and once when it has room again. */
  readonly exhausted: Map<string, ClientClass>
}

export const createLeaseMachine = (table: LeaseTable): LeaseMachine => ({
  table,
  exhausted: new Map(),
})

/** IANA ARP hardware types; others are read and echoed, and given no address. */
const ETHERNET = 1

/**
 * Who a client is: its hardware address. RFC 2131 §2 puts the client identifier first, but on one
 * netboot the ROM, iPXE, the installer and the OS each send a different one, and all four are the
 * same sled. Only where there is no hardware address (InfiniBand, RFC 4390) the identifier counts.
 */
export function clientKeyOf(packet: DhcpPacket): ClientKey | undefined {
  if (packet.chaddr.length > 0) return `hw:${packet.hardwareType}:${toHex(packet.chaddr)}`
  const id = packet.options.clientId
  return id === undefined ? undefined : `id:${toHex(id)}`
}

/** True for a client of this subnet, or of our own link. */
export function inNetwork(packet: DhcpPacket, subnet: Subnet): boolean {
  const link = linkOf(packet)
  return link === undefined || Subnet.contains(subnet, link)
}

interface Turn {
  readonly machine: LeaseMachine
  readonly table: LeaseTable
  readonly packet: DhcpPacket
  readonly key: ClientKey
  readonly binding: Binding
  readonly nowMs: number
  readonly changes: LeaseChange[]
  readonly notices: LeaseNotice[]
  probe?: Ipv4
}

/**
 * One client message (RFC 2131 §4.3): changes the table and says what to answer, what to save
 * first, and what to tell. Never throws; `nowMs` is monotonic.
 */
export function stepLease(
  machine: LeaseMachine,
  packet: DhcpPacket,
  binding: Binding,
  nowMs: number,
): LeaseOutcome {
  const { table } = machine
  const changes: LeaseChange[] = []
  const notices: LeaseNotice[] = []
  const silent = (reason: string): LeaseOutcome => ({
    answer: { kind: 'silent', reason },
    changes,
    notices,
  })
  const key = clientKeyOf(packet)
  if (packet.op !== 'request') return silent('not a request')
  if (packet.options.messageType === undefined) return silent('BOOTP, not DHCP')
  if (packet.hardwareType !== ETHERNET) {
    return silent(`hardware type ${packet.hardwareType}; only Ethernet is served`)
  }
  if (key === undefined) return silent('neither hardware address nor client identifier')
  if (!inNetwork(packet, table.network.subnet)) return silent('from another subnet')
  for (const lease of table.expire(nowMs)) {
    if (lease.state !== 'offered') changes.push({ kind: 'forget', address: lease.address })
  }
  const turn: Turn = { machine, table, packet, key, binding, nowMs, changes, notices }
  const answer = answerTo(turn)
  for (const [pool, clientClass] of machine.exhausted) {
    if (table.pick('', undefined, clientClass) === undefined) continue
    machine.exhausted.delete(pool)
    notices.push({ kind: 'pool-available', pool })
  }
  return { answer, changes, notices, probe: turn.probe }
}

/** Somebody was found on an address that was about to be offered: it rests, as after a DECLINE. */
export function stepInUse(
  { table }: LeaseMachine,
  address: Ipv4,
  mac: string,
  nowMs: number,
): Pick<LeaseOutcome, 'changes' | 'notices'> {
  const lease: Lease = {
    address,
    key: `found:${mac}`,
    state: 'declined',
    expiresAtMs: nowMs + DECLINED_SECONDS * 1000,
  }
  table.set(lease)
  return {
    changes: [{ kind: 'save', lease }],
    notices: [{ kind: 'address-in-use', address, mac }],
  }
}

function answerTo(turn: Turn): LeaseAnswer {
  switch (turn.packet.options.messageType) {
    case 'discover':
      return discover(turn)
    case 'request':
      return request(turn)
    case 'decline':
      return decline(turn)
    case 'release':
      return release(turn)
    case 'inform':
      return { kind: 'inform' }
    case 'offer':
    case 'ack':
    case 'nak':
    case undefined:
      return { kind: 'silent', reason: 'a message only servers send' }
  }
}

/** RFC 2131 §4.3.1. */
function discover(turn: Turn): LeaseAnswer {
  const { table, key, nowMs, machine } = turn
  const { clientClass } = turn.binding
  const address = addressFor(turn)
  if (address === undefined) {
    const pool = table.poolText(clientClass)
    if (!machine.exhausted.has(pool)) turn.notices.push({ kind: 'pool-exhausted', pool })
    machine.exhausted.set(pool, clientClass)
    return { kind: 'silent', reason: `no address is free in ${pool}` }
  }
  const isOwn = address === turn.binding.reservation
  const isUnsure = clientClass === 'unknown' || (nowMs < table.doubtfulUntilMs && !isOwn)
  if (isUnsure && table.isFresh(address)) turn.probe = address
  const held = table.ofClient(key)
  if (held?.state !== 'bound' || held.address !== address) {
    // A bound client that asks anew and is meant to move: its old lease ends here and on the disk.
    if (held?.state === 'bound') turn.changes.push({ kind: 'forget', address: held.address })
    const expiresAtMs = nowMs + OFFER_SECONDS * 1000
    table.set({ address, key, state: 'offered', expiresAtMs })
  }
  return { kind: 'offer', address, leaseSeconds: table.leaseSeconds(clientClass) }
}

/** The reserved address, else the client's present one, else one of the pool. */
function addressFor(turn: Turn): Ipv4 | undefined {
  const { table, key, packet, binding } = turn
  const held = table.ofClient(key)
  const kept = binding.reservation
  if (kept !== undefined) {
    const holder = table.at(kept)
    if (
      table.usable(kept) &&
      (holder === undefined || holder.key === key) &&
      holder?.state !== 'declined'
    ) {
      return kept
    }
    turn.notices.push({ kind: 'reservation-taken', address: kept, holder: holder?.key ?? 'nobody' })
  }
  if (held !== undefined && table.inPool(held.address, binding.clientClass)) return held.address
  return table.pick(key, packet.options.requestedAddress, binding.clientClass)
}

/** RFC 2131 §4.3.2: which of the four situations a REQUEST is in follows from its fields (table 4). */
function request(turn: Turn): LeaseAnswer {
  const { packet, table, key } = turn
  const { serverId, requestedAddress } = packet.options
  if (serverId !== undefined && serverId !== table.network.serverAddress) {
    if (table.ofClient(key)?.state === 'offered') table.free(table.ofClient(key)?.address as Ipv4)
    turn.notices.push({ kind: 'foreign-server', server: serverId })
    return { kind: 'silent', reason: `the client chose the server ${serverId}` }
  }
  const selecting = serverId !== undefined
  const wanted = packet.ciaddr === Ipv4.ANY ? requestedAddress : packet.ciaddr
  if (wanted === undefined) return { kind: 'silent', reason: 'REQUEST names no address' }
  const refusal = refusalOf(turn, wanted)
  if (refusal === undefined) return bind(turn, wanted)
  // After our own offer the client must hear it; otherwise only the authority may speak.
  if (selecting || table.network.authoritative) return { kind: 'nak', reason: refusal }
  return { kind: 'silent', reason: refusal }
}

/**
 * Why this client may not have `wanted`; undefined when it may. A free address of the pool may be
 * taken up again without a record of it: our store may have been lost, the running client was not.
 */
function refusalOf(turn: Turn, wanted: Ipv4): string | undefined {
  const { table, key, binding } = turn
  if (!table.usable(wanted)) return `${wanted} is not of this network`
  const holder = table.at(wanted)
  if (holder?.state === 'declined') return `${wanted} was declined and rests`
  if (holder !== undefined && holder.key !== key) return `${wanted} is held by another client`
  if (binding.reservation === wanted) return undefined
  const held = table.ofClient(key)
  if (held !== undefined && held.address !== wanted)
    return `this client's address is ${held.address}`
  if (!table.inPool(wanted, binding.clientClass))
    return `${wanted} is kept for another client or outside the pool`
  if (binding.reservation === undefined) return undefined
  // A client with a reservation leaves the pool as soon as its own address is free.
  const other = table.at(binding.reservation)
  const ownIsFree = other === undefined || other.key === key
  return ownIsFree && table.usable(binding.reservation)
    ? `${binding.reservation} is kept for this client`
    : undefined
}

function bind(turn: Turn, address: Ipv4): LeaseAnswer {
  const { table, key, nowMs, changes } = turn
  const leaseSeconds = table.leaseSeconds(turn.binding.clientClass)
  const earlier = table.ofClient(key)
  if (earlier?.state === 'bound' && earlier.address !== address) {
    changes.push({ kind: 'forget', address: earlier.address })
  }
  const lease: Lease = { address, key, state: 'bound', expiresAtMs: nowMs + leaseSeconds * 1000 }
  table.set(lease)
  changes.push({ kind: 'save', lease })
  return { kind: 'ack', address, leaseSeconds }
}

/** RFC 2131 §4.3.3: the client found somebody else on its address. */
function decline(turn: Turn): LeaseAnswer {
  const { table, key, packet, nowMs } = turn
  const address = packet.options.requestedAddress
  if (packet.options.serverId !== table.network.serverAddress) {
    return { kind: 'silent', reason: 'DECLINE for another server' }
  }
  if (address === undefined || table.at(address)?.key !== key) {
    return { kind: 'silent', reason: 'DECLINE of an address the client does not hold' }
  }
  const lease: Lease = {
    address,
    key,
    state: 'declined',
    expiresAtMs: nowMs + DECLINED_SECONDS * 1000,
  }
  table.set(lease)
  turn.changes.push({ kind: 'save', lease })
  const reason = packet.options.message ?? 'in use by another machine'
  turn.notices.push({ kind: 'address-declined', address, reason })
  return { kind: 'silent', reason: 'DECLINE has no answer' }
}

/** RFC 2131 §4.3.4. */
function release(turn: Turn): LeaseAnswer {
  const { table, key, packet } = turn
  const held = table.ofClient(key)
  const forUs = packet.options.serverId === table.network.serverAddress
  if (!forUs || held === undefined || held.address !== packet.ciaddr) {
    return { kind: 'silent', reason: 'RELEASE of a lease the client does not have' }
  }
  table.free(held.address)
  turn.changes.push({ kind: 'forget', address: held.address })
  return { kind: 'silent', reason: 'RELEASE has no answer' }
}
