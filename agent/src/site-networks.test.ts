import type { Ipv4 } from '@brickyard/model/ipv4'
import type { Mac } from '@brickyard/model/mac'
import type { SiteName, SledName } from '@brickyard/model/names'
import type { Network, RackDocument, SledDeclaration } from '@brickyard/model/rack'
import { encodeRequest } from '@brickyard/tftp/packet'
import { openNodeStore } from '@brickyard/runtime/node/store'
import { migrate } from '@brickyard/runtime/store'
import { describe, expect, it } from 'vitest'
import {
  heldSockets,
  ip,
  NETWORK,
  requestFrom,
  silentLog,
  SLED,
  SLED_MAC,
  standingClock,
  strangerMac,
} from './netboot/dhcp-rig.ts'
import { createLeaseStore, LEASE_TABLES } from './netboot/lease-store.ts'
import type { NetbootEvent } from './netboot/report.ts'
import { createSiteNetworks, type SiteNetworksParts } from './site-networks.ts'

const BEHIND: Network = {
  ...NETWORK,
  name: 'behind',
  mode: 'relayed',
  subnet: '10.99.0.0/24',
  pool: { first: ip('10.99.0.100'), last: ip('10.99.0.109') },
}
const DECLARED: SledDeclaration = {
  name: 'sled-01' as SledName,
  position: { kind: 'rack-unit', unit: 1, heightRackUnits: 1 },
  architecture: 'x86_64',
  firmwareMode: 'uefi',
  macs: [SLED_MAC],
  labels: {},
}
const LATER_MS = Date.parse('2100-01-01')
const rack = (...networks: Network[]): RackDocument => ({
  site: 'edge-1' as SiteName,
  networks,
  cages: [],
  sleds: [],
})

const NOBODY: SiteNetworksParts['directory'] = { sledFor: () => undefined }

function site(tls?: SiteNetworksParts['tls'], directory = NOBODY, lookingOn = directory) {
  const store = openNodeStore({ path: ':memory:', durable: false })
  migrate(store, [LEASE_TABLES])
  const sockets = heldSockets()
  const time = standingClock()
  const events: NetbootEvent[] = []
  const troubles = new Map<string, string>()
  const none = (): void => undefined
  const networks = createSiteNetworks({
    udp: sockets.udp,
    clock: time.clock,
    log: silentLog,
    leases: createLeaseStore({ store, clock: time.clock, log: silentLog }),
    directory,
    lookingOn,
    report: (event) => void events.push(event),
    trace: {
      dhcp: none,
      file: none,
      script: none,
      answered: none,
      watching: none,
      unwatched: none,
    },
    sockets: {},
    tftpFiles: new Map(),
    loaders: new Set(),
    assets: new Map(),
    installers: {},
    tls,
    trouble(what, reason) {
      if (reason === undefined) troubles.delete(what)
      else troubles.set(what, reason)
    },
  })
  const ports = (): number[] => sockets.bound.map(({ port }) => port)
  return { ...sockets, ...time, networks, events, troubles, ports }
}

const discover = (n: number, giaddr = ip('0.0.0.0')) =>
  requestFrom(strangerMac(n), { messageType: 'discover' }, { giaddr })

describe('the networks of a site', () => {
  it('share the sockets of one device, and each answers what is its own', async () => {
    const { networks, hear, sent, ports } = site()
    await networks.sync(rack(NETWORK, BEHIND))
    expect(ports().sort((a, b) => a - b)).toEqual([67, 68, 69])
    hear(67, discover(1))
    hear(67, discover(2, ip('10.99.0.1')))
    expect(sent.map(({ packet }) => packet?.yiaddr)).toEqual(['10.98.0.100', '10.99.0.100'])
    await networks.sync(rack(BEHIND))
    sent.length = 0
    hear(67, discover(3))
    hear(67, discover(2, ip('10.99.0.1')))
    expect(sent.map(({ packet }) => packet?.yiaddr)).toEqual(['10.99.0.100'])
  })

  it('look for other servers again when a mode changes', async () => {
    const { networks, sent, move, ports } = site()
    const probes = (): number => sent.filter(({ by }) => by === 68).length
    await networks.sync(rack({ ...NETWORK, mode: 'listen-only' }))
    move(60_000)
    expect([probes(), ports().includes(69)]).toEqual([2, false])
    await networks.sync(rack({ ...NETWORK, mode: 'proxy' }))
    move(1000)
    expect([probes(), ports().includes(4011), ports().includes(69)]).toEqual([3, true, true])
    // Once for each ten minutes: nobody goes on for the mode that is over.
    move(11 * 60_000)
    expect(probes()).toBe(6)
  })

  it('give BMCs addresses of their own pool, for long', async () => {
    const bmcMac = strangerMac(7)
    const directory = {
      sledFor: ({ mac }: { mac: Mac }) =>
        mac === bmcMac || mac === SLED_MAC ? { ...SLED, address: undefined } : undefined,
    }
    const { networks, hear, sent } = site(undefined, directory)
    const bmc = { first: ip('10.98.0.200'), last: ip('10.98.0.209') }
    const sled: SledDeclaration = {
      ...DECLARED,
      bmc: {
        protocol: 'ipmi',
        port: 623,
        mac: bmcMac,
        address: ip('10.97.0.9'),
        user: 'admin',
        cipherSuite: 17,
      },
    }
    const network = { ...NETWORK, pools: { bmc }, bmcLeaseSeconds: 99_000 }
    await networks.sync({ ...rack(network), sleds: [sled] })
    for (const mac of [bmcMac, SLED_MAC]) hear(67, requestFrom(mac, { messageType: 'discover' }))
    const given = sent.map(({ packet }) => [packet?.yiaddr, packet?.options.leaseSeconds])
    expect(given).toEqual([
      ['10.98.0.200', 99_000],
      ['10.98.0.100', 3600],
    ])
  })

  it('keep addresses for machines, identifiers, switch ports and places, and from everybody else', async () => {
    const { networks, hear, sent } = site()
    const kept = [0, 1, 2, 3].map((n) => ip(`10.98.0.${100 + n}`))
    const [byMac, byId, byPort, byPlace] = kept as [Ipv4, Ipv4, Ipv4, Ipv4]
    const reservations = [
      { address: byMac, mac: strangerMac(1) },
      { address: byId, clientId: 'ff00ab' },
      { address: byPort, circuitId: '0107', remoteId: 'aa' },
      { address: byPlace, place: 'unit-21' },
    ]
    const pool = { first: byMac, last: ip('10.98.0.104') }
    const ports = [{ circuitId: '0109', place: 'unit-21' }]
    await networks.sync({ ...rack({ ...NETWORK, pool, reservations }), ports })
    const clientId = Uint8Array.of(0xff, 0, 0xab)
    const relayAgent = Uint8Array.of(1, 2, 1, 7, 2, 1, 0xaa)
    const inUnit = { relayAgent: Uint8Array.of(1, 2, 1, 9, 2, 1, 0xbb) }
    // A stranger comes first.
    const asked = [
      [9, {}],
      [1, {}],
      [2, { clientId }],
      [3, { relayAgent }],
      [4, inUnit],
    ] as const
    for (const [n, options] of asked) {
      hear(67, requestFrom(strangerMac(n), { messageType: 'discover', ...options }))
    }
    expect(sent.map(({ packet }) => packet?.yiaddr)).toEqual(['10.98.0.104', ...kept])
  })

  it('are in trouble for as long as a pool is dry, and no longer than they are served', async () => {
    const { networks, hear, troubles, move } = site()
    await networks.sync(rack(NETWORK))
    for (const n of [1, 2, 3, 4]) hear(67, discover(n))
    const what = 'provisioning: pool 10.98.0.100 to 10.98.0.102'
    expect([...troubles.keys()]).toEqual([what])
    move(61_000)
    hear(67, requestFrom(SLED_MAC, { messageType: 'inform' }, { ciaddr: ip('10.98.0.9') }))
    expect(troubles.size).toBe(0)
    for (const n of [1, 2, 3, 4]) hear(67, discover(n))
    expect(troubles.size).toBe(1)
    await networks.sync(rack())
    expect(troubles.size).toBe(0)
  })

  it('say that their certificate is for somebody else, or is over', async () => {
    const tls = { only: false, covers: (host: string) => host === '10.98.0.1', endsAtMs: 0 }
    const over = site(tls)
    await over.networks.sync(rack(NETWORK))
    expect([...over.troubles]).toEqual([
      ['provisioning by HTTPS', "the boot server's certificate ended on 1970-01-01"],
    ])
    const foreign = site({ ...tls, covers: () => false, endsAtMs: LATER_MS })
    await foreign.networks.sync(rack(NETWORK))
    expect([...foreign.troubles.values()]).toEqual([
      "the boot server's certificate is not for 10.98.0.1",
    ])
    const good = site({ ...tls, endsAtMs: LATER_MS })
    await good.networks.sync(rack(NETWORK))
    expect(good.troubles.size).toBe(0)
  })

  it('send GRUB, which has TFTP alone, to the disk by the script of its own sled', async () => {
    const directory = {
      sledFor: ({ mac }: { mac: Mac }) => (mac === SLED_MAC ? SLED : undefined),
    }
    const { networks, hearBytes, events } = site(undefined, directory)
    await networks.sync(rack(NETWORK))
    for (const mac of [SLED_MAC, strangerMac(1), 'nobody']) {
      const asked = encodeRequest('read', `boot.grub/${mac}`)
      hearBytes(69, asked, { address: '10.98.0.11', port: 2000 })
    }
    const answers = events.flatMap(({ kind, body }) =>
      kind.startsWith('netboot.') || kind === 'tftp.refused' ? [[kind, body['mac']]] : [],
    )
    expect(answers).toEqual([
      ['netboot.served', SLED_MAC],
      ['netboot.refused', strangerMac(1)],
      ['tftp.refused', undefined],
    ])
  })

  it('open no boot intent when somebody asks what they would answer', async () => {
    const opened: Mac[] = []
    const directory = {
      sledFor: ({ mac }: { mac: Mac }) => {
        opened.push(mac)
        return mac === SLED_MAC ? SLED : undefined
      },
    }
    const lookingOn = {
      sledFor: ({ mac }: { mac: Mac }) => (mac === SLED_MAC ? SLED : undefined),
    }
    const { networks } = site(undefined, directory, lookingOn)
    await networks.sync({ ...rack({ ...NETWORK, mode: 'listen-only' }), sleds: [DECLARED] })
    const previews = await networks.preview('authoritative')
    expect(previews[0]?.machines.map(({ machine }) => machine)).toContain('sled-01')
    expect(opened).toEqual([])
  })

  it('name a server that does not belong there', async () => {
    const { networks, hear, events, troubles } = site()
    await networks.sync(rack(NETWORK))
    const serverId = ip('10.98.0.66')
    hear(67, requestFrom(strangerMac(1), { messageType: 'request', serverId }))
    const found = events.filter(({ kind }) => kind === 'dhcp.foreign-server')
    expect(found).toMatchObject([{ body: { network: 'provisioning', server: serverId } }])
    expect(troubles.get('provisioning: other DHCP servers')).toContain('10.98.0.66')
  })
})
