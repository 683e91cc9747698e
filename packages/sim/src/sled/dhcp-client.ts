import type { DhcpOptions } from '@brickyard/dhcp/options'
import { decodePacket, type DhcpPacket, encodePacket } from '@brickyard/dhcp/packet'
import { Ipv4 } from '@brickyard/model/ipv4'
import { Mac } from '@brickyard/model/mac'
import type { Clock } from '@brickyard/runtime/clock'
import type { Random } from '@brickyard/runtime/random'
import type { Udp, UdpSocket } from '@brickyard/runtime/udp'
import { err, ok, type Result } from '@brickyard/std/result'
import { Seconds } from '@brickyard/std/units'

/** What a DHCP client of a sled was given. */
export interface Lease {
  readonly address: Ipv4
  readonly prefixLength: number
  readonly leaseSeconds: number
  readonly serverId: Ipv4
  readonly nextServer: Ipv4
  readonly bootFile: string
  readonly options: DhcpOptions
  /** From the first REQUEST to its ACK. */
  readonly ackMs: number
}

export interface DhcpClientPorts {
  readonly clock: Clock
  readonly random: Random
  readonly udp: Udp
}

const CLIENT_PORT = 68
const SERVER_PORT = 67
/** PXE 2.1 §2.2.4: tries after 4, 8, 16 and 32 s, then the next boot option. */
const OFFER_WAITS_MS = [Seconds(4), Seconds(8), Seconds(16), Seconds(32)]
/** How long after an offer without a boot file firmware waits for a proxy's (PXE 2.1 §2.2.4). */
const PROXY_WAIT_MS = Seconds(4)
const ACK_WAITS_MS = [Seconds(2), Seconds(4), Seconds(8)]
/** The parameter list of PXE firmware, as captured from OVMF and iPXE. */
const PARAMETER_LIST = [1, 3, 6, 12, 15, 43, 54, 60, 66, 67, 97, 175]

/**
 * DISCOVER, OFFER, REQUEST, ACK on one interface, as the client that `identity` describes (vendor
 * class, architecture, user class …). Every answer must carry our transaction and our address. Network
 * firmware that is offered an address and nothing to boot takes that from a proxy.
 */
export async function acquireLease(
  ports: DhcpClientPorts,
  interfaceName: string,
  mac: Mac,
  identity: DhcpOptions,
): Promise<Result<Lease>> {
  const socket = await ports.udp.bind({
    address: '0.0.0.0',
    port: CLIENT_PORT,
    interface: interfaceName,
    broadcast: true,
  })
  try {
    return await converse(ports, socket, mac, identity)
  } finally {
    socket.close()
  }
}

async function converse(
  ports: DhcpClientPorts,
  socket: UdpSocket,
  mac: Mac,
  identity: DhcpOptions,
): Promise<Result<Lease>> {
  const xidBytes = ports.random.bytes(4)
  const xid = new DataView(xidBytes.buffer, xidBytes.byteOffset, 4).getUint32(0)
  const startMs = ports.clock.monotonicMs()
  const inbox = replies(ports.clock, socket, xid, mac)
  const send = (options: DhcpOptions): void => {
    const secs = Math.floor((ports.clock.monotonicMs() - startMs) / Seconds(1))
    const packet = request(xid, secs, mac, { ...options, ...identity })
    socket.send(encodePacket(packet), { address: '255.255.255.255', port: SERVER_PORT })
  }
  const base: DhcpOptions = { parameterList: PARAMETER_LIST, maxMessageSizeBytes: 1472 }

  let offer: DhcpPacket | undefined
  for (const waitMs of OFFER_WAITS_MS) {
    send({ messageType: 'discover', ...base })
    offer = await inbox.next(isOffer, waitMs)
    if (offer !== undefined) break
  }
  if (offer === undefined) return err('no DHCP offer')
  const lacksBootFile = identity.vendorClass?.startsWith('PXEClient') === true && !namesFile(offer)
  const proxy = lacksBootFile ? await inbox.next(isProxyOffer, PROXY_WAIT_MS) : undefined
  const { serverId } = offer.options
  const askedMs = ports.clock.monotonicMs()
  for (const waitMs of ACK_WAITS_MS) {
    send({
      messageType: 'request',
      requestedAddress: offer.yiaddr,
      ...(serverId === undefined ? {} : { serverId }),
      ...base,
    })
    const answer = await inbox.next(isVerdict, waitMs)
    if (answer?.options.messageType === 'nak') return err('the DHCP server said no (NAK)')
    if (answer !== undefined)
      return ok(leaseOf(answer, proxy ?? answer, ports.clock.monotonicMs() - askedMs))
  }
  return err('no DHCP acknowledgement')
}

const namesFile = ({ bootFile, options }: DhcpPacket): boolean =>
  (options.bootFileName ?? bootFile) !== ''
const isOffer = ({ options, yiaddr }: DhcpPacket): boolean =>
  options.messageType === 'offer' && yiaddr !== Ipv4.ANY
const isProxyOffer = (packet: DhcpPacket): boolean =>
  packet.options.messageType === 'offer' && packet.yiaddr === Ipv4.ANY && namesFile(packet)
/** A NAK ends the wait for an ACK. */
const isVerdict = ({ options: { messageType } }: DhcpPacket): boolean =>
  messageType === 'ack' || messageType === 'nak'

/** `boot` is what says what to boot: the same packet, or a proxy's. */
function leaseOf(packet: DhcpPacket, boot: DhcpPacket, ackMs: number): Lease {
  const { options } = packet
  const { bootFileName, tftpServerName } = boot.options
  const mask = Ipv4.toNumber(options.subnetMask ?? ('255.255.255.0' as Ipv4))
  return {
    address: packet.yiaddr,
    prefixLength: 32 - Math.log2(2 ** 32 - mask),
    leaseSeconds: options.leaseSeconds ?? 0,
    serverId: options.serverId ?? Ipv4.ANY,
    nextServer: boot.siaddr,
    bootFile: bootFileName ?? boot.bootFile,
    options: { ...options, bootFileName, tftpServerName },
    ackMs,
  }
}

function request(xid: number, secs: number, mac: Mac, options: DhcpOptions): DhcpPacket {
  return {
    op: 'request',
    hardwareType: 1,
    hops: 0,
    xid,
    secs,
    broadcast: true,
    ciaddr: Ipv4.ANY,
    yiaddr: Ipv4.ANY,
    siaddr: Ipv4.ANY,
    giaddr: Ipv4.ANY,
    chaddr: Mac.toBytes(mac),
    serverName: '',
    bootFile: '',
    options,
  }
}

/** Answers to one transaction, one at a time. */
function replies(clock: Clock, socket: UdpSocket, xid: number, mac: Mac) {
  const held: DhcpPacket[] = []
  let wake: (() => void) | undefined
  socket.onDatagram((bytes) => {
    const decoded = decodePacket(bytes)
    if (!decoded.ok) return
    const { packet } = decoded.value
    const theirMac = Mac.fromBytes(packet.chaddr)
    if (packet.op !== 'reply' || packet.xid !== xid) return
    if (!theirMac.ok || theirMac.value !== mac) return
    held.push(packet)
    wake?.()
  })
  const find = (isWanted: (packet: DhcpPacket) => boolean): DhcpPacket | undefined => {
    const at = held.findIndex(isWanted)
    return at < 0 ? undefined : held.splice(at, 1)[0]
  }
  return {
    next: (
      isWanted: (packet: DhcpPacket) => boolean,
      waitMs: number,
    ): Promise<DhcpPacket | undefined> =>
      new Promise((resolve) => {
        const settle = (packet: DhcpPacket | undefined): void => {
          timer.cancel()
          wake = undefined
          resolve(packet)
        }
        const timer = clock.after(waitMs, () => settle(undefined))
        wake = () => {
          const packet = find(isWanted)
          if (packet !== undefined) settle(packet)
        }
        wake()
      }),
  }
}
