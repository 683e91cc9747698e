import { describe, expect, it } from 'vitest'
import { decodePacket, encodePacket } from './packet.ts'
import { buildProxyReply, proxyAnswer } from './proxy.ts'
import { ip, requestOf } from './test-packets.ts'

const PXE = { vendorClass: 'PXEClient:Arch:00007:UNDI:003016' }
const US = ip('10.98.0.1')

describe('a proxy', () => {
  it.each([
    ['the DISCOVER of PXE firmware', 'dhcp', { messageType: 'discover', ...PXE }, 'offer'],
    [
      'that of HTTP boot',
      'dhcp',
      { messageType: 'discover', vendorClass: 'HTTPClient:x' },
      'offer',
    ],
    ['a REQUEST on port 4011', 'pxe', { messageType: 'request', ...PXE }, 'ack'],
    ['an INFORM on port 4011', 'pxe', { messageType: 'inform', ...PXE }, 'ack'],
    [
      'a REQUEST on port 67: the other server’s',
      'dhcp',
      { messageType: 'request', ...PXE },
      'silent',
    ],
    ['an INFORM on port 67', 'dhcp', { messageType: 'inform', ...PXE }, 'silent'],
    ['a DISCOVER on port 4011', 'pxe', { messageType: 'discover', ...PXE }, 'silent'],
    ['a RELEASE', 'dhcp', { messageType: 'release', ...PXE }, 'silent'],
    ['an installed OS', 'dhcp', { messageType: 'discover', vendorClass: 'dhcpcd' }, 'silent'],
    ['who says nothing', 'dhcp', { messageType: 'discover' }, 'silent'],
  ] as const)('takes %s', (_, port, options, kind) => {
    expect(proxyAnswer(requestOf(1, options), port).kind).toBe(kind)
  })

  it('never answers an answer', () => {
    const reply = requestOf(1, { messageType: 'discover', ...PXE }, { op: 'reply' })
    expect(proxyAnswer(reply, 'dhcp').kind).toBe('silent')
  })

  it('says what to boot and never an address, with the client’s UUID and relay options as they came', () => {
    const clientUuid = '00112233-4455-6677-8899-aabbccddeeff'
    const relayAgent = Uint8Array.of(1, 1, 7)
    const asked = requestOf(1, { messageType: 'discover', ...PXE, clientUuid, relayAgent })
    const boot = { nextServer: US, file: 'snponly.efi', vendorClass: 'PXEClient' } as const
    const written = decodePacket(encodePacket(buildProxyReply(asked, 'offer', US, boot)))
    if (!written.ok) throw new Error(written.error)
    expect(written.value.packet).toMatchObject({
      op: 'reply',
      xid: 1,
      yiaddr: '0.0.0.0',
      siaddr: US,
      bootFile: 'snponly.efi',
      options: {
        messageType: 'offer',
        serverId: US,
        vendorClass: 'PXEClient',
        vendorSpecific: Uint8Array.of(6, 1, 8, 255),
        bootFileName: 'snponly.efi',
        tftpServerName: US,
        clientUuid,
        relayAgent,
      },
    })
    expect(written.value.packet.options.leaseSeconds).toBeUndefined()
    expect(written.value.packet.options.subnetMask).toBeUndefined()
  })

  it('says no PXE options to HTTP boot', () => {
    const asked = requestOf(1, { messageType: 'discover', vendorClass: 'HTTPClient:x' })
    const boot = { file: 'http://10.98.0.1/assets/a.efi', vendorClass: 'HTTPClient' } as const
    expect(buildProxyReply(asked, 'offer', US, boot).options).toMatchObject({
      vendorClass: 'HTTPClient',
      vendorSpecific: undefined,
      bootFileName: 'http://10.98.0.1/assets/a.efi',
    })
  })
})
