import type { Clock } from '@brickyard/runtime/clock'
import type { Udp, UdpAddress, UdpBind, UdpSocket } from '@brickyard/runtime/udp'
import { Ipv4, Subnet } from '@brickyard/model/ipv4'
import type { SeededRandom } from './seeded-random.ts'

/** How well a segment carries. Loss and duplication are of datagrams; a cut stops everything. */
export interface LinkQuality {
  readonly latencyMs: number
  readonly jitterMs: number
  /** 0 to 1. */
  readonly loss: number
  readonly duplication: number
  readonly bytesPerSecond: number
  readonly cut: boolean
}

export const GOOD_LINK: LinkQuality = {
  latencyMs: 0.2,
  jitterMs: 0.1,
  loss: 0,
  duplication: 0,
  bytesPerSecond: 1e8,
  cut: false,
}

/** A network card of a host: one interface on one segment, with an address once it has one. */
export interface NetworkCard {
  readonly interface: string
  readonly segment: string
  readonly address?: string | undefined
  readonly prefixLength?: number | undefined
}

export interface NetworkHost {
  readonly name: string
  readonly udp: Udp
  attach(card: NetworkCard): void
  /** Pulls the cable; the sockets stay. */
  detach(interfaceName: string): void
  setAddress(interfaceName: string, address: string | undefined, prefixLength?: number): void
  address(interfaceName: string): string | undefined
}

/** The way from a host to an address, for what rides on TCP. */
export interface Route {
  readonly from: string
  readonly to: NetworkHost
  readonly quality: LinkQuality
}

/** Segments (broadcast domains) and hosts on them, in one process. Seeded: same seed, same losses. */
export interface VirtualNetwork {
  readonly clock: Clock
  /** Makes a segment, or changes how well it carries. */
  setSegment(name: string, quality: Partial<LinkQuality>): void
  host(name: string): NetworkHost
  removeHost(name: string): void
  /** Undefined when nobody there can be reached from here now. */
  route(from: NetworkHost, address: string): Route | undefined
  /** Runs whenever a segment or a card changed. */
  onChange(work: () => void): void
  /** Draws a delay for something that takes this route. */
  delayMs(quality: LinkQuality): number
}

interface Card {
  readonly interface: string
  readonly segment: string
  address: string | undefined
  prefixLength: number
}

interface BoundSocket {
  readonly bind: UdpBind
  readonly port: number
  take: ((datagram: Uint8Array, from: UdpAddress) => void) | undefined
}

class Host implements NetworkHost {
  readonly name: string
  readonly udp: Udp
  readonly cards = new Map<string, Card>()
  readonly sockets = new Set<BoundSocket>()
  nextPort = EPHEMERAL_PORT_FIRST
  readonly #changed: () => void

  constructor(name: string, changed: () => void, bind: (host: Host, bind: UdpBind) => UdpSocket) {
    this.name = name
    this.#changed = changed
    this.udp = { bind: async (wanted) => bind(this, wanted) }
  }

  attach(card: NetworkCard): void {
    const { interface: name, segment, address, prefixLength = PREFIX_LENGTH_DEFAULT } = card
    this.cards.set(name, { interface: name, segment, address, prefixLength })
    this.#changed()
  }

  detach(interfaceName: string): void {
    this.cards.delete(interfaceName)
    this.#changed()
  }

  address(interfaceName: string): string | undefined {
    return this.cards.get(interfaceName)?.address
  }

  setAddress(interfaceName: string, address: string | undefined, prefixLength?: number): void {
    const card = this.cards.get(interfaceName)
    if (card === undefined) return
    card.address = address
    card.prefixLength = prefixLength ?? card.prefixLength
    this.#changed()
  }
}

const PREFIX_LENGTH_DEFAULT = 24
const EPHEMERAL_PORT_FIRST = 32_768
const EPHEMERAL_PORT_LAST = 60_999
const BROADCAST = '255.255.255.255'
const ANY = '0.0.0.0'

export function virtualNetwork(clock: Clock, random: SeededRandom): VirtualNetwork {
  const segments = new Map<string, LinkQuality>()
  const hosts = new Map<string, Host>()
  const watchers: (() => void)[] = []
  const changed = (): void => {
    for (const work of watchers) work()
  }
  const qualityOf = (segment: string): LinkQuality => segments.get(segment) ?? GOOD_LINK
  const delayMs = (quality: LinkQuality): number =>
    quality.latencyMs + random.fraction() * quality.jitterMs

  function bind(host: Host, wanted: UdpBind): UdpSocket {
    const port = wanted.port === 0 ? freePort(host) : wanted.port
    const taken = [...host.sockets].some(
      (other) =>
        other.port === port &&
        (other.bind.interface ?? '') === (wanted.interface ?? '') &&
        other.bind.address === wanted.address,
    )
    if (taken) throw new Error(`cannot bind UDP ${wanted.address}:${port}: EADDRINUSE`)
    const socket: BoundSocket = { bind: wanted, port, take: undefined }
    host.sockets.add(socket)
    return {
      local: { address: wanted.address, port },
      send: (datagram, to) => {
        if (host.sockets.has(socket)) send(host, socket, datagram.slice(), to)
      },
      onDatagram(take) {
        socket.take = take
      },
      onError: () => undefined,
      close: () => void host.sockets.delete(socket),
    }
  }

  function send(host: Host, socket: BoundSocket, datagram: Uint8Array, to: UdpAddress): void {
    for (const card of outgoing(host, socket, to.address)) {
      const from = { address: card.address ?? ANY, port: socket.port }
      for (const receiver of hosts.values()) {
        for (const theirs of receiver.cards.values()) {
          if (theirs.segment !== card.segment) continue
          const toAll = isBroadcast(theirs, to.address)
          if (toAll ? theirs === card : theirs.address !== to.address) continue
          carry(receiver, theirs, datagram, from, to)
        }
      }
    }
  }

  function carry(
    receiver: Host,
    card: Card,
    datagram: Uint8Array,
    from: UdpAddress,
    to: UdpAddress,
  ): void {
    const quality = qualityOf(card.segment)
    if (quality.cut || random.fraction() < quality.loss) return
    const copies = random.fraction() < quality.duplication ? 2 : 1
    for (let copy = 0; copy < copies; copy++) {
      clock.after(delayMs(quality), () => {
        const present = receiver.cards.get(card.interface) === card
        if (!present || qualityOf(card.segment).cut) return
        for (const socket of receiver.sockets) {
          if (hears(socket, card, to)) socket.take?.(datagram, from)
        }
      })
    }
  }

  return {
    clock,
    setSegment(name, quality) {
      segments.set(name, { ...qualityOf(name), ...quality })
      changed()
    },
    host(name) {
      const held = hosts.get(name)
      if (held !== undefined) return held
      const host = new Host(name, changed, bind)
      hosts.set(name, host)
      return host
    },
    removeHost(name) {
      hosts.delete(name)
      changed()
    },
    route(from, address) {
      const own = hosts.get(from.name)
      if (own === undefined) return undefined
      for (const card of own.cards.values()) {
        const quality = qualityOf(card.segment)
        if (quality.cut) continue
        for (const host of hosts.values()) {
          for (const theirs of host.cards.values()) {
            if (theirs.segment === card.segment && theirs.address === address) {
              return { from: card.address ?? ANY, to: host, quality }
            }
          }
        }
      }
      return undefined
    },
    onChange: (work) => void watchers.push(work),
    delayMs,
  }
}

function freePort(host: Host): number {
  const used = new Set([...host.sockets].map((socket) => socket.port))
  for (let tries = EPHEMERAL_PORT_FIRST; tries <= EPHEMERAL_PORT_LAST; tries++) {
    const port = host.nextPort
    host.nextPort = port === EPHEMERAL_PORT_LAST ? EPHEMERAL_PORT_FIRST : port + 1
    if (!used.has(port)) return port
  }
  throw new Error(`no UDP port is free on ${host.name}`)
}

/** The cards a datagram leaves by: the socket's own, else where the destination is at home. */
function outgoing(host: Host, socket: BoundSocket, destination: string): Card[] {
  const bound = socket.bind.interface
  const cards = [...host.cards.values()].filter(
    (card) =>
      (bound === undefined || card.interface === bound) &&
      (socket.bind.address === ANY || socket.bind.address === card.address),
  )
  if (destination === BROADCAST) return cards
  return cards.filter(
    (card) =>
      card.address !== undefined &&
      Subnet.contains(
        { network: card.address as Ipv4, prefixLength: card.prefixLength },
        destination as Ipv4,
      ),
  )
}

function isBroadcast(card: Card, destination: string): boolean {
  if (destination === BROADCAST) return true
  if (card.address === undefined) return false
  const subnet = { network: card.address as Ipv4, prefixLength: card.prefixLength }
  return Subnet.broadcast(subnet) === destination
}

/** As Linux does: a socket bound to one address takes no broadcast; one bound to a device only its own. */
function hears(socket: BoundSocket, card: Card, to: UdpAddress): boolean {
  if (socket.port !== to.port || socket.take === undefined) return false
  if (socket.bind.interface !== undefined && socket.bind.interface !== card.interface) return false
  return socket.bind.address === ANY || socket.bind.address === to.address
}
