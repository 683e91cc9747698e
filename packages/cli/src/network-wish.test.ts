import { describe, expect, it } from 'vitest'
import { networkInWords, NO_NETWORK, simpleNetwork, type SimpleNetwork } from './network-wish.ts'

const read = (said: Partial<SimpleNetwork>) => simpleNetwork({ ...NO_NETWORK, ...said })
const fixed = { subnet: '10.1.0.0/24', addresses: ['10.1.0.10-10.1.0.19'], gateway: '10.1.0.1' }

describe('simpleNetwork', () => {
  it.each([
    ['nothing', {}, []],
    ['an address', fixed, ['nic0: 10.1.0.10-10.1.0.19 in 10.1.0.0/24 by 10.1.0.1']],
    ['a VLAN', { vlan: '120' }, ['nic0: DHCP', 'nic0.120 (VLAN 120 on nic0): DHCP']],
    [
      'a bond with a VLAN, addresses and a name server',
      { ...fixed, bond: '802.3ad', vlan: '120', nameservers: ['10.1.0.2'] },
      [
        'bond0 (802.3ad of nic0, nic1): DHCP',
        'bond0.120 (VLAN 120 on bond0): 10.1.0.10-10.1.0.19 in 10.1.0.0/24 by 10.1.0.1',
        'name servers: 10.1.0.2',
      ],
    ],
    [
      'a bond with addresses',
      { ...fixed, bond: 'active-backup' },
      ['bond0 (active-backup of nic0, nic1): 10.1.0.10-10.1.0.19 in 10.1.0.0/24 by 10.1.0.1'],
    ],
  ])('reads %s', (_what, said, words) => {
    const network = read(said)
    expect(
      network.ok && (network.value === undefined ? [] : networkInWords(network.value)),
    ).toEqual(words)
  })

  it.each([
    [{ bond: 'lacp' }, "'lacp' is no bond mode; one of active-backup, 802.3ad, balance-xor."],
    [{ vlan: '4095' }, "'4095' is no VLAN; 1 to 4094."],
    [{ addresses: ['10.1.0.5'] }, 'Addresses need their subnet, such as 10.1.0.0/24.'],
    [{ gateway: '10.1.0.1' }, 'Subnet, gateway and name servers go with addresses'],
  ])('refuses %j', (said, error) => {
    expect(read(said)).toEqual({ ok: false, error: expect.stringContaining(error) as unknown })
  })
})
