import {
  createForeignMachine,
  type ForeignEffect,
  type ForeignServer,
  hearAnswer,
  hearChoice,
  nextTickMs,
  tickForeign,
} from '@brickyard/dhcp/foreign-machine'
import { decodePacket, encodePacket } from '@brickyard/dhcp/packet'
import { CLIENT_PORT, SERVER_PORT } from '@brickyard/dhcp/reply-address'
import { Ipv4, Subnet } from '@brickyard/model/ipv4'
import type { Network } from '@brickyard/model/rack'
import type { Clock, Timer } from '@brickyard/runtime/clock'
import type { Log } from '@brickyard/runtime/log'
import type { Neighbours } from '@brickyard/runtime/neighbours'
import type { Udp, UdpAddress, UdpSocket } from '@brickyard/runtime/udp'
import type { Report } from './report.ts'

/** Looks for other DHCP servers on one network, in every mode: by what port 68 hears, and by asking. */
export interface ForeignWatch {
  /** Opens port 68 and begins to ask. Where it cannot, it says so and hears port 67 alone. */
  start(): Promise<void>
  /** A client's REQUEST on port 67 named another server. */
  choice(server: Ipv4): void
  stop(): void
  servers(): readonly ForeignServer[]
}

export interface ForeignWatchParts {
  readonly network: Network
  readonly udp: Udp
  readonly clock: Clock
  readonly log: Log
  readonly report: Report
  /** What is wrong on this network because of others; undefined: nothing. */
  readonly trouble: (reason: string | undefined) => void
  readonly neighbours?: Neighbours | undefined
  /** An inherited socket on port 68, bound to the device. */
  readonly fd?: number | undefined
  /** Inherited sockets were given and none for port 68: none is opened. */
  readonly mayOpen: boolean
  readonly ports?: { readonly server: number; readonly client: number } | undefined
}

/** An ARP answer comes within a millisecond or so; the kernel asks again after a second. */
const ARP_MS = 300
const PORT_DISCARD = 9

export function createForeignWatch(parts: ForeignWatchParts): ForeignWatch {
  const { network, clock, log, report } = parts
  const { server: serverPort, client: clientPort } = parts.ports ?? {
    server: SERVER_PORT,
    client: CLIENT_PORT,
  }
  const subnet = Subnet.parse(network.subnet)
  const machine = createForeignMachine(network.agentAddress, clock.monotonicMs())
  const macs = new Map<Ipv4, string>()
  let socket: UdpSocket | undefined
  let timer: Timer | undefined
  let deaf: string | undefined
  let stopped = false

  const servers = (): ForeignServer[] => [...machine.servers.values()].map(({ server }) => server)

  function perform(effects: readonly ForeignEffect[]): void {
    for (const effect of effects) {
      if (effect.kind === 'probe') {
        socket?.send(encodePacket(effect.packet), { address: Ipv4.BROADCAST, port: serverPort })
      } else if (effect.kind === 'found') nameAndTell(effect.server)
      else tellGone(effect.server)
    }
  }

  /** Its MAC is known once it was asked for: a packet to it makes the kernel ask. */
  function nameAndTell(server: ForeignServer): void {
    const onLink = subnet.ok && Subnet.contains(subnet.value, server.sender)
    if (parts.neighbours === undefined || socket === undefined || !onLink) return tell(server)
    socket.send(new Uint8Array(), { address: server.sender, port: PORT_DISCARD })
    clock.after(ARP_MS, () => {
      const mac = parts.neighbours?.macOf(server.sender)
      if (mac !== undefined) macs.set(server.server, mac)
      if (!stopped) tell(server)
    })
  }

  function tell({ server, gives, relay, options }: ForeignServer): void {
    const mac = macs.get(server) ?? null
    const body = { network: network.name, server, gives, mac, relay: relay ?? null, options }
    report({ kind: 'dhcp.foreign-server', body })
    setTrouble()
  }

  function tellGone({ server }: ForeignServer): void {
    macs.delete(server)
    report({ kind: 'dhcp.foreign-server-gone', body: { network: network.name, server } })
    setTrouble()
  }

  function setTrouble(): void {
    const unwanted = servers().filter(
      // Beside a proxy somebody else is meant to give the addresses.
      ({ gives }) => network.mode !== 'proxy' || gives === 'boot files',
    )
    const reasons = unwanted.map((server) => inWords(server, macs.get(server.server)))
    const alone = !servers().some(({ gives }) => gives === 'addresses')
    if (network.mode === 'proxy' && machine.rounds > 0 && alone) {
      reasons.push('nobody gives addresses here, and a proxy gives none')
    }
    if (deaf !== undefined) reasons.push(`other DHCP servers go unnoticed: ${deaf}`)
    parts.trouble(reasons.length === 0 ? undefined : reasons.join('; '))
  }

  function arm(): void {
    timer?.cancel()
    const waitMs = Math.max(0, nextTickMs(machine) - clock.monotonicMs())
    timer = clock.after(waitMs, () => {
      const before = machine.rounds
      perform(tickForeign(machine, clock.monotonicMs()))
      if (machine.rounds !== before) setTrouble()
      arm()
    })
  }

  function hear(bytes: Uint8Array, from: UdpAddress): void {
    // The kernel brings our own broadcasts back: in a storm as many as there are clients' packets.
    if (from.address === network.agentAddress) return
    const decoded = decodePacket(bytes)
    const sender = Ipv4.parse(from.address)
    if (!decoded.ok || !sender.ok) return
    perform(hearAnswer(machine, decoded.value.packet, sender.value, clock.monotonicMs()))
  }

  function beDeaf(why: string): void {
    log.warn('other DHCP servers go unnoticed', { network: network.name, why })
    deaf = why
    setTrouble()
  }

  return {
    async start() {
      if (parts.fd === undefined && !parts.mayOpen) {
        return beDeaf(`no socket on port 68 of ${network.interface} was handed in`)
      }
      try {
        const device = { interface: network.interface, fd: parts.fd, broadcast: true }
        socket = await parts.udp.bind({ address: Ipv4.ANY, port: clientPort, ...device })
      } catch (error) {
        return beDeaf((error as Error).message)
      }
      if (stopped) return socket.close()
      socket.onDatagram(hear)
      socket.onError((error) => {
        if (deaf === undefined) beDeaf(error.message)
      })
      arm()
    },
    choice: (server) => perform(hearChoice(machine, server, clock.monotonicMs())),
    stop() {
      stopped = true
      timer?.cancel()
      socket?.close()
      parts.trouble(undefined)
    },
    servers,
  }
}

function inWords(
  { server, gives, relay, options }: ForeignServer,
  mac: string | undefined,
): string {
  const who = [mac ?? '', relay === undefined ? '' : `through the relay ${relay}`].filter(Boolean)
  const named = who.length === 0 ? server : `${server} (${who.join(', ')})`
  return `${named} gives ${gives} here too${options === '' ? '' : `: ${options}`}`
}
