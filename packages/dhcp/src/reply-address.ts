import { Ipv4 } from '@brickyard/model/ipv4'
import type { DhcpPacket } from './packet.ts'

export const SERVER_PORT = 67
export const CLIENT_PORT = 68

/**
 * Where an answer goes (RFC 2131 §4.1): to the relay's server port; to the client's own address
 * where it has one; else as a broadcast. A client without an address cannot answer ARP, and a
 * socket cannot write its hardware address, so such a client gets a broadcast even when it did not
 * ask for one, which §4.1 allows. A NAK is always broadcast, since the client's address is in doubt.
 */
export function replyAddress(
  request: DhcpPacket,
  isNak: boolean,
  ports: { readonly server: number; readonly client: number } = {
    server: SERVER_PORT,
    client: CLIENT_PORT,
  },
): { readonly address: Ipv4; readonly port: number } {
  if (request.giaddr !== Ipv4.ANY) return { address: request.giaddr, port: ports.server }
  if (!isNak && request.ciaddr !== Ipv4.ANY) return { address: request.ciaddr, port: ports.client }
  return { address: Ipv4.BROADCAST, port: ports.client }
}
