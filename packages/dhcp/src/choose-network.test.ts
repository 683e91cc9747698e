import { describe, expect, it } from 'vitest'
import { chooseNetwork } from './choose-network.ts'
import { ip, requestOf } from './test-packets.ts'

const local = {
  name: 'local',
  subnet: { network: ip('10.1.0.0'), prefixLength: 24 },
  relayed: false,
}
const wide = { name: 'wide', subnet: { network: ip('10.2.0.0'), prefixLength: 16 }, relayed: true }
const narrow = {
  name: 'narrow',
  subnet: { network: ip('10.2.7.0'), prefixLength: 24 },
  relayed: true,
}
const ALL = [wide, local, narrow]
const chosen = (rest: Parameters<typeof requestOf>[2], relayAgent?: Uint8Array) =>
  chooseNetwork(requestOf(1, { messageType: 'request', relayAgent }, rest), ALL)?.name

describe('the network of a packet', () => {
  it('is our own link where no relay passed it on', () => {
    expect(chosen({})).toBe('local')
    expect(chosen({ ciaddr: ip('10.1.0.9') })).toBe('local')
  })

  it('is the narrowest subnet that the relay is in', () => {
    expect(chosen({ giaddr: ip('10.2.7.1') })).toBe('narrow')
    expect(chosen({ giaddr: ip('10.2.8.1') })).toBe('wide')
    expect(chosen({ giaddr: ip('10.1.0.2') })).toBe('local')
  })

  it('is what the relay selects, wherever it is itself (RFC 3527)', () => {
    expect(chosen({ giaddr: ip('10.1.0.2') }, Uint8Array.of(5, 4, 10, 2, 7, 0))).toBe('narrow')
  })

  it('is nobody’s where the relay is in no subnet of ours', () => {
    expect(chosen({ giaddr: ip('192.0.2.1') })).toBeUndefined()
  })

  it('is found by its own address when a client renews past its relay', () => {
    expect(chosen({ ciaddr: ip('10.2.7.9') })).toBe('narrow')
  })
})
