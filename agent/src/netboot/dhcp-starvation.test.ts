import type { SledName } from '@brickyard/model/names'
import { describe, expect, it } from 'vitest'
import { ip, NETWORK, requestFrom, SLED, SLED_MAC, startDhcp, strangerMac, US } from './dhcp-rig.ts'

const INVENTED = 10_000
const WIDE = { ...NETWORK, pool: { first: ip('10.98.0.100'), last: ip('10.98.0.199') } }
/** A sled of the rack without an address of its own. */
const POOL_MAC = strangerMac(0xff_ff01)
const POOL_SLED = { ...SLED, name: 'sled-02' as SledName, address: undefined }
const SLEDS = new Map([
  [SLED_MAC, SLED],
  [POOL_MAC, POOL_SLED],
])
const directory = { sledFor: ({ mac }: { mac: typeof SLED_MAC }) => SLEDS.get(mac) }

/** Every invented machine takes what it is offered. */
async function flooded(network = WIDE) {
  const rig = await startDhcp({ network, directory })
  const { hear, sent, move } = rig
  for (let n = 0; n < INVENTED; n++) {
    const mac = strangerMac(n)
    hear(67, requestFrom(mac, { messageType: 'discover' }))
    const requestedAddress = sent.at(-1)?.packet?.yiaddr
    sent.length = 0
    if (requestedAddress === undefined) continue
    hear(67, requestFrom(mac, { messageType: 'request', requestedAddress, serverId: US }))
    move(5)
  }
  return rig
}

describe('ten thousand invented machines', () => {
  it('take no address from a sled, with or without one of its own', async () => {
    const { hear, sent, move, server } = await flooded()
    // An eighth of a hundred addresses is kept from them.
    expect(server.leases()).toHaveLength(88)
    for (const [mac, address] of [
      [SLED_MAC, '10.98.0.11'],
      [POOL_MAC, '10.98.0.188'],
    ] as const) {
      sent.length = 0
      hear(67, requestFrom(mac, { messageType: 'discover' }))
      expect(sent[0]?.packet).toMatchObject({ yiaddr: address, options: { messageType: 'offer' } })
      const requestedAddress = ip(address)
      hear(67, requestFrom(mac, { messageType: 'request', requestedAddress, serverId: US }))
      move(10)
      expect(sent[1]?.packet?.options.messageType).toBe('ack')
    }
  })

  it('stay in the pool that is theirs, where there is one', async () => {
    const pools = { unknown: { first: ip('10.98.0.200'), last: ip('10.98.0.209') } }
    const { hear, sent, server, told } = await flooded({ ...WIDE, pools })
    expect(server.leases()).toHaveLength(10)
    expect(told('dhcp.pool-exhausted').map(({ body }) => body['pool'])).toEqual([
      '10.98.0.200 to 10.98.0.209',
    ])
    hear(67, requestFrom(POOL_MAC, { messageType: 'discover' }))
    expect(sent.at(-1)?.packet?.yiaddr).toBe('10.98.0.100')
  })

  it('are named once, as a flood, and not one by one', async () => {
    const { events, told } = await flooded()
    expect(told('dhcp.flood')).toHaveLength(1)
    expect(told('dhcp.pool-exhausted')).toHaveLength(1)
    expect(told('dhcp.unknown-client')).toHaveLength(64)
    expect(events.length).toBeLessThan(300)
  })

  it('leave nothing behind in memory but the leases they hold', async () => {
    const { server, hear, move } = await flooded()
    // Their leases end; who asks next finds addresses, and one machine more or less is all there is.
    move(2 * 3600 * 1000)
    hear(67, requestFrom(strangerMac(1), { messageType: 'discover' }))
    expect(server.leases()).toHaveLength(1)
  })
})
