import { decodePacket, type DhcpPacket, encodePacket } from '@brickyard/dhcp/packet'
import { Ipv4 } from '@brickyard/model/ipv4'
import type { Mac } from '@brickyard/model/mac'
import type { SledName } from '@brickyard/model/names'
import type { Network } from '@brickyard/model/rack'
import type { BootSled } from '@brickyard/netboot/boot-view'
import type { Clock } from '@brickyard/runtime/clock'
import type { Log } from '@brickyard/runtime/log'
import { openNodeStore } from '@brickyard/runtime/node/store'
import { migrate } from '@brickyard/runtime/store'
import type { Udp, UdpAddress, UdpBind } from '@brickyard/runtime/udp'
import { createDhcpServer, type DhcpServer, type DhcpServerParts } from './dhcp-server.ts'
import { createLeaseStore, LEASE_TABLES } from './lease-store.ts'
import type { NetbootEvent } from './report.ts'

/** Servers of DHCP on sockets and a clock of the test's own. */

export const silentLog: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silentLog,
}

export const ip = (text: string): Ipv4 => text as Ipv4
export const US = ip('10.98.0.1')
export const SLED_MAC = '52:54:00:98:00:01' as Mac

export const NETWORK: Network = {
  name: 'provisioning',
  role: 'provisioning',
  mode: 'authoritative',
  subnet: '10.98.0.0/24',
  agentAddress: US,
  interface: 'br0',
  pool: { first: ip('10.98.0.100'), last: ip('10.98.0.102') },
  leaseSeconds: 3600,
  dns: [],
}
export const SLED: BootSled = {
  name: 'sled-01' as SledName,
  architecture: 'x86_64',
  firmwareMode: 'uefi',
  secureBoot: false,
  address: ip('10.98.0.11'),
  boot: { kind: 'local-disk', reason: 'in use' },
}
export const PXE = { vendorClass: 'PXEClient:Arch:00007:UNDI:003000', clientArchitectures: [7] }

/** A clock that stands until it is moved; `move` runs what became due, in order. */
export function standingClock(): { readonly clock: Clock; move(ms: number): void } {
  let nowMs = 5000
  let due: { atMs: number; work: () => void }[] = []
  const clock: Clock = {
    wallMs: () => nowMs,
    monotonicMs: () => nowMs,
    after(delayMs, work) {
      const entry = { atMs: nowMs + delayMs, work }
      due.push(entry)
      return { cancel: () => void (due = due.filter((other) => other !== entry)) }
    },
  }
  const move = (ms: number): void => {
    const untilMs = nowMs + ms
    for (;;) {
      const next = due.toSorted((a, b) => a.atMs - b.atMs)[0]
      if (next === undefined || next.atMs > untilMs) break
      due = due.filter((other) => other !== next)
      nowMs = Math.max(nowMs, next.atMs)
      next.work()
    }
    nowMs = untilMs
  }
  return { clock, move }
}

export interface Sent {
  /** The port it left from. */
  readonly by: number
  readonly to: UdpAddress
  /** Undefined for what is no DHCP: a datagram that only asks for a neighbour. */
  readonly packet: DhcpPacket | undefined
}

/** Sockets that hear what the test says, and keep what they send. */
export function heldSockets() {
  const sent: Sent[] = []
  const bound: UdpBind[] = []
  const takers = new Map<number, Set<(bytes: Uint8Array, from: UdpAddress) => void>>()
  const udp: Udp = {
    async bind(bind) {
      bound.push(bind)
      const own = takers.get(bind.port) ?? new Set()
      takers.set(bind.port, own)
      let held: ((bytes: Uint8Array, from: UdpAddress) => void) | undefined
      return {
        local: { address: bind.address, port: bind.port },
        send(bytes, to) {
          const decoded = decodePacket(bytes)
          sent.push({ by: bind.port, to, packet: decoded.ok ? decoded.value.packet : undefined })
        },
        onDatagram(take) {
          held = take
          own.add(take)
        },
        onError: () => undefined,
        close: () => void (held && own.delete(held)),
      }
    },
  }
  const anybody: UdpAddress = { address: '0.0.0.0', port: 68 }
  const hearBytes = (port: number, bytes: Uint8Array, from = anybody): void => {
    for (const take of takers.get(port) ?? []) take(bytes, from)
  }
  const hear = (port: number, packet: DhcpPacket, from = anybody): void =>
    hearBytes(port, encodePacket(packet), from)
  const listeners = (port: number): number => takers.get(port)?.size ?? 0
  return { udp, sent, bound, hear, hearBytes, listeners }
}

export const requestFrom = (
  mac: Mac,
  options: DhcpPacket['options'],
  rest: Partial<DhcpPacket> = {},
): DhcpPacket => ({
  op: 'request',
  hardwareType: 1,
  hops: 0,
  xid: 7,
  secs: 0,
  broadcast: false,
  ciaddr: Ipv4.ANY,
  yiaddr: Ipv4.ANY,
  siaddr: Ipv4.ANY,
  giaddr: Ipv4.ANY,
  chaddr: Uint8Array.from(mac.split(':').map((byte) => Number.parseInt(byte, 16))),
  serverName: '',
  bootFile: '',
  options,
  ...rest,
})

/** The n-th of machines that nobody declared. */
export const strangerMac = (n: number): Mac =>
  `02:00:00:${[n >> 16, (n >> 8) & 255, n & 255].map((byte) => byte.toString(16).padStart(2, '0')).join(':')}` as Mac

/** A started server with a store in memory; sled-01 is declared and has a reserved address. */
export async function startDhcp(parts: Partial<DhcpServerParts> = {}) {
  const store = openNodeStore({ path: ':memory:', durable: false })
  migrate(store, [LEASE_TABLES])
  const sockets = heldSockets()
  const time = standingClock()
  const events: NetbootEvent[] = []
  const server: DhcpServer = createDhcpServer({
    network: NETWORK,
    udp: sockets.udp,
    clock: time.clock,
    log: silentLog,
    leases: createLeaseStore({ store, clock: time.clock, log: silentLog }),
    directory: { sledFor: ({ mac }) => (mac === SLED_MAC ? SLED : undefined) },
    report: (event) => void events.push(event),
    bootUrl: 'http://10.98.0.1',
    loaders: new Set(['snponly.efi']),
    reserved: new Set([ip('10.98.0.11')]),
    ...parts,
  })
  const started = await server.start()
  if (!started.ok) throw new Error(started.error)
  const told = (kind: string): NetbootEvent[] => events.filter((event) => event.kind === kind)
  return { server, store, events, told, ...time, ...sockets }
}
