import { describe, expect, it } from 'vitest'
import { ip, NETWORK, PXE, requestFrom, SLED_MAC, startDhcp } from './dhcp-rig.ts'

/** What a client says that takes so many bytes of IP datagram (option 57). */
const discover = (maxMessageSizeBytes: number, more = {}) =>
  requestFrom(SLED_MAC, { messageType: 'discover', ...PXE, ...more, maxMessageSizeBytes })

describe('an answer is no longer than its client takes', () => {
  it('from the server: what is needed least is left out', async () => {
    const domain = 'd'.repeat(253)
    const { hear, sent } = await startDhcp({ network: { ...NETWORK, domain } })
    for (const size of [576, 1500]) {
      hear(67, discover(size, { userClasses: ['iPXE'], relayAgent: new Uint8Array(120) }))
    }
    const [short, long] = sent.map(({ packet }) => packet?.options)
    expect([short?.domainName, long?.domainName]).toEqual([undefined, domain])
    expect(short).toMatchObject({ leaseSeconds: 3600, bootFileName: long?.bootFileName })
  })

  it('from the proxy as well', async () => {
    const { hear, sent } = await startDhcp({ network: { ...NETWORK, mode: 'proxy' } })
    const long = new Uint8Array(250).fill(7)
    for (const size of [576, 1500]) {
      hear(67, discover(size, { clientId: long, relayAgent: long }))
    }
    const given = sent.map(({ packet }) => packet?.options.clientId?.length)
    expect(given).toEqual([undefined, 250])
    expect(sent[0]?.packet).toMatchObject({ siaddr: ip('10.98.0.1'), bootFile: 'snponly.efi' })
  })
})
