import { Ipv4 } from '@brickyard/model/ipv4'
import { describe, expect, it } from 'vitest'
import type { LeaseNetwork } from './lease-table.ts'
import { IPXE_DISCOVER, OVMF_DISCOVER, RENEW_RELAYED } from './packet-vectors.ts'
import { decodePacket, type DhcpPacket } from './packet.ts'
import { replyAddress } from './reply-address.ts'
import { buildReply } from './reply.ts'

const ip = (text: string): Ipv4 => text as Ipv4
const NETWORK: LeaseNetwork = {
  subnet: { network: ip('10.98.0.0'), prefixLength: 24 },
  serverAddress: ip('10.98.0.1'),
  pool: { first: ip('10.98.0.100'), last: ip('10.98.0.102') },
  leaseSeconds: 3600,
  router: ip('10.98.0.1'),
  dns: [],
  domain: 'rack',
  authoritative: true,
  reserved: new Set(),
}
const packetOf = (bytes: Uint8Array): DhcpPacket => {
  const result = decodePacket(bytes)
  if (!result.ok) throw new Error(result.error)
  return result.value.packet
}
const ovmf = packetOf(OVMF_DISCOVER)
const renew = packetOf(RENEW_RELAYED)
const OFFER = { kind: 'offer', address: ip('10.98.0.12'), leaseSeconds: 3600 } as const

describe('buildReply', () => {
  it('offers an address with what a client needs, T1 and T2 within it', () => {
    const reply = buildReply(ovmf, OFFER, NETWORK, { hostName: 'sled-01' })
    expect(reply).toMatchObject({
      op: 'reply',
      xid: ovmf.xid,
      yiaddr: '10.98.0.12',
      broadcast: true,
    })
    expect(reply.options).toMatchObject({
      messageType: 'offer',
      serverId: '10.98.0.1',
      subnetMask: '255.255.255.0',
      routers: ['10.98.0.1'],
      leaseSeconds: 3600,
      renewalSeconds: 1800,
      rebindingSeconds: 3150,
      hostName: 'sled-01',
    })
    expect(reply.options.dnsServers).toBeUndefined()
    expect(reply.options.vendorClass).toBeUndefined()
  })

  it('never says PXEClient without telling firmware to ask no boot server', () => {
    const boot = { nextServer: ip('10.98.0.1'), file: 'snponly.efi' }
    const options = (vendorClass?: 'PXEClient' | 'HTTPClient') =>
      buildReply(ovmf, OFFER, NETWORK, { boot: { ...boot, vendorClass } }).options
    expect(options('PXEClient').vendorSpecific).toEqual(Uint8Array.of(6, 1, 8, 255))
    expect(options('HTTPClient').vendorSpecific).toBeUndefined()
    expect(options().vendorSpecific).toBeUndefined()
  })

  it('names the boot file twice where it fits, and in option 67 alone where it does not', () => {
    const named = (file: string): [string, string | undefined] => {
      const reply = buildReply(ovmf, OFFER, NETWORK, { boot: { file } })
      return [reply.bootFile, reply.options.bootFileName]
    }
    expect(named('a.efi')).toEqual(['a.efi', 'a.efi'])
    expect(named('u'.repeat(128))).toEqual(['', 'u'.repeat(128)])
  })

  it('echoes option 82 and the client id (RFC 3046, RFC 6842)', () => {
    const ack = buildReply(renew, { ...OFFER, kind: 'ack' }, NETWORK)
    expect(ack.options.relayAgent).toBe(renew.options.relayAgent)
    expect(ack.options.clientId).toBe(renew.options.clientId)
    expect(ack.ciaddr).toBe('10.98.0.12')
  })

  it('says no more in a NAK than that it is one, and has relays broadcast it', () => {
    const nak = buildReply(renew, { kind: 'nak', reason: 'moved' }, NETWORK)
    expect(nak).toMatchObject({ yiaddr: '0.0.0.0', ciaddr: '0.0.0.0', broadcast: true })
    expect(nak.options).toMatchObject({ messageType: 'nak', message: 'moved' })
    expect(nak.options.leaseSeconds).toBeUndefined()
    expect(nak.options.subnetMask).toBeUndefined()
  })

  it('gives no lease to INFORM', () => {
    const asked = { ...ovmf, ciaddr: ip('10.98.0.50') }
    const { options, yiaddr } = buildReply(asked, { kind: 'inform' }, NETWORK)
    expect([options.messageType, options.leaseSeconds, yiaddr]).toEqual([
      'ack',
      undefined,
      '0.0.0.0',
    ])
  })
})

describe('replyAddress (RFC 2131 §4.1)', () => {
  const at = (packet: DhcpPacket, isNak = false) => replyAddress(packet, isNak)
  const plain = packetOf(IPXE_DISCOVER)
  const bound = { ...plain, ciaddr: ip('10.98.0.12') }
  it('answers a relay on its server port, also a NAK', () => {
    expect(at(renew)).toEqual({ address: '10.98.0.254', port: 67 })
    expect(at(renew, true)).toEqual({ address: '10.98.0.254', port: 67 })
  })
  it('answers a client with an address there, and broadcasts a NAK', () => {
    expect(at(bound)).toEqual({ address: '10.98.0.12', port: 68 })
    expect(at(bound, true)).toEqual({ address: '255.255.255.255', port: 68 })
  })
  it('broadcasts to a client without an address, whatever its flag says', () => {
    expect(at(plain)).toEqual({ address: '255.255.255.255', port: 68 })
  })
})
