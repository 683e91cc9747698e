import { encodePacket, replyBytesMax } from '@brickyard/dhcp/packet'
import { buildProxyReply, proxyAnswer, type ProxyPort } from '@brickyard/dhcp/proxy'
import { replyAddress } from '@brickyard/dhcp/reply-address'
import { Ipv4 } from '@brickyard/model/ipv4'
import type { Mac } from '@brickyard/model/mac'
import type { UdpAddress } from '@brickyard/runtime/udp'
import { bootReply, type Client } from './dhcp-boot.ts'
import type { TurnParts } from './dhcp-turn.ts'
import { reportOnce } from './report.ts'

/** What the other server gave to clients, as far as their own packets tell. */
export type HeardAddresses = Map<Mac, Ipv4>

/** A site's worth of machines several times over; beyond it the oldest is forgotten. */
const HEARD_MAX = 4096

/**
 * The proxy beside another server: tells declared sleds what to boot, and gives nobody an address.
 * A machine that nobody declared is not spoken to: it may be booted by whoever owns this network.
 */
export function createProxyTurn(
  parts: TurnParts,
  heard: HeardAddresses,
  port: ProxyPort,
): (client: Client, from: UdpAddress) => void {
  const { network, told } = parts
  const tell = reportOnce(parts.report, parts.clock)

  return (client, from) => {
    const { packet, mac, sled } = client
    const { messageType, serverId } = packet.options
    if (messageType === 'request' && serverId !== undefined) parts.onChoice(serverId)
    if (mac !== undefined && sled !== undefined) noteAddress(heard, mac, packet)
    const answer = proxyAnswer(packet, port)
    const boot = answer.kind === 'silent' || !sled ? undefined : bootReply(parts, client, tell)
    const isAnswered = answer.kind !== 'silent' && boot !== undefined
    if (isAnswered) {
      const reply = buildProxyReply(packet, answer.kind, network.agentAddress, boot)
      // On 4011 the client asks from a port of its own choice and has an address (PXE 2.1 §2.4.4).
      const to = port === 'pxe' ? from : replyAddress(packet, false, parts.ports)
      parts.send(encodePacket(reply, replyBytesMax(packet)), to)
    }
    const reason = answer.kind === 'silent' ? answer.reason : 'there is nothing for it to boot here'
    told.client(client, isAnswered ? answer : { kind: 'silent', reason })
  }
}

/** A REQUEST names the address it takes (50), or has it already (RFC 2131 table 4). */
function noteAddress(heard: HeardAddresses, mac: Mac, packet: Client['packet']): void {
  const { messageType, requestedAddress } = packet.options
  if (messageType !== 'request') return
  const address = packet.ciaddr === Ipv4.ANY ? requestedAddress : packet.ciaddr
  if (address === undefined) return
  heard.delete(mac)
  heard.set(mac, address)
  if (heard.size > HEARD_MAX) heard.delete(heard.keys().next().value as Mac)
}
