import { describe, expect, it } from 'vitest'
import { heldSockets, requestFrom, SLED_MAC } from './dhcp-rig.ts'
import { sharePorts } from './dhcp-shared-port.ts'

const BIND = { address: '0.0.0.0', port: 67, interface: 'eth1' }
const PACKET = requestFrom(SLED_MAC, { messageType: 'discover' })

describe('a port that networks share', () => {
  it('is opened once for a device, heard by all, and closed with the last', async () => {
    const { udp, bound, hear, listeners } = heldSockets()
    const shared = sharePorts(udp)
    const [one, two] = await Promise.all([shared.bind(BIND), shared.bind(BIND)])
    const heard: string[] = []
    one.onDatagram(() => heard.push('one'))
    two.onDatagram(() => heard.push('two'))
    hear(67, PACKET)
    expect([bound.length, heard]).toEqual([1, ['one', 'two']])
    one.close()
    one.close()
    hear(67, PACKET)
    expect(heard).toEqual(['one', 'two', 'two'])
    two.close()
    expect(listeners(67)).toBe(0)
    await shared.bind(BIND)
    expect(bound).toHaveLength(2)
  })

  it('is one for each device', async () => {
    const { udp, bound } = heldSockets()
    const shared = sharePorts(udp)
    await shared.bind(BIND)
    await shared.bind({ ...BIND, interface: 'eth2' })
    expect(bound).toHaveLength(2)
  })

  it('may be tried again after it could not be opened', async () => {
    const { udp } = heldSockets()
    let tries = 0
    const shared = sharePorts({
      bind: (bind) => (++tries === 1 ? Promise.reject(new Error('EADDRINUSE')) : udp.bind(bind)),
    })
    await expect(shared.bind(BIND)).rejects.toThrow('EADDRINUSE')
    await shared.bind(BIND)
    expect(tries).toBe(2)
  })
})
