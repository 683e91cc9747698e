import { Ipv4 } from '@brickyard/model/ipv4'
import type { DhcpOptions } from './options.ts'
import type { DhcpPacket } from './packet.ts'

/** A request of client `n`, for tests. */
export const requestOf = (
  n: number,
  options: DhcpOptions,
  rest: Partial<DhcpPacket> = {},
): DhcpPacket => ({
  op: 'request',
  hardwareType: 1,
  hops: 0,
  xid: n,
  secs: 0,
  broadcast: false,
  ciaddr: Ipv4.ANY,
  yiaddr: Ipv4.ANY,
  siaddr: Ipv4.ANY,
  giaddr: Ipv4.ANY,
  chaddr: Uint8Array.of(2, 0, 0, 0, n >>> 8, n & 255),
  serverName: '',
  bootFile: '',
  options,
  ...rest,
})

/** What a server says, for tests. */
export const replyOf = (options: DhcpOptions, rest: Partial<DhcpPacket> = {}): DhcpPacket =>
  requestOf(1, options, { op: 'reply', ...rest })

export const ip = (text: string): Ipv4 => text as Ipv4
