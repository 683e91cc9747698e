import type { Ipv4 } from '@brickyard/model/ipv4'
import type { Clock } from '@brickyard/runtime/clock'
import type { Neighbours } from '@brickyard/runtime/neighbours'

/** Looks whether somebody has an address before it is offered to a machine that nobody declared. */
export interface ConflictProbe {
  /** Calls `found` once: with the MAC at the address, or undefined where nobody answered. */
  look(address: Ipv4, found: (mac: string | undefined) => void): void
}

/** A neighbour answers ARP within a millisecond or so; the kernel asks again after a second. */
const ARP_MS = 400
/** Clients that wait for this at a time; beyond it (a flood) addresses are offered unseen. */
const LOOKS_MAX = 16
/** Discard (RFC 863): what comes there is thrown away, and only makes the kernel ask by ARP. */
const PORT_DISCARD = 9

export function createConflictProbe(parts: {
  readonly clock: Clock
  readonly neighbours: Neighbours
  readonly send: (datagram: Uint8Array, to: { address: Ipv4; port: number }) => void
}): ConflictProbe {
  const { clock, neighbours, send } = parts
  let looks = 0
  return {
    look(address, found) {
      if (looks >= LOOKS_MAX) return found(undefined)
      looks++
      send(new Uint8Array(), { address, port: PORT_DISCARD })
      clock.after(ARP_MS, () => {
        looks--
        found(neighbours.macOf(address))
      })
    },
  }
}
