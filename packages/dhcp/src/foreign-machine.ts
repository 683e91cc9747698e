import { Ipv4 } from '@brickyard/model/ipv4'
import type { DhcpOptions } from './options.ts'
import type { DhcpPacket } from './packet.ts'

/** A DHCP server that is not us. */
export interface ForeignServer {
  /** Its server identifier (option 54), or the sender's address where it names none. */
  readonly server: Ipv4
  /** Who sent the datagram: the server itself, or the relay that passed it on. */
  readonly sender: Ipv4
  readonly relay: Ipv4 | undefined
  /** A proxy answers without an address. */
  readonly gives: 'addresses' | 'boot files'
  /** What it tells its clients, in words. */
  readonly options: string
  readonly heardAtMs: number
}

export type ForeignEffect =
  | { readonly kind: 'found'; readonly server: ForeignServer }
  | { readonly kind: 'gone'; readonly server: ForeignServer }
  /** Broadcast this from port 68. */
  | { readonly kind: 'probe'; readonly packet: DhcpPacket }

/** What is known of the other servers on one link. */
export interface ForeignMachine {
  readonly ownAddress: Ipv4
  /** How many probes each server has left unanswered. */
  readonly servers: Map<Ipv4, { server: ForeignServer; missed: number }>
  probe: { sentAtMs: number; roundBeganMs: number; tries: number } | undefined
  nextProbeMs: number
  /** Rounds that ended: before the first, that nobody was heard means nothing. */
  rounds: number
}

/** A round of probes begins this long after the one before it. */
export const PROBE_EVERY_MS = 10 * 60_000
/** Some servers ping an address for 3 s before they offer it. */
const ANSWER_MS = 5_000
/** One lost datagram must hide nobody: a round asks twice. */
const TRIES = 2
/** A server that was there is asked for again soon, and then given up. */
const RECHECK_MS = 30_000
const MISSES_MAX = 2
/** Sender addresses are easily invented; no link has more servers than this. */
const SERVERS_MAX = 16
/** Locally administered, and the rest our own address: every probe of one appliance is one client. */
const PROBE_CHADDR_HEAD = [0x02, 0xb7] as const
const PROBE_CLIENT_ID = new TextEncoder().encode('\0brickyard-looks-for-servers')
const PROBE_PARAMETERS = [1, 3, 6, 15, 43, 54, 60, 66, 67]

export const createForeignMachine = (ownAddress: Ipv4, nowMs: number): ForeignMachine => ({
  ownAddress,
  servers: new Map(),
  probe: undefined,
  nextProbeMs: nowMs,
  rounds: 0,
})

/** True for the probe that the appliance at `ownAddress` sends: it must not answer itself. */
export const isProbeOf = (packet: DhcpPacket, ownAddress: Ipv4): boolean =>
  packet.chaddr.length === 6 &&
  packet.chaddr[0] === PROBE_CHADDR_HEAD[0] &&
  packet.chaddr[1] === PROBE_CHADDR_HEAD[1] &&
  Ipv4.fromBytes(packet.chaddr.subarray(2)) === ownAddress

/** An answer of any server, heard on port 68. Ours, and what only clients send, tells nothing. */
export function hearAnswer(
  machine: ForeignMachine,
  packet: DhcpPacket,
  sender: Ipv4,
  nowMs: number,
): ForeignEffect[] {
  const { messageType, serverId } = packet.options
  if (packet.op !== 'reply' || !['offer', 'ack', 'nak'].includes(messageType ?? '')) return []
  const server = serverId ?? sender
  if (server === machine.ownAddress || sender === machine.ownAddress) return []
  return sight(machine, {
    server,
    sender,
    relay: packet.giaddr === Ipv4.ANY ? undefined : packet.giaddr,
    gives: packet.yiaddr === Ipv4.ANY && messageType !== 'nak' ? 'boot files' : 'addresses',
    options: optionsInWords(packet),
    heardAtMs: nowMs,
  })
}

/** A client's REQUEST, heard on port 67, names the server it chose. */
export function hearChoice(machine: ForeignMachine, server: Ipv4, nowMs: number): ForeignEffect[] {
  if (server === machine.ownAddress) return []
  const known = machine.servers.get(server)?.server
  return sight(machine, {
    server,
    sender: known?.sender ?? server,
    relay: known?.relay,
    gives: 'addresses',
    options: known?.options ?? '',
    heardAtMs: nowMs,
  })
}

function sight(machine: ForeignMachine, server: ForeignServer): ForeignEffect[] {
  const known = machine.servers.get(server.server)
  if (known === undefined && machine.servers.size >= SERVERS_MAX) return []
  // Each client may be told other options: those of the first answer describe the server.
  const options = known?.server.options || server.options
  machine.servers.set(server.server, { server: { ...server, options }, missed: 0 })
  const { gives, relay } = server
  const same = known?.server.gives === gives && known.server.relay === relay
  return same ? [] : [{ kind: 'found', server }]
}

/** When `tickForeign` is to be called next. */
export const nextTickMs = (machine: ForeignMachine): number =>
  machine.probe === undefined ? machine.nextProbeMs : machine.probe.sentAtMs + ANSWER_MS

/** Time passed: sends the probe that is due, ends the round that is over, gives up who was not heard. */
export function tickForeign(machine: ForeignMachine, nowMs: number): ForeignEffect[] {
  if (nowMs < nextTickMs(machine)) return []
  const { probe } = machine
  if (probe === undefined) return [ask(machine, 1, nowMs)]
  if (probe.tries < TRIES) return [ask(machine, probe.tries + 1, nowMs)]
  machine.probe = undefined
  machine.rounds++
  const effects: ForeignEffect[] = []
  let doubtful = false
  for (const [address, held] of machine.servers) {
    if (held.server.heardAtMs >= probe.roundBeganMs) continue
    held.missed++
    if (held.missed < MISSES_MAX) doubtful = true
    else {
      machine.servers.delete(address)
      effects.push({ kind: 'gone', server: held.server })
    }
  }
  machine.nextProbeMs = nowMs + (doubtful ? RECHECK_MS : PROBE_EVERY_MS)
  return effects
}

function ask(machine: ForeignMachine, tries: number, nowMs: number): ForeignEffect {
  const xid = (Ipv4.toNumber(machine.ownAddress) + Math.floor(nowMs)) >>> 0
  const roundBeganMs = machine.probe?.roundBeganMs ?? nowMs
  machine.probe = { sentAtMs: nowMs, roundBeganMs, tries }
  return { kind: 'probe', packet: probePacket(machine.ownAddress, xid) }
}

/** A DISCOVER that is never followed by a REQUEST, always of the same client. */
function probePacket(ownAddress: Ipv4, xid: number): DhcpPacket {
  return {
    op: 'request',
    hardwareType: 1,
    hops: 0,
    xid,
    secs: 0,
    broadcast: true,
    ciaddr: Ipv4.ANY,
    yiaddr: Ipv4.ANY,
    siaddr: Ipv4.ANY,
    giaddr: Ipv4.ANY,
    chaddr: Uint8Array.of(...PROBE_CHADDR_HEAD, ...Ipv4.toBytes(ownAddress)),
    serverName: '',
    bootFile: '',
    options: {
      messageType: 'discover',
      clientId: PROBE_CLIENT_ID,
      parameterList: PROBE_PARAMETERS,
      // Proxies speak to network firmware alone.
      vendorClass: 'PXEClient:Arch:00007:UNDI:003016',
      clientArchitectures: [7],
      maxMessageSizeBytes: 1500,
    },
  }
}

const TEXT_CHARS_MAX = 200

function optionsInWords({ options, bootFile, siaddr }: DhcpPacket): string {
  const file = options.bootFileName ?? bootFile
  const list = (values: DhcpOptions['routers']): string => (values ?? []).slice(0, 4).join(' ')
  const parts: readonly [string, string][] = [
    ['mask', options.subnetMask ?? ''],
    ['router', list(options.routers)],
    ['dns', list(options.dnsServers)],
    ['domain', options.domainName ?? ''],
    ['next server', siaddr === Ipv4.ANY ? '' : siaddr],
    ['boot file', file],
  ]
  return parts
    .filter(([, value]) => value !== '')
    .map(([name, value]) => `${name} ${value.replace(/[^\x20-\x7e]/g, '?')}`)
    .join(', ')
    .slice(0, TEXT_CHARS_MAX)
}
