import type { Ipv4 } from '@brickyard/model/ipv4'
import { fromHex, toHex } from '@brickyard/std/hex'
import { describe, expect, it } from 'vitest'
import { decodeOptions, type DhcpOptions, encodeOptions } from './options.ts'
import { relayAgentFacts } from './options/relay-agent.ts'
import { ipxeFacts, ipxeSubOptions } from './options/ipxe-features.ts'
import { pxeDiscovery } from './options/pxe-discovery.ts'
import { PXE_BOOT_FILE_NAMED, pxeSubOptions } from './options/vendor-specific.ts'

const bytes = (hex: string): Uint8Array => {
  const result = fromHex(hex)
  if (!result.ok) throw new Error(result.error)
  return result.value
}
const ip = (text: string): Ipv4 => text as Ipv4

/** Every option: its number, its value on the wire, its value to us. RFC sections are in the codecs. */
const VECTORS: readonly [number, string, DhcpOptions][] = [
  [1, 'ffffff00', { subnetMask: ip('255.255.255.0') }],
  [3, '0a620001 0a620002', { routers: [ip('10.98.0.1'), ip('10.98.0.2')] }],
  [6, '0a620001', { dnsServers: [ip('10.98.0.1')] }],
  [12, '736c65642d3031', { hostName: 'sled-01' }],
  [15, '7261636b', { domainName: 'rack' }],
  [28, '0a6200ff', { broadcastAddress: ip('10.98.0.255') }],
  [43, '060108ff', { vendorSpecific: Uint8Array.of(6, 1, 8, 255) }],
  [50, '0a62000c', { requestedAddress: ip('10.98.0.12') }],
  [51, 'ffffffff', { leaseSeconds: 0xffffffff }],
  [53, '08', { messageType: 'inform' }],
  [54, '0a620001', { serverId: ip('10.98.0.1') }],
  [55, '0103060f', { parameterList: [1, 3, 6, 15] }],
  [56, '6e6f', { message: 'no' }],
  [57, '05dc', { maxMessageSizeBytes: 1500 }],
  [58, '00000708', { renewalSeconds: 1800 }],
  [59, '00000c4e', { rebindingSeconds: 3150 }],
  [60, '505845436c69656e74', { vendorClass: 'PXEClient' }],
  [61, 'ffdead00beef', { clientId: Uint8Array.of(0xff, 0xde, 0xad, 0, 0xbe, 0xef) }],
  [66, '31302e39382e302e31', { tftpServerName: '10.98.0.1' }],
  [67, '612e656669', { bootFileName: 'a.efi' }],
  [77, '0469505845', { userClasses: ['iPXE'] }],
  [82, '010107', { relayAgent: Uint8Array.of(1, 1, 7) }],
  [93, '0007 0009', { clientArchitectures: [7, 9] }],
  [94, '010310', { clientInterface: { type: 1, major: 3, minor: 16 } }],
  [
    97,
    '00 00112233445566778899aabbccddeeff',
    { clientUuid: '00112233-4455-6677-8899-aabbccddeeff' },
  ],
  [
    121,
    '18 0a6300 0a620001  00 0a6200fe  20 c0000201 00000000',
    {
      classlessRoutes: [
        { destination: { network: ip('10.99.0.0'), prefixLength: 24 }, router: ip('10.98.0.1') },
        { destination: { network: ip('0.0.0.0'), prefixLength: 0 }, router: ip('10.98.0.254') },
        { destination: { network: ip('192.0.2.1'), prefixLength: 32 }, router: ip('0.0.0.0') },
      ],
    },
  ],
  [
    124,
    '0000019f 02 aabb',
    { vendorIdentifyingClass: [{ enterprise: 415, data: Uint8Array.of(0xaa, 0xbb) }] },
  ],
  [
    125,
    'fffffffe 03 010107  00000009 00',
    {
      vendorIdentifyingOptions: [
        { enterprise: 0xfffffffe, data: Uint8Array.of(1, 1, 7) },
        { enterprise: 9, data: new Uint8Array() },
      ],
    },
  ],
  [150, '0a620001 0a620002', { tftpServers: [ip('10.98.0.1'), ip('10.98.0.2')] }],
  [209, '61 2e 63 66 67', { configFile: 'a.cfg' }],
  [210, '2f 62 2f', { pathPrefix: '/b/' }],
  [211, '00000e10', { rebootSeconds: 3600 }],
  [175, '130101', { ipxeFeatures: Uint8Array.of(0x13, 1, 1) }],
]

/** Values no option of that number can have. */
const BAD: readonly [number, string][] = [
  [1, 'ffffff'],
  [3, ''],
  [3, '0a6200'],
  [12, ''],
  [12, '00'],
  [51, '000000'],
  [53, ''],
  [53, '00'],
  [53, '09'],
  [53, '0101'],
  [57, '023f'],
  [61, '01'],
  [77, ''],
  [82, '00'.repeat(256)],
  [93, '000700'],
  [94, '0103'],
  [97, '01' + '00'.repeat(16)],
  [97, '00'.repeat(16)],
  [121, ''],
  [121, '21 0a630000 00 0a620001'],
  [121, '18 0a6300 0a6200'],
  [121, '00 0a620001'.repeat(52)],
  [124, '0000019f'],
  [125, ''],
  [125, '00000009 02 aa'],
  [150, '0a6200'],
  [209, ''],
  [210, '00'],
  [211, '0e10'],
]

describe('options', () => {
  it.each(VECTORS)('reads and writes option %i', (code, hex, value) => {
    expect(decodeOptions(new Map([[code, bytes(hex)]]))).toEqual({ options: value, faults: [] })
    const [[writtenCode, written] = []] = encodeOptions(value)
    expect([writtenCode, toHex(written ?? new Uint8Array())]).toEqual([code, toHex(bytes(hex))])
  })

  it.each(BAD)('keeps option %i raw when it is [%s]', (code, hex) => {
    const { options, faults } = decodeOptions(new Map([[code, bytes(hex)]]))
    expect(options).toEqual({ other: new Map([[code, bytes(hex)]]) })
    expect(faults).toHaveLength(1)
  })

  it('cuts a text at its NUL (RFC 2132 §2)', () => {
    expect(decodeOptions(new Map([[12, bytes('616200')]])).options.hostName).toBe('ab')
  })

  it('takes user classes with and without lengths', () => {
    const classes = (hex: string) => decodeOptions(new Map([[77, bytes(hex)]])).options.userClasses
    expect(classes('69505845')).toEqual(['iPXE'])
    expect(classes('0161 0262 63')).toEqual(['a', 'bc'])
  })

  it('writes the message type first and option 82 last, whatever their order', () => {
    const other = new Map([[224, Uint8Array.of(1)]])
    const codes = encodeOptions({
      relayAgent: Uint8Array.of(1, 0),
      hostName: 'a',
      other,
      messageType: 'ack',
    }).map(([code]) => code)
    expect(codes).toEqual([53, 12, 224, 82])
  })
})

describe('options in options', () => {
  it('finds the port and the link of option 82 (RFC 3046, RFC 3527)', () => {
    expect(relayAgentFacts(bytes('01 02 aabb 02 01 cc 05 04 0a630000'))).toEqual({
      circuitId: Uint8Array.of(0xaa, 0xbb),
      remoteId: Uint8Array.of(0xcc),
      linkSelection: '10.99.0.0',
      raw: new Map([
        [1, Uint8Array.of(0xaa, 0xbb)],
        [2, Uint8Array.of(0xcc)],
        [5, Uint8Array.of(10, 99, 0, 0)],
      ]),
    })
  })

  it('finds the subscriber, and how the relay wants us called (RFC 3993, RFC 5107)', () => {
    expect(relayAgentFacts(bytes('06 02 6162 0b 04 0a620002 97 01 07'))).toMatchObject({
      subscriberId: Uint8Array.of(0x61, 0x62),
      serverIdOverride: '10.98.0.2',
      raw: new Map([
        [6, Uint8Array.of(0x61, 0x62)],
        [11, Uint8Array.of(10, 98, 0, 2)],
        [0x97, Uint8Array.of(7)],
      ]),
    })
  })

  it('finds nothing in an option 82 that does not parse', () => {
    expect(relayAgentFacts(bytes('01 09 aabb'))).toEqual({ raw: new Map() })
  })

  it('reads PXE and iPXE sub-options', () => {
    expect(pxeSubOptions(PXE_BOOT_FILE_NAMED)).toEqual(new Map([[6, Uint8Array.of(8)]]))
    expect(ipxeSubOptions(bytes('00 130101 ff 99'))).toEqual(new Map([[0x13, Uint8Array.of(1)]]))
    expect(ipxeSubOptions(bytes('13'))).toEqual(new Map())
  })

  it('knows how PXE looks for boot servers', () => {
    expect(
      pxeDiscovery(bytes('06 01 0b  07 04 e0000102  08 07 000f 01 0a620002  47 04 000f 8001  ff')),
    ).toEqual({
      control: {
        noBroadcast: true,
        noMulticast: true,
        onlyListedServers: false,
        bootFileNamed: true,
      },
      multicast: '224.0.1.2',
      bootServers: [{ type: 15, addresses: ['10.98.0.2'] }],
      bootItem: { type: 15, layer: 0x8001 },
    })
    expect(pxeDiscovery(PXE_BOOT_FILE_NAMED).control?.bootFileNamed).toBe(true)
    expect(pxeDiscovery(bytes('06 02 0808  07 01 e0  08 04 000f 02 0a  47 01 00'))).toEqual({})
    expect(pxeDiscovery(bytes('06'))).toEqual({})
  })

  it('knows what an iPXE can do, and on which NIC', () => {
    // iPXE 1.21.1 on an Intel e1000, with HTTP and bzImage.
    expect(
      ipxeFacts(bytes('b1 05 01 8086 100e  eb 03 011501  13 01 01  18 01 01  10 01 02')),
    ).toEqual({
      version: '1.21.1',
      http: true,
      https: false,
      efi: false,
      bzImage: true,
      busId: { type: 1, vendor: 0x8086, device: 0x100e },
    })
    const nothing = { http: false, https: false, efi: false, bzImage: false }
    expect(ipxeFacts(bytes('b1 01 01 eb 00 13 00'))).toEqual(nothing)
  })
})
