import type { LeaseAnswer } from '@brickyard/dhcp/lease-machine'
import type { DhcpPacket } from '@brickyard/dhcp/packet'
import type { BootTrace } from '@brickyard/model/boot-attempt'
import type { Mac } from '@brickyard/model/mac'
import type { Network } from '@brickyard/model/rack'
import type { BootSled } from '@brickyard/netboot/boot-view'
import { type AwaitedBoot, silenceOf } from '@brickyard/netboot/boot-trace-silence'
import type {
  DhcpEvent,
  DiscEvent,
  FileEvent,
  RefusalEvent,
  ScriptEvent,
} from '@brickyard/netboot/boot-trace-events'
import type { LoaderChoice } from '@brickyard/netboot/choose-loader'
import type { Clock } from '@brickyard/runtime/clock'
import type { BootBook } from './trace-book.ts'
import { bootClientOf } from './trace-client.ts'
import type { HttpAsked, NetbootCounts } from './trace-counts.ts'
import type { Watches } from './trace-watches.ts'

/** A DHCP message as the server answered it. */
export interface DhcpTurn {
  readonly network: Network
  readonly packet: DhcpPacket
  /** Undefined for a client that is no Ethernet. */
  readonly mac: Mac | undefined
  readonly sled: BootSled | undefined
  readonly answer: {
    readonly kind: LeaseAnswer['kind']
    readonly address?: string
    readonly reason?: string
  }
  /** What the server names to boot; asked only for clients that came to boot. */
  readonly loader: () => LoaderChoice | undefined
  /** False where the server only listens. */
  readonly sent: boolean
}

/** A file that TFTP or HTTP is through with, for the machine at `address`. */
export type ServedFile = Omit<FileEvent, 'kind' | 'atMs'> & { readonly address: string }

export type GivenScript = Omit<ScriptEvent, 'kind' | 'atMs'> & { readonly sled: string | null }

/** An installer that came from a disc, when its claim was on the disk. */
export type DiscBoot = Omit<DiscEvent, 'kind'> & { readonly sled: string }

/** An installer that was refused, of the sled that has its MAC. */
export type RefusedBoot = Omit<RefusalEvent, 'kind'> & { readonly sled: string | null }

/** What the netboot servers tell while they serve. Never throws, and costs them next to nothing. */
export interface TellTrace {
  dhcp(turn: DhcpTurn): void
  file(file: ServedFile): void
  script(script: GivenScript): void
  /** An HTTP request of a network was answered. */
  answered(network: string, asked: HttpAsked, status: number): void
  /** A network is listened on from now. */
  watching(network: Network): void
  unwatched(network: string): void
}

/** Every boot the site saw, for people: kept over restarts, bounded, and there with no hub. */
export interface BootTracer extends TellTrace {
  disc(boot: DiscBoot): void
  refused(boot: RefusedBoot): void
  /** The boots of a sled, or of a machine by its MAC; without either, of those nobody declared. */
  trace(of: { readonly sled: string } | { readonly mac: string } | undefined): BootTrace
}

/** Turns what servers tell into events of boots, counts and sightings. */
export function createBootTracer(parts: {
  readonly clock: Clock
  readonly book: BootBook
  readonly watches: Watches
  readonly counts: NetbootCounts
  /** The boot of a sled that an operation waits for now. */
  readonly awaited: (sled: string) => AwaitedBoot | undefined
}): BootTracer {
  const { clock, book, watches, counts } = parts
  const silence = (sled: string, lastAtMs: number | undefined): string[] => {
    const awaited = parts.awaited(sled)
    const text = awaited && silenceOf(awaited, lastAtMs, clock.wallMs())
    return text === undefined ? [] : [text]
  }
  return {
    dhcp(turn) {
      const { network, packet, mac, sent, answer } = turn
      const asked = packet.options.messageType ?? 'bootp'
      counts.dhcp(network.name, asked, sent ? answer.kind : 'listened')
      watches.heard(network.name, mac, asked)
      // BMCs boot nothing from us.
      if (mac === undefined || network.role !== 'provisioning') return
      const atMs = clock.wallMs()
      const subject = { mac, sled: turn.sled?.name ?? null }
      book.takeLater(subject, () => dhcpEvent(turn, mac, atMs), asked === 'discover')
    },
    file({ address, ...file }) {
      if (file.way === 'tftp') counts.tftp(file.network, file.result)
      const durationMs = Math.round(file.durationMs)
      book.takeAt(address, { kind: 'file', atMs: clock.wallMs(), ...file, durationMs })
    },
    script({ sled, ...script }) {
      book.take({ mac: script.mac, sled }, { kind: 'script', atMs: clock.wallMs(), ...script })
    },
    disc: ({ sled, ...boot }) => book.take({ mac: boot.mac, sled }, { kind: 'disc', ...boot }),
    refused: ({ sled, ...boot }) =>
      book.take({ mac: boot.mac, sled }, { kind: 'refusal', ...boot }),
    answered: (network, asked, status) => counts.http(network, asked, status),
    watching: (network) => watches.begin(network),
    unwatched: (network) => watches.end(network),
    trace(of) {
      const attempts = book.read(of)
      const isSled = of !== undefined && 'sled' in of
      return {
        of: of === undefined ? '' : isSled ? of.sled : of.mac,
        asOfMs: clock.wallMs(),
        findings: isSled ? silence(of.sled, attempts[0]?.lastAtMs) : [],
        attempts,
        watches: watches.all(),
      }
    },
  }
}

/** A turn as a trace keeps it: bounded and printable. */
export function dhcpEvent(turn: DhcpTurn, mac: Mac, atMs: number): DhcpEvent {
  const { network, packet, sled, answer, sent } = turn
  const { kind, address = null, reason = null } = answer
  return {
    kind: 'dhcp',
    atMs,
    network: network.name,
    mode: network.mode,
    mac,
    message: packet.options.messageType ?? 'bootp',
    client: bootClientOf(packet),
    answer: {
      kind,
      address,
      reserved: address !== null && sled?.address === address,
      reason,
    },
    boot: kind === 'nak' || kind === 'silent' ? null : bootFileOf(turn.loader()),
    sent,
  }
}

function bootFileOf(choice: LoaderChoice | undefined): DhcpEvent['boot'] {
  switch (choice?.kind) {
    case 'tftp':
      return { way: 'tftp', file: choice.file }
    case 'http':
      return { way: 'http', file: choice.url.replace(/^.*\//, '').replace(/\?.*$/, '') }
    case 'none':
      return { way: 'none', reason: choice.reason }
    case 'not-netbooting':
    case undefined:
      return null
  }
}
