import { Ipv4, Subnet } from '@brickyard/model/ipv4'
import { relayAgentFacts } from './options/relay-agent.ts'
import type { DhcpPacket } from './packet.ts'

/** What tells the networks apart that are reached through one device. */
export interface ReachedNetwork {
  readonly subnet: Subnet
  /** True where clients are behind a relay, false on the device's own link. */
  readonly relayed: boolean
}

/**
 * Where a client is, as its packet tells: option 82's link selection (RFC 3527), else the relay's
 * address (RFC 2131 §4.3.1), else undefined: on our own link, or behind a router that it renews
 * its lease across.
 */
export function linkOf(packet: DhcpPacket): Ipv4 | undefined {
  const relay = packet.options.relayAgent
  const link = relay === undefined ? undefined : relayAgentFacts(relay).linkSelection
  if (link !== undefined) return link
  return packet.giaddr === Ipv4.ANY ? undefined : packet.giaddr
}

/**
 * The network a packet is for, of those that are reached through the device it came in by. A client
 * that renews sends straight to us, past its relay, and is told by its own address.
 */
export function chooseNetwork<N extends ReachedNetwork>(
  packet: DhcpPacket,
  networks: readonly N[],
): N | undefined {
  const link = linkOf(packet)
  if (link !== undefined) return narrowest(networks, link)
  const own = packet.ciaddr
  const behind = own === Ipv4.ANY ? undefined : narrowest(networks.filter(isRelayed), own)
  return behind ?? networks.find((network) => !network.relayed)
}

const isRelayed = ({ relayed }: ReachedNetwork): boolean => relayed

/** Of subnets that hold an address, the one with the longest prefix. */
function narrowest<N extends ReachedNetwork>(networks: readonly N[], address: Ipv4): N | undefined {
  let found: N | undefined
  for (const network of networks) {
    if (!Subnet.contains(network.subnet, address)) continue
    if (found === undefined || network.subnet.prefixLength > found.subnet.prefixLength) {
      found = network
    }
  }
  return found
}
