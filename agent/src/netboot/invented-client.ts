import type { DhcpPacket } from '@brickyard/dhcp/packet'
import { Ipv4 } from '@brickyard/model/ipv4'
import { Mac } from '@brickyard/model/mac'
import type { Network } from '@brickyard/model/rack'

/** What a machine that has no address yet would send on `network`: nobody sent it. */
export const inventedRequest = (
  network: Network,
  mac: Mac,
  options: DhcpPacket['options'],
): DhcpPacket => ({
  op: 'request',
  hardwareType: 1,
  hops: 0,
  xid: 1,
  secs: 0,
  broadcast: true,
  ciaddr: Ipv4.ANY,
  yiaddr: Ipv4.ANY,
  siaddr: Ipv4.ANY,
  // Behind a relay a client is told by the relay's address, which is in its subnet.
  giaddr: network.mode === 'relayed' ? (network.router ?? network.pool.first) : Ipv4.ANY,
  chaddr: Mac.toBytes(mac),
  serverName: '',
  bootFile: '',
  options,
})
