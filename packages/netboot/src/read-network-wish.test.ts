import { describe, expect, it } from 'vitest'
import { checkNetworkWish } from './check-network-wish.ts'
import { readNetworkWish, wishOfSled, type WrittenNetwork } from './read-network-wish.ts'

const fixed = (...addresses: string[]) =>
  ({ kind: 'static', subnet: '10.1.0.0/24', addresses, gateway: '10.1.0.1' }) as const

const WRITTEN: WrittenNetwork = {
  nics: [{ nic: 0 }, { nic: 1 }],
  bonds: [{ mode: '802.3ad', members: ['nic0', 'nic1'] }],
  vlans: [
    { link: 'bond0', id: 120, addressing: fixed('10.1.0.10-10.1.0.12', '10.1.0.5'), mtu: 9000 },
  ],
  nameservers: ['10.1.0.2'],
}

describe('readNetworkWish', () => {
  const read = readNetworkWish(WRITTEN)

  it('names what has no name, and writes ranges out in the order of the sleds', () => {
    expect(read).toEqual({
      ok: true,
      value: {
        nics: [
          { nic: 0, name: 'nic0', addressing: { kind: 'none' } },
          { nic: 1, name: 'nic1', addressing: { kind: 'none' } },
        ],
        bonds: [
          {
            name: 'bond0',
            mode: '802.3ad',
            members: ['nic0', 'nic1'],
            addressing: { kind: 'dhcp' },
          },
        ],
        vlans: [
          {
            name: 'bond0.120',
            link: 'bond0',
            id: 120,
            mtu: 9000,
            addressing: {
              kind: 'static',
              subnet: '10.1.0.0/24',
              addresses: ['10.1.0.10', '10.1.0.11', '10.1.0.12', '10.1.0.5'],
              gateway: '10.1.0.1',
            },
          },
        ],
        nameservers: ['10.1.0.2'],
        searchDomains: [],
      },
    })
  })

  it('says which addresses are missing when the sleds outnumber them', () => {
    const wish = read.ok ? read.value : undefined
    expect(wish && checkNetworkWish(wish, { sleds: 4 })).toEqual([])
    expect(wish && checkNetworkWish(wish, { sleds: 5 })).toEqual([
      {
        field: 'vlans[0].addressing.addresses',
        value: "'4 addresses'",
        expected: 'one for each of 5 sleds',
      },
    ])
  })

  it('leaves each sled its own address only', () => {
    const addresses = (index: number): unknown => {
      const addressing = read.ok && wishOfSled(read.value, index).vlans[0]?.addressing
      return addressing && addressing.kind === 'static' && addressing.addresses
    }
    expect([0, 2, 3].map(addresses)).toEqual([['10.1.0.10'], ['10.1.0.12'], ['10.1.0.5']])
  })

  it.each([
    ['10.1.0.256', 'addresses[0]'],
    ['10.1.0.20-10.1.0.10', 'addresses[0]'],
    ['10.1.0.1-10.1.0.2-10.1.0.3', 'addresses[0]'],
    ['10.0.0.0-10.255.255.255', 'addresses[0]'],
    ['', 'addresses[0]'],
  ])('refuses %s, and names the field', (text, field) => {
    const nics = [{ nic: 0, addressing: fixed(text) }]
    expect(readNetworkWish({ nics })).toEqual({
      ok: false,
      error: [
        {
          field: `nics[0].addressing.${field}`,
          value: `'${text}'`,
          expected: expect.stringContaining('10.1.0.10-10.1.0.20') as unknown,
        },
      ],
    })
  })

  it('refuses more addresses than a deployment has sleds', () => {
    const addressing = fixed('10.1.0.0-10.1.3.255', '10.1.4.0')
    const read1025 = readNetworkWish({ nics: [{ nic: 0, addressing }] })
    expect(read1025).toMatchObject({
      error: [{ field: 'nics[0].addressing.addresses', value: "'1025 addresses'" }],
    })
  })
})
