import { Ipv4, Subnet } from '@brickyard/model/ipv4'
import type { LeaseAnswer } from './lease-machine.ts'
import type { LeaseNetwork } from './lease-table.ts'
import type { DhcpOptions } from './options.ts'
import { PXE_BOOT_FILE_NAMED } from './options/vendor-specific.ts'
import { type DhcpPacket, fitsBootFile } from './packet.ts'

/** What a netbooting client is told beside its address. */
export interface BootReply {
  /** Next server (siaddr and option 66); beside a URL only where the client wants to see one. */
  readonly nextServer?: Ipv4 | undefined
  /** File name, or URL for iPXE and UEFI HTTP boot: option 67, and `file` where it fits. */
  readonly file: string
  /** Option 60 to answer with. `PXEClient` brings option 43 with it, see PXE_BOOT_FILE_NAMED. */
  readonly vendorClass?: 'PXEClient' | 'HTTPClient' | undefined
}

export interface ReplyExtras {
  readonly boot?: BootReply | undefined
  readonly hostName?: string | undefined
}

/**
 * The packet that carries an answer (RFC 2131 table 3). `silent` has none. Subnet, router and the
 * like are sent whether asked for or not: sleds' firmware is known to forget to ask.
 */
export function buildReply(
  request: DhcpPacket,
  answer: Exclude<LeaseAnswer, { kind: 'silent' }>,
  network: LeaseNetwork,
  extras: ReplyExtras = {},
): DhcpPacket {
  const { boot } = extras
  const isNak = answer.kind === 'nak'
  const bootFile = !isNak && boot !== undefined && fitsBootFile(boot.file) ? boot.file : ''
  const hasLease = answer.kind === 'offer' || answer.kind === 'ack'
  return {
    op: 'reply',
    hardwareType: request.hardwareType,
    hops: 0,
    xid: request.xid,
    secs: 0,
    // §4.3.2: a relayed NAK must be broadcast by the relay.
    broadcast: request.broadcast || (isNak && request.giaddr !== Ipv4.ANY),
    ciaddr: isNak || answer.kind === 'offer' ? Ipv4.ANY : request.ciaddr,
    yiaddr: hasLease ? answer.address : Ipv4.ANY,
    siaddr: isNak ? Ipv4.ANY : (boot?.nextServer ?? Ipv4.ANY),
    giaddr: request.giaddr,
    chaddr: request.chaddr,
    serverName: '',
    bootFile,
    options: {
      messageType: answer.kind === 'inform' ? 'ack' : answer.kind,
      serverId: network.serverAddress,
      clientId: request.options.clientId,
      relayAgent: request.options.relayAgent,
      ...(isNak ? { message: answer.reason } : configuration(network, extras)),
      ...(hasLease ? leaseTimes(answer.leaseSeconds) : {}),
    },
  }
}

function configuration(network: LeaseNetwork, { boot, hostName }: ReplyExtras): DhcpOptions {
  const options: DhcpOptions = {
    subnetMask: Subnet.mask(network.subnet),
    broadcastAddress: Subnet.broadcast(network.subnet),
    routers: network.router === undefined ? undefined : [network.router],
    dnsServers: network.dns.length === 0 ? undefined : network.dns,
    domainName: network.domain,
    hostName,
  }
  if (boot === undefined) return options
  return {
    ...options,
    vendorClass: boot.vendorClass,
    vendorSpecific: boot.vendorClass === 'PXEClient' ? PXE_BOOT_FILE_NAMED : undefined,
    tftpServerName: boot.nextServer,
    bootFileName: boot.file,
  }
}

/** T1 and T2 at the fractions RFC 2131 §4.4.5 names: a half, and seven eighths. */
const leaseTimes = (leaseSeconds: number): DhcpOptions => ({
  leaseSeconds,
  renewalSeconds: Math.floor(leaseSeconds / 2),
  rebindingSeconds: Math.floor((leaseSeconds * 7) / 8),
})
