import type { Mac } from '@brickyard/model/mac'
import { describe, expect, it } from 'vitest'
import { ip, NETWORK, PXE, requestFrom, SLED_MAC, startDhcp, strangerMac, US } from './dhcp-rig.ts'

const STRANGER = strangerMac(9)
const ROUTER = ip('10.98.0.254')
const THEM = ip('10.98.0.66')
const discover = (mac: Mac, rest = {}) =>
  requestFrom(mac, { messageType: 'discover', ...PXE }, rest)

describe('DHCP that only listens', () => {
  it('sends nothing, whatever it hears, and says what it would have said', async () => {
    const { hear, sent, told, bound } = await startDhcp({
      network: { ...NETWORK, mode: 'listen-only' },
      neighbours: { macOf: () => undefined },
    })
    for (const mac of [SLED_MAC, STRANGER]) {
      hear(67, discover(mac))
      hear(67, requestFrom(mac, { messageType: 'request', requestedAddress: ip('10.9.9.9') }))
      hear(67, requestFrom(mac, { messageType: 'inform' }, { ciaddr: ip('10.98.0.9') }))
    }
    expect(sent).toEqual([])
    expect(bound.map(({ port }) => port)).toEqual([67])
    const would = told('dhcp.would-answer').map(({ body }) => [
      body['mac'],
      body['asked'],
      body['would'],
    ])
    expect(would).toEqual([
      [SLED_MAC, 'discover', 'offer'],
      [SLED_MAC, 'request', 'nak'],
      [SLED_MAC, 'inform', 'inform'],
      [STRANGER, 'discover', 'offer'],
      [STRANGER, 'request', 'nak'],
      [STRANGER, 'inform', 'inform'],
    ])
  })
})

describe('DHCP by proxy', () => {
  const proxy = () => startDhcp({ network: { ...NETWORK, mode: 'proxy' } })

  it('tells a sled what to boot, and gives no address', async () => {
    const { hear, sent } = await proxy()
    hear(67, discover(SLED_MAC))
    expect(sent).toMatchObject([
      {
        by: 67,
        to: { address: '255.255.255.255', port: 68 },
        packet: {
          yiaddr: '0.0.0.0',
          siaddr: US,
          bootFile: 'snponly.efi',
          options: { messageType: 'offer', serverId: US, vendorClass: 'PXEClient' },
        },
      },
    ])
    expect(sent[0]?.packet?.options.leaseSeconds).toBeUndefined()
  })

  it('leaves the address to its server: no answer to REQUEST, no NAK, no lease', async () => {
    const { hear, sent, server } = await proxy()
    const requestedAddress = ip('10.98.0.77')
    hear(
      67,
      requestFrom(SLED_MAC, { messageType: 'request', requestedAddress, serverId: THEM, ...PXE }),
    )
    hear(67, requestFrom(SLED_MAC, { messageType: 'inform', ...PXE }))
    expect(sent).toEqual([])
    expect(server.leases()).toEqual([])
    expect(server.addressOf(SLED_MAC)).toBe(requestedAddress)
  })

  it('answers on port 4011 to where the question came from', async () => {
    const { hear, sent } = await proxy()
    const from = { address: '10.98.0.77', port: 4012 }
    const ciaddr = ip('10.98.0.77')
    hear(4011, requestFrom(SLED_MAC, { messageType: 'request', ...PXE }, { ciaddr }), from)
    expect(sent).toMatchObject([
      {
        by: 4011,
        to: from,
        packet: { ciaddr, yiaddr: '0.0.0.0', options: { messageType: 'ack' } },
      },
    ])
  })

  it('speaks to nobody whom the rack does not declare, nor to a sled’s installed OS', async () => {
    const { hear, sent, told } = await proxy()
    hear(67, discover(STRANGER))
    hear(67, requestFrom(SLED_MAC, { messageType: 'discover', vendorClass: 'dhcpcd-9' }))
    expect(sent).toEqual([])
    expect(told('dhcp.unknown-client')).toHaveLength(1)
  })

  it('says which server a client chose', async () => {
    const { hear, told } = await proxy()
    hear(67, requestFrom(STRANGER, { messageType: 'request', serverId: THEM }))
    expect(told('dhcp.foreign-server')).toMatchObject([{ body: { server: THEM } }])
  })
})

describe('DHCP behind a relay', () => {
  const giaddr = ip('10.99.0.1')
  const behind = {
    ...NETWORK,
    name: 'behind',
    mode: 'relayed' as const,
    subnet: '10.99.0.0/24',
    pool: { first: ip('10.99.0.100'), last: ip('10.99.0.109') },
    router: giaddr,
  }

  it('answers what a relay passes on, to the relay, and nothing of its own link', async () => {
    const { hear, sent } = await startDhcp({ network: behind })
    hear(67, discover(STRANGER))
    expect(sent).toEqual([])
    hear(67, discover(STRANGER, { giaddr }))
    expect(sent).toMatchObject([
      { to: { address: giaddr, port: 67 }, packet: { yiaddr: '10.99.0.100', giaddr } },
    ])
  })

  it('renews to a client that asks past its relay', async () => {
    const { hear, sent, move } = await startDhcp({ network: behind })
    const ciaddr = ip('10.99.0.100')
    hear(67, requestFrom(STRANGER, { messageType: 'request' }, { ciaddr }))
    move(100)
    expect(sent).toMatchObject([{ to: { address: ciaddr, port: 68 }, packet: { yiaddr: ciaddr } }])
  })

  it('is told from the network of the device that both come in by', async () => {
    const local = await startDhcp({ neighbourNetworks: [behind] })
    local.hear(67, discover(STRANGER, { giaddr }))
    local.hear(67, requestFrom(STRANGER, { messageType: 'request' }, { ciaddr: ip('10.99.0.100') }))
    expect(local.sent).toEqual([])
    local.hear(67, discover(STRANGER, { giaddr: ROUTER }))
    expect(local.sent).toMatchObject([
      { to: { address: ROUTER }, packet: { yiaddr: '10.98.0.100' } },
    ])
  })
})
