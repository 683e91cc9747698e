import { describe, expect, it } from 'vitest'
import { ip, NETWORK, PXE, requestFrom, SLED_MAC, startDhcp, strangerMac } from './dhcp-rig.ts'

const STRANGER = strangerMac(1)
const SQUATTER = '02:99:00:00:00:01'
const discover = (mac = STRANGER) => requestFrom(mac, { messageType: 'discover', ...PXE })

describe('an address that may be in use', () => {
  it('is looked for before a machine that nobody declared is offered it', async () => {
    const { hear, sent, move } = await startDhcp({ neighbours: { macOf: () => undefined } })
    hear(67, discover())
    expect(sent).toEqual([{ by: 67, to: { address: '10.98.0.100', port: 9 }, packet: undefined }])
    move(500)
    expect(sent[1]?.packet).toMatchObject({ yiaddr: '10.98.0.100' })
  })

  it('rests where somebody else answers, is told of, and the next one is offered', async () => {
    const taken = new Map([['10.98.0.100', SQUATTER]])
    const { hear, sent, move, told, server } = await startDhcp({
      neighbours: { macOf: (address) => taken.get(address) },
    })
    hear(67, discover())
    move(1000)
    const offers = sent.flatMap(({ packet }) => (packet === undefined ? [] : [packet.yiaddr]))
    expect(offers).toEqual(['10.98.0.101'])
    expect(told('dhcp.address-in-use')).toMatchObject([
      { body: { address: '10.98.0.100', mac: SQUATTER } },
    ])
    expect(server.leases().find(({ address }) => address === '10.98.0.100')?.state).toBe('declined')
  })

  it('is the client’s own where its own MAC answers', async () => {
    const { hear, sent, move } = await startDhcp({ neighbours: { macOf: () => STRANGER } })
    hear(67, discover())
    move(1000)
    expect(sent.at(-1)?.packet?.yiaddr).toBe('10.98.0.100')
  })

  it('ends in silence where every address has somebody, until the client asks again', async () => {
    const { hear, sent, move } = await startDhcp({ neighbours: { macOf: () => SQUATTER } })
    hear(67, discover())
    move(5000)
    expect(sent.filter(({ packet }) => packet !== undefined)).toEqual([])
    expect(sent).toHaveLength(3)
  })

  it('costs a sled nothing, nor a machine that comes back', async () => {
    const { hear, sent, move } = await startDhcp({ neighbours: { macOf: () => undefined } })
    hear(67, discover(SLED_MAC))
    expect(sent[0]?.packet?.yiaddr).toBe('10.98.0.11')
    hear(67, discover())
    move(500)
    sent.length = 0
    hear(67, discover())
    expect(sent[0]?.packet?.yiaddr).toBe('10.98.0.100')
  })

  it('is offered unseen to the many that come at once', async () => {
    const pool = { first: ip('10.98.0.100'), last: ip('10.98.0.199') }
    const network = { ...NETWORK, pool }
    const { hear, sent } = await startDhcp({ network, neighbours: { macOf: () => undefined } })
    for (let n = 0; n < 40; n++) hear(67, discover(strangerMac(n)))
    const offers = sent.filter(({ packet }) => packet !== undefined)
    expect([offers.length, sent.length]).toEqual([24, 40])
  })
})
