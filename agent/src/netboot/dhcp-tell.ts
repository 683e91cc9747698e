import { createFloodMachine, stepFlood } from '@brickyard/dhcp/flood-machine'
import type { LeaseNotice } from '@brickyard/dhcp/lease-machine'
import type { Ipv4 } from '@brickyard/model/ipv4'
import type { Mac } from '@brickyard/model/mac'
import type { Clock } from '@brickyard/runtime/clock'
import { clientFacts } from './client-view.ts'
import { type BootSource, type Client, loaderFor } from './dhcp-boot.ts'
import { type Report, reportOnce } from './report.ts'
import type { DhcpTurn, TellTrace } from './trace.ts'

/** Tells the trace of every client, and the journal; in a flood of invented ones, of the flood alone. */
export interface TellOfClients {
  client(client: Client, answer: DhcpTurn['answer']): void
  notice(mac: Mac | undefined, notice: LeaseNotice): void
  /** A client chose another server, and nobody else watches for those. */
  foreignServer(server: Ipv4): void
}

/** MACs of unknown clients that were told of; beyond it the oldest is forgotten and counts as new. */
const STRANGERS_MAX = 1024

export function createTellOfClients(
  parts: BootSource & {
    readonly clock: Clock
    readonly report: Report
    readonly trace?: TellTrace | undefined
  },
): TellOfClients {
  const { network, clock, report } = parts
  const tell = reportOnce(report, clock)
  const flood = createFloodMachine(clock.monotonicMs())
  const strangers = new Set<Mac>()

  /** False for one of too many: it is counted, and not told of. */
  function isWorthTelling(mac: Mac): boolean {
    if (strangers.has(mac)) return true
    const { quiet, notice } = stepFlood(flood, clock.monotonicMs())
    if (notice !== undefined) {
      const { kind, clients } = notice
      report({ kind: `dhcp.${kind}`, body: { network: network.name, clients } })
    }
    if (quiet) return false
    strangers.add(mac)
    if (strangers.size > STRANGERS_MAX) strangers.delete(strangers.values().next().value as Mac)
    return true
  }

  return {
    client(client, answer) {
      const { packet, mac, sled } = client
      const { kind, address = null } = answer
      const loader = () => loaderFor(parts, client)
      const sent = network.mode !== 'listen-only'
      parts.trace?.dhcp({ network, ...client, answer, loader, sent })
      if (mac === undefined || (sled === undefined && !isWorthTelling(mac))) return
      const where = { network: network.name, mac, sled: sled?.name ?? null, address }
      const { messageType } = packet.options
      if (network.mode === 'listen-only') {
        const would = { asked: messageType ?? 'BOOTP', would: kind }
        tell({ kind: 'dhcp.would-answer', body: { ...where, ...would } })
      }
      if (messageType !== 'discover' && messageType !== 'request') return
      const facts = clientFacts(packet)
      if (sled === undefined) {
        const vendor = facts['vendorClass'] ?? null
        tell({ kind: 'dhcp.unknown-client', body: { network: network.name, mac, vendor } })
      }
      tell({ kind: 'dhcp.client-seen', body: { ...where, ...facts } })
    },
    notice(mac, { kind, ...facts }) {
      const body = { network: network.name, asked: mac ?? 'no Ethernet client', ...facts }
      report({ kind: `dhcp.${kind}`, body })
    },
    foreignServer(server) {
      tell({ kind: 'dhcp.foreign-server', body: { network: network.name, server } })
    },
  }
}
