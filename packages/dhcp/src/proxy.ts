import { Ipv4 } from '@brickyard/model/ipv4'
import { PXE_BOOT_FILE_NAMED } from './options/vendor-specific.ts'
import { type DhcpPacket, fitsBootFile } from './packet.ts'
import type { BootReply } from './reply.ts'

/** PXE 2.1 §2.2.4: the boot server's own port, where a client asks once it has its address. */
export const PXE_PORT = 4011

/** Which of our two ports a packet came in by. */
export type ProxyPort = 'dhcp' | 'pxe'

/** What a proxy says beside the server that gives the addresses. */
export type ProxyAnswer =
  | { readonly kind: 'offer' | 'ack' }
  | { readonly kind: 'silent'; readonly reason: string }

/**
 * What a proxy answers (PXE 2.1 §2.2 and §2.4): on port 67 the DISCOVER of network firmware, on 4011 its
 * REQUEST or INFORM. All else is the other server's, and so is a machine that does not netboot.
 */
export function proxyAnswer(packet: DhcpPacket, port: ProxyPort): ProxyAnswer {
  const { messageType, vendorClass } = packet.options
  const silent = (reason: string): ProxyAnswer => ({ kind: 'silent', reason })
  if (packet.op !== 'request') return silent('not a request')
  if (vendorClass === undefined || !/^(PXE|HTTP)Client/.test(vendorClass)) {
    return silent('it does not netboot: the proxy leaves it to the address server')
  }
  if (port === 'dhcp') {
    return messageType === 'discover'
      ? { kind: 'offer' }
      : silent('the address server answers that')
  }
  return messageType === 'request' || messageType === 'inform'
    ? { kind: 'ack' }
    : silent('port 4011 takes REQUEST and INFORM')
}

/**
 * The proxy's packet: what to boot and never an address (`yiaddr` is 0.0.0.0), with option 60 echoed,
 * 43 where the client speaks PXE, and its UUID (97) as it came, which PXE 2.1 table 2-1 asks for.
 */
export function buildProxyReply(
  request: DhcpPacket,
  kind: 'offer' | 'ack',
  serverAddress: Ipv4,
  boot: BootReply,
): DhcpPacket {
  const { clientId, clientUuid, relayAgent } = request.options
  return {
    op: 'reply',
    hardwareType: request.hardwareType,
    hops: 0,
    xid: request.xid,
    secs: 0,
    broadcast: request.broadcast,
    ciaddr: kind === 'ack' ? request.ciaddr : Ipv4.ANY,
    yiaddr: Ipv4.ANY,
    siaddr: boot.nextServer ?? Ipv4.ANY,
    giaddr: request.giaddr,
    chaddr: request.chaddr,
    serverName: '',
    bootFile: fitsBootFile(boot.file) ? boot.file : '',
    options: {
      messageType: kind,
      serverId: serverAddress,
      vendorClass: boot.vendorClass,
      vendorSpecific: boot.vendorClass === 'PXEClient' ? PXE_BOOT_FILE_NAMED : undefined,
      tftpServerName: boot.nextServer,
      bootFileName: boot.file,
      clientId,
      clientUuid,
      relayAgent,
    },
  }
}
