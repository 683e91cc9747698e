import type { Ipv4 } from '@brickyard/model/ipv4'
import { toHex } from '@brickyard/std/hex'
import { relayAgentFacts } from './options/relay-agent.ts'
import type { DhcpPacket } from './packet.ts'

/** An address kept for whoever is known by one of these; bytes are lower-case hex. */
export interface Reservation {
  readonly address: Ipv4
  /** `aa:bb:cc:dd:ee:ff`. */
  readonly mac?: string | undefined
  /** Option 61. */
  readonly clientId?: string | undefined
  /** Sub-option 1 of option 82: a place, usually a switch port. */
  readonly circuitId?: string | undefined
  /** Sub-option 2, usually the switch; where it is given it must match as well. */
  readonly remoteId?: string | undefined
}

/** Which address is kept for a client. */
export type ReservationOf = (packet: DhcpPacket) => Ipv4 | undefined

/**
 * Looks a client up by its MAC, then by its client identifier, then by where it is plugged in: who it
 * is goes before where it stands. A port of a named switch goes before the same port of any switch.
 */
export function indexReservations(reservations: readonly Reservation[]): ReservationOf {
  const index = new Map<string, Ipv4>()
  for (const { address, mac, clientId, circuitId, remoteId } of reservations) {
    if (mac !== undefined) index.set(`mac:${mac.replaceAll(':', '')}`, address)
    if (clientId !== undefined) index.set(`id:${clientId}`, address)
    if (circuitId !== undefined) index.set(`port:${circuitId}/${remoteId ?? ''}`, address)
  }
  if (index.size === 0) return () => undefined
  return (packet) => {
    const { clientId, relayAgent } = packet.options
    const byMac = index.get(`mac:${toHex(packet.chaddr)}`)
    if (byMac !== undefined) return byMac
    const byId = clientId && index.get(`id:${toHex(clientId)}`)
    if (byId !== undefined) return byId
    if (relayAgent === undefined) return undefined
    const { circuitId, remoteId } = relayAgentFacts(relayAgent)
    if (circuitId === undefined) return undefined
    const port = `port:${toHex(circuitId)}/`
    const ofSwitch = remoteId && index.get(`${port}${toHex(remoteId)}`)
    return ofSwitch ?? index.get(port)
  }
}
