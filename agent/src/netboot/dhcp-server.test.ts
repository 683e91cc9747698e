import { Ipv4 } from '@brickyard/model/ipv4'
import type { Mac } from '@brickyard/model/mac'
import type { SledName } from '@brickyard/model/names'
import type { Network } from '@brickyard/model/rack'
import type { BootSled } from '@brickyard/netboot/boot-view'
import { decodePacket, type DhcpPacket, encodePacket } from '@brickyard/dhcp/packet'
import type { Log } from '@brickyard/runtime/log'
import { systemClock } from '@brickyard/runtime/node/clock'
import { openNodeStore } from '@brickyard/runtime/node/store'
import { nodeUdp } from '@brickyard/runtime/node/udp'
import { migrate, type Store } from '@brickyard/runtime/store'
import type { Udp, UdpAddress } from '@brickyard/runtime/udp'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createDhcpServer, type DhcpServer, type DhcpServerParts } from './dhcp-server.ts'
import { createLeaseStore, LEASE_TABLES } from './lease-store.ts'
import type { NetbootEvent } from './report.ts'

const silent: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silent,
}
const ip = (text: string): Ipv4 => text as Ipv4
const NETWORK: Network = {
  name: 'provisioning',
  role: 'provisioning',
  mode: 'authoritative',
  subnet: '10.98.0.0/24',
  agentAddress: ip('10.98.0.1'),
  interface: 'br0',
  pool: { first: ip('10.98.0.100'), last: ip('10.98.0.102') },
  leaseSeconds: 3600,
  dns: [],
}
const SLED_MAC = '52:54:00:98:00:01' as Mac
const SLED: BootSled = {
  name: 'sled-01' as SledName,
  architecture: 'x86_64',
  firmwareMode: 'uefi',
  secureBoot: false,
  address: ip('10.98.0.11'),
  boot: { kind: 'local-disk', reason: 'in use' },
}

const request = (options: DhcpPacket['options'], rest: Partial<DhcpPacket> = {}): DhcpPacket => ({
  op: 'request',
  hardwareType: 1,
  hops: 0,
  xid: 7,
  secs: 0,
  broadcast: false,
  ciaddr: Ipv4.ANY,
  yiaddr: Ipv4.ANY,
  siaddr: Ipv4.ANY,
  giaddr: Ipv4.ANY,
  chaddr: Uint8Array.of(0x52, 0x54, 0, 0x98, 0, 1),
  serverName: '',
  bootFile: '',
  options,
  ...rest,
})
const PXE = { vendorClass: 'PXEClient:Arch:00007:UNDI:003000', clientArchitectures: [7] }

interface Answer {
  readonly packet: DhcpPacket
  readonly to: UdpAddress
}

describe('DHCP server', () => {
  let store: Store
  let events: NetbootEvent[]
  let answers: Answer[]
  let hear: (bytes: Uint8Array, from: UdpAddress) => void
  let server: DhcpServer | undefined
  let commits: number

  /** A link that hands over datagrams by function calls. */
  const udp: Udp = {
    bind: async (bind) => ({
      local: { address: bind.address, port: bind.port },
      send(bytes, to) {
        const decoded = decodePacket(bytes)
        if (decoded.ok) answers.push({ packet: decoded.value.packet, to })
      },
      onDatagram: (take) => void (hear = take),
      onError: () => undefined,
      close: () => undefined,
    }),
  }

  beforeEach(() => {
    const real = openNodeStore({ path: ':memory:', durable: false })
    migrate(real, [LEASE_TABLES])
    commits = 0
    store = { ...real, tx: (work) => (commits++, real.tx(work)) }
    events = []
    answers = []
  })
  afterEach(() => server?.stop())

  async function start(parts: Partial<DhcpServerParts> = {}): Promise<DhcpServer> {
    const started = createDhcpServer({
      network: NETWORK,
      udp,
      clock: systemClock,
      log: silent,
      leases: createLeaseStore({ store, clock: systemClock, log: silent }),
      directory: { sledFor: ({ mac }) => (mac === SLED_MAC ? SLED : undefined) },
      report: (event) => void events.push(event),
      bootUrl: 'http://10.98.0.1',
      loaders: new Set(['snponly.efi']),
      reserved: new Set([ip('10.98.0.11')]),
      ...parts,
    })
    server = started
    expect(await started.start()).toEqual({ ok: true, value: undefined })
    return started
  }
  const say = (packet: DhcpPacket): void =>
    hear(encodePacket(packet), { address: '0.0.0.0', port: 68 })
  const ask = (options: DhcpPacket['options'], rest?: Partial<DhcpPacket>): void =>
    say(request(options, rest))
  const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 20))
  const kinds = (): string[] => events.map(({ kind }) => kind)

  it('offers at once, and acknowledges only when the lease is in the store', async () => {
    const running = await start()
    ask({ messageType: 'discover', ...PXE })
    expect(answers[0]).toMatchObject({
      to: { address: '255.255.255.255', port: 68 },
      packet: {
        yiaddr: '10.98.0.11',
        siaddr: '10.98.0.1',
        bootFile: 'snponly.efi',
        options: { messageType: 'offer', vendorClass: 'PXEClient', hostName: 'sled-01' },
      },
    })
    expect(answers[0]?.packet.options.vendorSpecific).toEqual(Uint8Array.of(6, 1, 8, 255))
    expect(running.addressOf(SLED_MAC)).toBeUndefined()
    ask({ messageType: 'request', requestedAddress: ip('10.98.0.11'), serverId: ip('10.98.0.1') })
    expect([answers.length, commits]).toEqual([1, 0])
    await settle()
    expect(commits).toBe(1)
    expect(answers[1]?.packet.options.messageType).toBe('ack')
    expect(running.addressOf(SLED_MAC)).toBe('10.98.0.11')
  })

  it('never acknowledges what could not be saved', async () => {
    store.tx = () => {
      throw new Error('disk full')
    }
    await start()
    ask({ messageType: 'request', requestedAddress: ip('10.98.0.11'), serverId: ip('10.98.0.1') })
    await settle()
    expect(answers).toEqual([])
    expect(kinds()).toContain('site.trouble')
  })

  it('knows its leases again after a restart', async () => {
    await start()
    const chaddr = Uint8Array.of(2, 0, 0, 0, 0, 9)
    const address = ip('10.98.0.101')
    ask(
      { messageType: 'request', requestedAddress: address, serverId: ip('10.98.0.1') },
      { chaddr },
    )
    await settle()
    server?.stop()
    const again = await start()
    expect(again.addressOf('02:00:00:00:00:09' as Mac)).toBe(address)
    ask({ messageType: 'request', requestedAddress: address, serverId: ip('10.98.0.1') })
    expect(answers.at(-1)?.packet.options.messageType).toBe('nak')
  })

  it('sends iPXE to its script', async () => {
    await start()
    ask({ messageType: 'discover', ...PXE, userClasses: ['iPXE'] })
    expect(answers[0]?.packet).toMatchObject({
      // Without it iPXE would look for a proxy on port 4011.
      siaddr: '10.98.0.1',
      bootFile: 'http://10.98.0.1/boot.ipxe?mac=52-54-00-98-00-01',
    })
  })

  it('answers a relay at its server port with option 82 as it came', async () => {
    await start()
    const relayAgent = Uint8Array.of(1, 2, 0xab, 0xcd)
    ask({ messageType: 'discover', relayAgent }, { giaddr: ip('10.98.0.254') })
    expect(answers[0]?.to).toEqual({ address: '10.98.0.254', port: 67 })
    expect(answers[0]?.packet.options.relayAgent).toEqual(relayAgent)
    expect(events.find(({ kind }) => kind === 'dhcp.client-seen')?.body).toMatchObject({
      circuitId: 'abcd',
    })
  })

  it('gives an unknown machine an address and tells of it once', async () => {
    await start()
    const chaddr = Uint8Array.of(2, 0, 0, 0, 0, 9)
    ask({ messageType: 'discover', vendorClass: 'bad\u0007name' }, { chaddr })
    ask({ messageType: 'discover', vendorClass: 'bad\u0007name' }, { chaddr })
    expect(answers).toHaveLength(2)
    expect(kinds()).toEqual(['dhcp.unknown-client', 'dhcp.client-seen'])
    expect(events[0]?.body).toEqual({
      network: 'provisioning',
      mac: '02:00:00:00:00:09',
      vendor: 'bad?name',
    })
  })

  it('tells of a foreign server and of a pool that is dry', async () => {
    await start()
    ask({ messageType: 'request', requestedAddress: ip('10.98.0.77'), serverId: ip('10.98.0.2') })
    expect(kinds()).toContain('dhcp.foreign-server')
    for (let n = 0; n < 5; n++) {
      ask({ messageType: 'discover' }, { chaddr: Uint8Array.of(2, 0, 0, 0, 0, n) })
    }
    expect(kinds().filter((kind) => kind === 'dhcp.pool-exhausted')).toHaveLength(1)
    expect(answers).toHaveLength(3)
  })

  it('listens only: answers and saves nothing, but tells what it would say', async () => {
    await start({ network: { ...NETWORK, mode: 'listen-only' } })
    ask({ messageType: 'discover', ...PXE })
    ask({ messageType: 'request', requestedAddress: ip('10.98.0.11') })
    await settle()
    expect([answers.length, commits]).toEqual([0, 0])
    expect(
      events.filter(({ kind }) => kind === 'dhcp.would-answer').map(({ body }) => body['would']),
    ).toEqual(['offer', 'ack'])
  })

  it('boots nobody on a management network, and says when a loader is missing', async () => {
    await start({ network: { ...NETWORK, role: 'management' } })
    ask({ messageType: 'discover', ...PXE })
    expect(answers[0]?.packet.options.bootFileName).toBeUndefined()
    server?.stop()
    await start({ loaders: new Set() })
    ask({ messageType: 'discover', ...PXE })
    expect(answers[1]?.packet.options.bootFileName).toBeUndefined()
    expect(kinds()).toContain('netboot.refused')
  })

  it('is not moved by noise', async () => {
    await start()
    for (const bytes of [
      new Uint8Array(),
      Uint8Array.of(1),
      new Uint8Array(240),
      new Uint8Array(9000),
    ]) {
      hear(bytes, { address: '10.98.0.5', port: 68 })
    }
    expect([answers.length, events.length]).toEqual([0, 0])
  })

  it('names what keeps it from starting', async () => {
    const broken = { ...NETWORK, subnet: '10.98.0.1/24' }
    const parts = { network: broken, udp, clock: systemClock, log: silent }
    const leases = createLeaseStore({ store, clock: systemClock, log: silent })
    const directory = { sledFor: () => undefined }
    const rest = {
      leases,
      directory,
      report: () => undefined,
      bootUrl: '',
      loaders: new Set<string>(),
    }
    expect(await createDhcpServer({ ...parts, ...rest }).start()).toEqual({
      ok: false,
      error:
        "network provisioning: '10.98.0.1/24' has bits set below the prefix; the network is 10.98.0.0/24",
    })
  })

  it('answers on real sockets', async () => {
    const client = await nodeUdp.bind({ address: '127.0.0.5', port: 0 })
    try {
      const network = { ...NETWORK, subnet: '127.0.0.0/8', agentAddress: ip('127.0.0.1') }
      const pool = { first: ip('127.0.0.5'), last: ip('127.0.0.6') }
      const ports = { server: 0, client: client.local.port }
      const running = await start({ network: { ...network, pool }, udp: nodeUdp, ports })
      const answer = new Promise<Uint8Array>((resolve) => client.onDatagram(resolve))
      const renew = encodePacket(
        request(
          { messageType: 'request' },
          { ciaddr: ip('127.0.0.5'), chaddr: Uint8Array.of(2, 0, 0, 0, 0, 5) },
        ),
      )
      client.send(Uint8Array.of(1), { address: '127.0.0.1', port: running.port() })
      client.send(renew, { address: '127.0.0.1', port: running.port() })
      const decoded = decodePacket(await answer)
      expect(decoded.ok && decoded.value.packet.options.messageType).toBe('ack')
    } finally {
      client.close()
    }
  })
})
