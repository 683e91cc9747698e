import { Ipv4 } from '@brickyard/model/ipv4'
import { toHex } from '@brickyard/std/hex'
import { describe, expect, it } from 'vitest'
import {
  frame,
  IPXE_DISCOVER,
  OVERLOADED,
  OVMF_DISCOVER,
  RENEW_RELAYED,
  vector,
} from './packet-vectors.ts'
import { decodePacket, type DhcpPacket, encodePacket, replyBytesMax } from './packet.ts'

function decoded(bytes: Uint8Array): DhcpPacket {
  const result = decodePacket(bytes)
  if (!result.ok) throw new Error(result.error)
  return result.value.packet
}
const errorOf = (bytes: Uint8Array): string => {
  const result = decodePacket(bytes)
  return result.ok ? 'decoded' : result.error
}

describe('decodePacket', () => {
  it("reads OVMF's DISCOVER", () => {
    const packet = decoded(OVMF_DISCOVER)
    expect(packet).toMatchObject({ op: 'request', xid: 0x3d4e870c, broadcast: true, secs: 0 })
    expect(toHex(packet.chaddr)).toBe('525400980011')
    expect(packet.options).toMatchObject({
      messageType: 'discover',
      maxMessageSizeBytes: 1472,
      clientArchitectures: [7],
      clientInterface: { type: 1, major: 3, minor: 0 },
      vendorClass: 'PXEClient:Arch:00007:UNDI:003000',
      clientUuid: '00000000-0000-0000-0000-000000000000',
    })
    expect(packet.options.parameterList).toHaveLength(35)
  })

  it("reads iPXE's DISCOVER, whose user class is bare text", () => {
    const { options, broadcast } = decoded(IPXE_DISCOVER)
    expect(broadcast).toBe(false)
    expect(options.userClasses).toEqual(['iPXE'])
    expect(options.ipxeFeatures).toHaveLength(36)
    expect(toHex(options.clientId ?? new Uint8Array())).toBe('01525400980011')
  })

  it('steps over PAD and keeps option 82 and a binary client id as they are', () => {
    const { options, ciaddr, giaddr } = decoded(RENEW_RELAYED)
    expect([ciaddr, giaddr]).toEqual(['10.98.0.12', '10.98.0.254'])
    expect(toHex(options.relayAgent ?? new Uint8Array())).toBe('0104706f727402027377')
    expect(toHex(options.clientId ?? new Uint8Array())).toBe('ffdeadbeefcafe')
  })

  it('joins options split over three areas in the order options, file, sname', () => {
    const packet = decoded(OVERLOADED)
    expect(packet.options.vendorClass).toBe('PXEClient')
    expect(packet.options.hostName).toBe('os')
    expect([packet.bootFile, packet.serverName]).toEqual(['', ''])
  })

  it('reads file and sname as text where they are not overloaded', () => {
    const file = '6e6270 0*125'
    const packet = decoded(vector(`${frame({ file, sname: '7365 0*62' })} 35 01 01 ff`))
    expect([packet.bootFile, packet.serverName]).toEqual(['nbp', 'se'])
  })

  it('takes a packet without END, as many clients send it', () => {
    expect(decoded(vector(`${frame({})} 35 01 01`)).options.messageType).toBe('discover')
  })

  it('keeps an option that makes no sense raw, names it, and reads the rest', () => {
    const result = decodePacket(vector(`${frame({})} 35 01 01 32 02 0a62 ff`))
    expect(result.ok && result.value.faults).toEqual(['option 50 has 2 bytes; expected 4'])
    expect(result.ok && result.value.packet.options.other?.get(50)).toEqual(Uint8Array.of(10, 98))
  })

  it('keeps options it does not know', () => {
    const { options } = decoded(vector(`${frame({})} 35 01 01 e0 02 abcd ff`))
    expect(options.other?.get(224)).toEqual(Uint8Array.of(0xab, 0xcd))
  })

  it('refuses what is no DHCP, and says why', () => {
    expect(errorOf(new Uint8Array(1))).toContain('too few')
    expect(errorOf(new Uint8Array(5000))).toContain('too many')
    expect(errorOf(vector(`${frame({ op: '03' })} ff`))).toContain('op is 3')
    expect(errorOf(vector(`${frame({ hlen: '11' })} ff`))).toContain('hlen is 17')
    expect(errorOf(vector(frame({}).replace('63825363', '00000000')))).toContain('magic cookie')
    expect(errorOf(vector(`${frame({})} 35`))).toContain('option 53 runs past')
    expect(errorOf(vector(`${frame({})} 35 01 01 3c ff 00`))).toContain('option 60 runs past')
  })

  it('does not go round in an overloaded area that overloads again', () => {
    const file = '34 01 03 35 01 01 ff 0*121'
    const packet = decoded(vector(`${frame({ file })} 34 01 01 ff`))
    expect(packet.options.messageType).toBe('discover')
  })
})

const OFFER: DhcpPacket = {
  op: 'reply',
  hardwareType: 1,
  hops: 0,
  xid: 0x12345678,
  secs: 0,
  broadcast: true,
  ciaddr: Ipv4.ANY,
  yiaddr: '10.98.0.12' as Ipv4,
  siaddr: '10.98.0.1' as Ipv4,
  giaddr: Ipv4.ANY,
  chaddr: Uint8Array.of(0x52, 0x54, 0, 0x12, 0x34, 0x56),
  serverName: '',
  bootFile: 'snponly.efi',
  options: {
    relayAgent: Uint8Array.of(1, 1, 7),
    messageType: 'offer',
    serverId: '10.98.0.1' as Ipv4,
    leaseSeconds: 3600,
    subnetMask: '255.255.255.0' as Ipv4,
    vendorClass: 'PXEClient',
    vendorSpecific: Uint8Array.of(6, 1, 8, 255),
  },
}

describe('encodePacket', () => {
  it('writes an OFFER, option 82 last', () => {
    const expected = vector(`
      02 01 06 00 12345678           ; reply, Ethernet, hlen 6, hops 0, xid
      0000 8000                      ; secs, broadcast
      00000000 0a62000c 0a620001 00000000   ; ciaddr, yiaddr, siaddr, giaddr
      525400123456 0*10              ; chaddr
      0*64                           ; sname
      736e706f6e6c792e656669 0*117   ; file snponly.efi
      63825363                       ; magic cookie
      35 01 02                       ; 53 OFFER
      36 04 0a620001                 ; 54
      33 04 00000e10                 ; 51 3600 s
      01 04 ffffff00                 ; 1
      3c 09 505845436c69656e74       ; 60 PXEClient
      2b 04 060108ff                 ; 43 the file is named, ask nobody
      52 03 010107                   ; 82 as it came
      ff                             ; END
      0*16                           ; up to 300 bytes (RFC 1542 §2.1)
    `)
    expect(toHex(encodePacket(OFFER))).toBe(toHex(expected))
  })

  it('splits a value of more than 255 bytes, and reads it back whole (RFC 3396)', () => {
    const long = 'x'.repeat(600)
    const bytes = encodePacket({ ...OFFER, options: { ...OFFER.options, bootFileName: long } })
    expect(decoded(bytes).options.bootFileName).toBe(long)
  })

  it('leaves out what a small client cannot take, never the lease, never option 82', () => {
    const options = { ...OFFER.options, domainName: 'd'.repeat(250), hostName: 'h'.repeat(60) }
    const bytes = encodePacket({ ...OFFER, options }, 400)
    expect(bytes.length).toBeLessThanOrEqual(400)
    const back = decoded(bytes)
    expect(back.options).toMatchObject({
      messageType: 'offer',
      leaseSeconds: 3600,
      hostName: options.hostName,
    })
    expect(back.options.domainName).toBeUndefined()
    expect(back.options.relayAgent).toEqual(OFFER.options.relayAgent)
  })

  it('gives back what it wrote', () => {
    expect(decoded(encodePacket(OFFER))).toEqual(OFFER)
  })
})

describe('replyBytesMax', () => {
  it('follows option 57 between 576 and an Ethernet frame, headers taken off', () => {
    const asked = (maxMessageSizeBytes?: number): number =>
      replyBytesMax({ ...OFFER, options: { maxMessageSizeBytes } })
    expect(asked()).toBe(548)
    expect(asked(576)).toBe(548)
    expect(asked(1024)).toBe(996)
    expect(asked(65_535)).toBe(1472)
  })
})
