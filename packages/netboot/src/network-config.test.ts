import type { Ipv4 } from '@brickyard/model/ipv4'
import type { Mac } from '@brickyard/model/mac'
import type { Addressing, NetworkWish } from '@brickyard/model/network-wish'
import { describe, expect, it } from 'vitest'
import { networkConfig } from './network-config.ts'

const ip = (text: string): Ipv4 => text as Ipv4
const MACS = ['52:54:00:98:00:01' as Mac, '52:54:00:98:00:02' as Mac]
const fixed = (more: object = {}): Addressing => ({
  kind: 'static',
  subnet: '10.1.0.0/24',
  addresses: [ip('10.1.0.5'), ip('10.1.0.6')],
  ...more,
})
const none: Addressing = { kind: 'none' }

/** Two NICs in a bond, its untagged network by DHCP, a VLAN with addresses on it. */
const WISH: NetworkWish = {
  nics: [
    { name: 'nic0', nic: 0, addressing: none },
    { name: 'nic1', nic: 1, addressing: none },
  ],
  bonds: [
    { name: 'bond0', mode: '802.3ad', members: ['nic0', 'nic1'], addressing: { kind: 'dhcp' } },
  ],
  vlans: [
    {
      name: 'bond0.120',
      link: 'bond0',
      id: 120,
      mtu: 9000,
      addressing: fixed({ gateway: ip('10.1.0.1') }),
    },
  ],
  nameservers: [ip('10.1.0.2')],
  searchDomains: ['example.net'],
}

describe('networkConfig', () => {
  it('writes NICs, bonds, VLANs and addresses of one sled', () => {
    const written = networkConfig(WISH, { index: 1, macs: MACS })
    expect(JSON.parse(written.ok ? written.value : written.error)).toEqual({
      version: 2,
      ethernets: {
        nic0: { match: { macaddress: MACS[0] }, 'set-name': 'nic0', dhcp4: false },
        nic1: { match: { macaddress: MACS[1] }, 'set-name': 'nic1', dhcp4: false },
      },
      bonds: {
        bond0: {
          interfaces: ['nic0', 'nic1'],
          macaddress: MACS[0],
          parameters: {
            mode: '802.3ad',
            'mii-monitor-interval': 100,
            'lacp-rate': 'fast',
            'transmit-hash-policy': 'layer3+4',
          },
          dhcp4: true,
        },
      },
      vlans: {
        'bond0.120': {
          id: 120,
          link: 'bond0',
          dhcp4: false,
          mtu: 9000,
          addresses: ['10.1.0.6/24'],
          routes: [{ to: '0.0.0.0/0', via: '10.1.0.1' }],
          nameservers: { addresses: ['10.1.0.2'], search: ['example.net'] },
        },
      },
    })
  })

  it('asks nothing of LACP where the bond does not speak it', () => {
    const bonds = [{ ...WISH.bonds[0], mode: 'active-backup' }] as NetworkWish['bonds']
    const written = networkConfig({ ...WISH, bonds }, { index: 0, macs: MACS })
    expect(written).toMatchObject({ ok: true })
    expect(written.ok && written.value).not.toMatch(/lacp|transmit/)
  })

  const nic = (more: object): NetworkWish => ({
    ...WISH,
    nics: [{ name: 'nic0', nic: 0, addressing: { kind: 'dhcp' }, ...more }],
    bonds: [],
    vlans: [],
  })
  const bond = (more: object): NetworkWish => ({
    ...WISH,
    bonds: [{ ...(WISH.bonds[0] as NetworkWish['bonds'][number]), ...more }],
  })
  const vlan = (more: object): NetworkWish => ({
    ...WISH,
    vlans: [{ ...(WISH.vlans[0] as NetworkWish['vlans'][number]), ...more }],
  })
  it.each([
    ['a name too long', nic({ name: 'a'.repeat(16) }), 'nics[0].name is'],
    ['a name that is a path', nic({ name: '../x' }), 'nics[0].name is'],
    ['a NIC that is not there', nic({ nic: 2 }), 'nics[0].nic is 2; expected 0 to 1'],
    ['a packet too small', nic({ mtu: 100 }), 'nics[0].mtu is 100; expected 576 to 9216'],
    ['no address at all', nic({ addressing: none }), 'network is'],
    [
      'too few addresses',
      nic({ addressing: fixed({ addresses: [] }) }),
      "nics[0].addressing.addresses is '0 addresses'; expected one for each of 1 sleds",
    ],
    [
      'an address of another subnet',
      nic({ addressing: fixed({ addresses: [ip('10.2.0.5')] }) }),
      "addresses is '10.2.0.5'; expected a host of 10.1.0.0/24",
    ],
    [
      'the broadcast address',
      nic({ addressing: fixed({ addresses: [ip('10.1.0.255')] }) }),
      'host',
    ],
    [
      'one address twice',
      nic({ addressing: fixed({ addresses: [ip('10.1.0.5'), ip('10.1.0.5')] }) }),
      'once',
    ],
    [
      'one address on two interfaces',
      {
        ...nic({ addressing: fixed() }),
        vlans: [{ name: 'v', link: 'nic0', id: 5, addressing: fixed() }],
      },
      "vlans[0].addressing.addresses is '10.1.0.5'; expected an address that nic0 does not have",
    ],
    ['a sled as gateway', nic({ addressing: fixed({ gateway: ip('10.1.0.6') }) }), 'gateway is'],
    ['a member that is none', bond({ members: ['nic7'] }), "members is 'nic7'"],
    ['a bond of nothing', bond({ members: [] }), 'bonds[0].members is []'],
    ['a member twice', bond({ members: ['nic0', 'nic0'] }), 'in one bond only'],
    ['a VLAN on nothing', vlan({ link: 'x' }), "vlans[0].link is 'x'"],
    ['a VLAN on a member', vlan({ link: 'nic0' }), 'but the bond'],
    ['a VLAN out of range', vlan({ id: 4095 }), 'vlans[0].id is 4095; expected 1 to 4094'],
    [
      'two gateways',
      {
        ...vlan({}),
        bonds: [{ ...bond({}).bonds[0], addressing: fixed({ gateway: ip('10.1.0.9') }) }],
      } as NetworkWish,
      'one gateway',
    ],
    ['a domain with a line end', { ...WISH, searchDomains: ['a\nb'] }, 'searchDomains[0]'],
  ])('refuses %s', (_what, wish, error) => {
    const written = networkConfig(wish, { index: 0, macs: MACS })
    expect(written).toEqual({ ok: false, error: expect.stringContaining(error) as unknown })
  })
})
