import {
  type Binding,
  createLeaseMachine,
  type LeaseAnswer,
  type LeaseOutcome,
  stepInUse,
  stepLease,
} from '@brickyard/dhcp/lease-machine'
import type { LeaseTable } from '@brickyard/dhcp/lease-table'
import type { DhcpPacket } from '@brickyard/dhcp/packet'
import { replyAddress } from '@brickyard/dhcp/reply-address'
import { createReplyWriter, type WriteReply } from '@brickyard/dhcp/reply-writer'
import type { Ipv4 } from '@brickyard/model/ipv4'
import type { Mac } from '@brickyard/model/mac'
import type { Clock } from '@brickyard/runtime/clock'
import type { UdpAddress } from '@brickyard/runtime/udp'
import { bootReply, type BootSource, type Client } from './dhcp-boot.ts'
import type { ConflictProbe } from './dhcp-conflict.ts'
import type { TellOfClients } from './dhcp-tell.ts'
import type { LeaseStore } from './lease-store.ts'
import { type Report, type ReportOnce, reportOnce } from './report.ts'

export interface TurnParts extends BootSource {
  readonly clock: Clock
  readonly leases: LeaseStore
  readonly report: Report
  readonly told: TellOfClients
  readonly ports: { readonly server: number; readonly client: number }
  readonly send: (bytes: Uint8Array, to: UdpAddress) => void
  readonly bmcs?: ReadonlySet<Mac> | undefined
  /** Address kept for a client that is neither a sled nor a BMC. */
  readonly reservationOf: (packet: DhcpPacket) => Ipv4 | undefined
  /** Undefined: addresses are offered unseen. */
  readonly conflicts: ConflictProbe | undefined
  /** A client chose another server. */
  readonly onChoice: (server: Ipv4) => void
}

/** An address that was found taken is followed by another one; then the client asks again by itself. */
const OFFERS_MAX = 3

/**
 * Takes what clients say to the server of a network's addresses, one message after the other:
 * decide, save, answer, tell. In listen-only mode nothing is saved and nothing leaves.
 */
export function createLeaseTurn(parts: TurnParts, table: LeaseTable): (client: Client) => void {
  const { network, clock, told } = parts
  const machine = createLeaseMachine(table)
  const tell = reportOnce(parts.report, clock)
  const write = createReplyWriter(table.network)
  const listenOnly = network.mode === 'listen-only'

  function take(client: Client, offersLeft: number): void {
    if (offersLeft === 0) return
    const { packet, mac } = client
    const outcome = stepLease(machine, packet, bindingOf(parts, client), clock.monotonicMs())
    const { probe } = outcome
    if (probe === undefined || parts.conflicts === undefined) return finish(client, outcome)
    parts.conflicts.look(probe, (holder) => {
      if (holder === undefined || holder === mac) finish(client, outcome)
      else retry(client, probe, holder, offersLeft - 1)
    })
  }

  function retry(client: Client, address: Ipv4, holder: string, offersLeft: number): void {
    const { changes, notices } = stepInUse(machine, address, holder, clock.monotonicMs())
    parts.leases.commit(network.name, changes, () => undefined)
    for (const notice of notices) told.notice(client.mac, notice)
    take(client, offersLeft)
  }

  function finish(client: Client, outcome: LeaseOutcome): void {
    const { mac } = client
    if (!listenOnly) answerClient(parts, write, client, outcome, tell)
    // After the answer: what is journalled costs a commit, which a client that waits need not pay.
    for (const notice of outcome.notices) {
      if (notice.kind === 'foreign-server') parts.onChoice(notice.server)
      else told.notice(mac, notice)
    }
    told.client(client, outcome.answer)
  }

  return (client) => take(client, OFFERS_MAX)
}

function bindingOf({ reservationOf, bmcs }: TurnParts, { packet, mac, sled }: Client): Binding {
  if (sled !== undefined) {
    const clientClass = mac !== undefined && bmcs?.has(mac) === true ? 'bmc' : 'sled'
    return { reservation: sled.address ?? reservationOf(packet), clientClass }
  }
  const reservation = reservationOf(packet)
  return { reservation, clientClass: reservation === undefined ? 'unknown' : 'sled' }
}

/** Answers at once where nothing changed, else when the change is on the disk, else not at all. */
function answerClient(
  parts: TurnParts,
  write: WriteReply,
  client: Client,
  { answer, changes }: LeaseOutcome,
  tell: ReportOnce,
): void {
  const { network, leases } = parts
  const reply = (): void => {
    if (answer.kind !== 'silent') sendAnswer(parts, write, client, answer, tell)
  }
  if (changes.length === 0) return reply()
  leases.commit(network.name, changes, (saved) => {
    if (saved) return reply()
    const reason = 'leases could not be saved; no ACK was sent'
    tell({ kind: 'site.trouble', body: { what: `DHCP on network ${network.name}`, reason } })
  })
}

function sendAnswer(
  parts: TurnParts,
  write: WriteReply,
  client: Client,
  answer: Exclude<LeaseAnswer, { kind: 'silent' }>,
  tell: ReportOnce,
): void {
  const { packet, sled } = client
  const boot = answer.kind === 'nak' ? undefined : bootReply(parts, client, tell)
  const bytes = write(packet, answer, { boot, hostName: sled?.name })
  parts.send(bytes, replyAddress(packet, answer.kind === 'nak', parts.ports))
}
