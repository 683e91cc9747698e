import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseRackDocument } from './rack-document.ts'

const network = {
  name: 'prov',
  role: 'provisioning',
  subnet: '10.1.0.0/24',
  agentAddress: '10.1.0.1',
  interface: 'eth1',
  pool: { first: '10.1.0.100', last: '10.1.0.199' },
}
const sled = (n: number, change: object = {}) => ({
  name: `sled-${n}`,
  position: { kind: 'slot', cage: 'cage-1', slot: n },
  architecture: 'x86_64',
  firmwareMode: 'uefi',
  macs: [`02:00:00:00:00:0${n}`],
  ...change,
})
const rack = (change: object = {}) => ({
  site: 'edge-1',
  networks: [network],
  cages: [{ name: 'cage-1', heightRackUnits: 8, generation: 'v1', rackUnit: 1 }],
  sleds: [sled(1), sled(2)],
  ...change,
})

const fields = (document: unknown): string[] => {
  const parsed = parseRackDocument(document)
  return parsed.ok ? [] : parsed.error.map((problem) => problem.field)
}

describe('a rack document', () => {
  it('is read with its defaults', () => {
    const parsed = parseRackDocument(rack())
    expect(parsed).toMatchObject({
      ok: true,
      value: {
        networks: [{ mode: 'listen-only', leaseSeconds: 3600, dns: [] }],
        sleds: [{ position: { form: 'half-width' }, labels: {} }, {}],
      },
    })
  })

  it('asks for router advertisements with no prefix, or one that machines can use', () => {
    const asks = (routerAdvertisement: unknown, mode = 'authoritative'): string[] =>
      fields(rack({ networks: [{ ...network, mode, routerAdvertisement }] }))
    for (const good of ['none', 'empty', { prefix: 'fd00:98::/64' }, { prefix: '2001:db8::/64' }]) {
      expect(asks(good)).toEqual([])
    }
    const bad = ['fe80::/64', 'ff02::/64', 'fd00::/48', 'fd00:98::1', '10.0.0.0/24', 'a::/64 { }; ']
    for (const wrong of ['some', {}, 7, ...bad.map((prefix) => ({ prefix }))]) {
      expect(asks(wrong)[0]).toMatch(/^networks\[0\]\.routerAdvertisement/)
    }
    expect(asks('empty', 'relayed')).toContain('networks[0].routerAdvertisement')
  })

  it('reads the VLAN of a network', () => {
    const tagged = (vlan: unknown) => fields(rack({ networks: [{ ...network, vlan }] }))
    expect([1, 4094].flatMap(tagged)).toEqual([])
    for (const wrong of [0, 4095, 1.5, '120']) {
      expect(tagged(wrong)[0]).toMatch(/^networks\[0\]\.vlan/)
    }
  })

  it('declares a BMC by the protocol it speaks', () => {
    const bmc = (one: object) => parseRackDocument(rack({ sleds: [sled(1, { bmc: one })] }))
    const common = { address: '10.2.0.9', user: 'admin' }
    const spkiSha256 = '0f'.repeat(32)
    expect(bmc({ ...common, protocol: 'ipmi' })).toMatchObject({
      ok: true,
      value: { sleds: [{ bmc: { port: 623, cipherSuite: 17 } }] },
    })
    expect(bmc({ ...common, protocol: 'redfish', spkiSha256 })).toMatchObject({
      ok: true,
      value: { sleds: [{ bmc: { port: 443, spkiSha256 } }] },
    })
    expect(bmc({ ...common, protocol: 'redfish', cipherSuite: 3 }).ok).toBe(false)
    expect(bmc({ ...common, protocol: 'redfish', spkiSha256: 'AB' }).ok).toBe(false)
    expect(bmc({ ...common, protocol: 'telnet' }).ok).toBe(false)
  })

  it('reads the path of a BMC, an adopted sled, and settings for a model', () => {
    const common = { address: '10.2.0.9', user: 'admin', protocol: 'ipmi' }
    const one = (path: object) =>
      parseRackDocument(rack({ sleds: [sled(1, { adopted: true, bmc: { ...common, path } })] }))
    expect(
      one({ port: 'shared', vlan: 120, addressing: 'static', silenceSeconds: 300 }),
    ).toMatchObject({
      ok: true,
      value: { sleds: [{ adopted: true, bmc: { path: { port: 'shared', vlan: 120 } } }] },
    })
    expect(one({ vlan: 9 })).toMatchObject({
      ok: true,
      value: { sleds: [{ bmc: { path: { port: 'dedicated' } } }] },
    })
    expect(one({ port: 'shared', vlan: 4095 }).ok).toBe(false)
    expect(one({ port: 'both' }).ok).toBe(false)
    const inPool = { ...common, address: '10.1.0.150', path: { addressing: 'static' } }
    expect(fields(rack({ sleds: [sled(1, { bmc: inPool })] }))).toEqual(['sleds[0].bmc.address'])
    const leased = { ...inPool, path: { addressing: 'dhcp' } }
    expect(fields(rack({ sleds: [sled(1, { bmc: leased })] }))).toEqual([])
    const profiles = [
      { model: 'o19', restorePolicy: 'as-before', bios: { Sriov: 'Enabled', Cores: 8 } },
    ]
    expect(parseRackDocument(rack({ profiles }))).toMatchObject({ ok: true, value: { profiles } })
    expect(fields(rack({ profiles: [{ restorePolicy: 'maybe' }] }))).toEqual([
      'profiles[0].restorePolicy',
    ])
  })

  it('reads the same when it is read again from what was read', () => {
    const once = parseRackDocument(rack())
    if (!once.ok) throw new Error('it is right')
    const twice = parseRackDocument(JSON.parse(JSON.stringify(once.value)))
    expect(twice).toEqual(once)
  })

  it.each([
    [
      'a network outside its subnet',
      { networks: [{ ...network, agentAddress: '10.2.0.1' }] },
      'networks[0].agentAddress',
    ],
    [
      'Secure Boot on a BIOS',
      { sleds: [sled(1, { firmwareMode: 'bios', secureBoot: true })] },
      'sleds[0].secureBoot',
    ],
    [
      'a pool that ends before it begins',
      { networks: [{ ...network, pool: { first: '10.1.0.9', last: '10.1.0.3' } }] },
      'networks[0].pool.last',
    ],
    [
      'two networks on one interface',
      { networks: [network, { ...network, name: 'b' }] },
      'networks[1].interface',
    ],
    ['a field nobody knows', { colour: 'red' }, 'document'],
    ['a cage that is not declared', { cages: [] }, 'sleds[0].position.cage'],
    [
      'two sleds of one name',
      { sleds: [sled(1), { ...sled(2), name: 'sled-1' }] },
      'sleds[1].name',
    ],
    ['a MAC used twice', { sleds: [sled(1), sled(2, { macs: sled(1).macs })] }, 'sleds[1].macs[0]'],
    [
      'an address of no network',
      { sleds: [sled(1, { address: '192.0.2.1' })] },
      'sleds[0].address',
    ],
    ['no network at all', { networks: [] }, 'networks'],
    [
      'pools that overlap',
      {
        networks: [{ ...network, pools: { unknown: { first: '10.1.0.190', last: '10.1.0.210' } } }],
      },
      'networks[0].pools.unknown',
    ],
    [
      'a reservation for nobody',
      { networks: [{ ...network, reservations: [{ address: '10.1.0.9', remoteId: 'aa' }] }] },
      'networks[0].reservations[0]',
    ],
    [
      'a reservation for a place that no port leads to',
      { networks: [{ ...network, reservations: [{ address: '10.1.0.9', place: 'unit-9' }] }] },
      'networks[0].reservations[0].place',
    ],
    [
      'a port that leads to no cage of the rack',
      { ports: [{ circuitId: '0107', place: 'nowhere/slot-7' }] },
      'ports[0].place',
    ],
    [
      'a port that leads to two places',
      {
        ports: ['unit-1', 'unit-2'].map((place) => ({ circuitId: '01', remoteId: 'aa', place })),
      },
      'ports[1].circuitId',
    ],
  ])('names the field of %s', (_, change, field) => {
    expect(fields(rack(change))).toContain(field)
  })

  it('lets an address be kept for a place that a port leads to', () => {
    const reservations = [{ address: '10.1.0.9', place: 'unit-9' }]
    const ports = [
      { circuitId: '0107', remoteId: 'aa', place: 'unit-9' },
      { circuitId: '0107', remoteId: 'bb', place: 'unit-9' },
    ]
    expect(fields(rack({ networks: [{ ...network, reservations }], ports }))).toEqual([])
  })

  it('lets a subnet behind a relay come in by the device of another network', () => {
    const behind = {
      ...network,
      name: 'behind',
      mode: 'relayed',
      subnet: '10.2.0.0/24',
      pool: { first: '10.2.0.100', last: '10.2.0.199' },
      pools: { bmc: { first: '10.2.0.20', last: '10.2.0.29' } },
      reservations: [{ address: '10.2.0.9', circuitId: '0107' }],
    }
    expect(fields(rack({ networks: [network, behind] }))).toEqual([])
  })

  it('never throws, and names every problem, for any input', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.jsonValue(),
          fc.jsonValue().map((v) => rack({ sleds: v })),
        ),
        (input) => {
          const parsed = parseRackDocument(input)
          if (!parsed.ok) {
            expect(parsed.error.length).toBeGreaterThan(0)
            expect(parsed.error.every(({ field }) => field !== '')).toBe(true)
          }
        },
      ),
    )
  })
})
