import type { DhcpPacket } from '@brickyard/dhcp/packet'
import { Ipv4 } from '@brickyard/model/ipv4'
import { Mac } from '@brickyard/model/mac'
import type { Network } from '@brickyard/model/rack'
import type { BootSled } from '@brickyard/netboot/boot-view'
import type { AwaitedBoot } from '@brickyard/netboot/boot-trace-silence'
import type { Clock } from '@brickyard/runtime/clock'
import type { Log } from '@brickyard/runtime/log'
import { openNodeStore } from '@brickyard/runtime/node/store'
import { migrate, type Store } from '@brickyard/runtime/store'
import { beforeEach, describe, expect, it } from 'vitest'
import { type BootTracer, createBootTracer } from './trace.ts'
import { BOOT_TABLES, type BootBook, createBootBook } from './trace-book.ts'
import { createNetbootCounts, type NetbootCounts } from './trace-counts.ts'
import { createWatches, type Watches } from './trace-watches.ts'

const silent: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silent,
}

/** A clock that stands until it is moved; both its times are the same. */
function standingClock() {
  let nowMs = 1_000_000
  let due: { atMs: number; work: () => void }[] = []
  const clock: Clock = {
    wallMs: () => nowMs,
    monotonicMs: () => nowMs,
    after(delayMs, work) {
      const entry = { atMs: nowMs + delayMs, work }
      due.push(entry)
      return { cancel: () => void (due = due.filter((one) => one !== entry)) }
    },
  }
  const move = (ms: number): void => {
    nowMs += ms
    const ready = due.filter(({ atMs }) => atMs <= nowMs)
    due = due.filter((one) => !ready.includes(one))
    for (const { work } of ready) work()
  }
  return { clock, move }
}

const NETWORK: Network = {
  name: 'prov',
  role: 'provisioning',
  mode: 'authoritative',
  subnet: '10.98.0.0/24',
  agentAddress: '10.98.0.1' as Ipv4,
  interface: 'br0',
  pool: { first: '10.98.0.100' as Ipv4, last: '10.98.0.199' as Ipv4 },
  leaseSeconds: 600,
  dns: [],
}
const MAC = '52:54:00:98:00:01' as Mac
const SLED: BootSled = {
  name: 'sled-01' as BootSled['name'],
  architecture: 'x86_64',
  firmwareMode: 'uefi',
  secureBoot: false,
  address: '10.98.0.11' as Ipv4,
  boot: { kind: 'none', reason: 'it is ready' },
}
const OTHER_UUID = '87654321-4321-8765-4321-cba987654321'
const MAC_2 = '52:54:00:98:00:02' as Mac
const UUID = '12345678-1234-5678-1234-123456789abc'

const packetOf = (mac: Mac, uuid = UUID): DhcpPacket => ({
  op: 'request',
  hardwareType: 1,
  hops: 0,
  xid: 1,
  secs: 0,
  broadcast: true,
  ciaddr: Ipv4.ANY,
  yiaddr: Ipv4.ANY,
  siaddr: Ipv4.ANY,
  giaddr: Ipv4.ANY,
  chaddr: Mac.toBytes(mac),
  serverName: '',
  bootFile: '',
  options: {
    messageType: 'discover',
    clientArchitectures: [7],
    vendorClass: 'PXEClient:Arch:00007',
    clientUuid: uuid,
  },
})

interface Site {
  readonly tracer: BootTracer
  readonly book: BootBook
  readonly watches: Watches
  readonly counts: NetbootCounts
}

let store: Store
let time: ReturnType<typeof standingClock>

/** An operation that waits for the sled. */
let powered: AwaitedBoot | undefined
function open(): Site {
  const { clock } = time
  const identity = () => ({ macs: [MAC, MAC_2], uuid: UUID })
  const book = createBootBook({ store, clock, log: silent, identity })
  const awaited = () => powered
  const [watches, counts] = [createWatches(clock), createNetbootCounts()]
  return {
    book,
    watches,
    counts,
    tracer: createBootTracer({ clock, book, watches, counts, awaited }),
  }
}

const discover = (
  { tracer }: Site,
  more: { mac?: Mac; sled?: BootSled | undefined; uuid?: string } = {},
) =>
  tracer.dhcp({
    network: NETWORK,
    packet: packetOf(more.mac ?? MAC, more.uuid),
    mac: more.mac ?? MAC,
    sled: 'sled' in more ? more.sled : SLED,
    answer: { kind: 'offer', address: '10.98.0.11' },
    loader: () => ({ kind: 'tftp', file: 'snponly.efi', vendorClass: 'PXEClient' }),
    sent: true,
  })
function strangerMac(n: number): Mac {
  const mac = Mac.fromBytes(Uint8Array.of(2, 0, 0, 0, n >> 8, n & 255))
  if (!mac.ok) throw new Error(mac.error)
  return mac.value
}

beforeEach(() => {
  time = standingClock()
  store = openNodeStore({ path: ':memory:', durable: false })
  migrate(store, [BOOT_TABLES])
})

describe('the boots of a sled', () => {
  it('are put into words and survive the agent, but for what it was too late to save', () => {
    const before = open()
    discover(before)
    time.move(5000)
    discover(before)
    const after = open()
    const { attempts } = after.tracer.trace({ sled: 'sled-01' })
    expect(attempts).toHaveLength(1)
    expect(attempts[0]?.lines.map(({ text }) => text)).toEqual([
      `Firmware (UEFI x64) sends DISCOVER from ${MAC}`,
      'OFFER of 10.98.0.11, kept for it',
    ])
    // The new incarnation goes on with the boot that the old one saw begin.
    discover(after)
    expect(after.tracer.trace({ sled: 'sled-01' }).attempts).toMatchObject([
      { lines: [{ count: 2 }, {}] },
    ])
  })

  it('are fifty, the newest first', () => {
    const site = open()
    for (let n = 0; n < 60; n++) {
      discover(site)
      time.move(300_000)
    }
    const { attempts } = site.tracer.trace({ sled: 'sled-01' })
    expect(attempts).toHaveLength(50)
    expect(attempts[0]?.startedAtMs).toBe(time.clock.wallMs() - 300_000)
    const rows = store.read((sql) => sql.all('SELECT 1 FROM boot'))
    expect(rows).toHaveLength(50)
  })

  it('get the files that its address fetched', () => {
    const site = open()
    const ack = { kind: 'ack', address: '10.98.0.11' } as const
    const packet = packetOf(MAC)
    const request = { ...packet, options: { ...packet.options, messageType: 'request' } } as const
    const loader = () => undefined
    const turn = { network: NETWORK, mac: MAC, sled: SLED, sent: true, loader }
    site.tracer.dhcp({ ...turn, packet: request, answer: ack })
    time.move(1000)
    const file = { network: 'prov', way: 'tftp', name: 'snponly.efi', result: 'whole' } as const
    const size = { bytes: 2048, bytesTotal: 2048, durationMs: 10, reason: null }
    site.tracer.file({ ...file, ...size, address: '10.98.0.11' })
    site.tracer.file({ ...file, ...size, name: 'other', address: '10.98.0.12' })
    const [attempt] = site.tracer.trace({ sled: 'sled-01' }).attempts
    expect(attempt?.lines.at(-1)?.text).toBe('snponly.efi by TFTP: 2 kiB in 10 ms')
    expect(site.counts.tftpTransfers()).toEqual([
      { labels: { network: 'prov', result: 'whole' }, count: 2 },
    ])
  })

  it('are judged beside the boot before: a second NIC that asks after the first one', () => {
    const site = open()
    discover(site)
    time.move(30_000)
    discover(site, { mac: MAC_2 })
    const { attempts } = site.tracer.trace({ sled: 'sled-01' })
    expect(attempts.map(({ mac }) => mac)).toEqual([MAC_2, MAC])
    expect(attempts[0]?.findings).toEqual([
      expect.stringContaining('which asked 30.0 s before it and got no further'),
      expect.stringContaining('in one bond (LACP) that does not fall back'),
    ])
    expect(attempts[1]?.findings).toEqual([])
  })

  it('say that one is awaited for as long as nothing was heard of it', () => {
    const site = open()
    discover(site)
    time.move(60_000)
    powered = { what: 'provision', poweredAtMs: time.clock.wallMs() }
    time.move(180_000)
    const said = () => site.tracer.trace({ sled: 'sled-01' }).findings
    expect(said()).toEqual([
      expect.stringMatching(/^It was powered to the network 3 min 0 s ago \(provision\)/),
    ])
    discover(site)
    expect(said()).toEqual([])
    powered = undefined
  })

  it('begin with the claim of an installer that came from a disc', () => {
    const site = open()
    const disc = { disc: '1a2b3c4d', madeBy: 'ann', madeAtMs: time.clock.wallMs() }
    time.move(60_000)
    const boot = { sled: SLED.name, mac: MAC, network: 'prov', address: '10.98.0.11' }
    site.tracer.disc({ ...boot, ...disc, atMs: time.clock.wallMs() })
    const [attempt] = site.tracer.trace({ sled: SLED.name }).attempts
    expect(attempt).toMatchObject({ mac: MAC, network: 'prov', state: 'going' })
    expect(attempt?.lines[0]).toMatchObject({ text: `Booted from disc 1a2b3c4d, by ${MAC}` })
    time.move(300_000)
    site.tracer.refused({ ...boot, atMs: time.clock.wallMs(), reason: 'it was claimed before' })
    const [last] = site.tracer.trace({ sled: SLED.name }).attempts
    expect(last).toMatchObject({ state: 'refused', network: 'prov' })
  })

  it('are counted by how the latest of each machine stands', () => {
    const site = open()
    discover(site)
    discover(site, { mac: strangerMac(1), sled: undefined })
    const standing = (state: string, count: number) => ({
      labels: { network: 'prov', state },
      count,
    })
    expect(site.book.standing()).toEqual([standing('going', 2)])
    time.move(300_000)
    discover(site)
    expect(site.book.standing()).toEqual([standing('going', 1), standing('stopped', 1)])
  })

  it('show those of a machine with its UUID and a NIC that nobody declared', () => {
    const site = open()
    const mac = strangerMac(1)
    discover(site, { mac, sled: undefined })
    const [attempt] = site.tracer.trace({ sled: 'sled-01' }).attempts
    expect(attempt).toMatchObject({ mac, sled: 'sled-01' })
    expect(attempt?.findings[0]).toContain('not among the NICs declared for sled-01')
    expect(site.tracer.trace({ mac }).attempts).toMatchObject([{ mac, sled: null }])
  })

  it('stop no server when they cannot be saved', () => {
    const site = open()
    store.tx((sql) => sql.run('DROP TABLE boot'))
    discover(site)
    time.move(5000)
    expect(site.tracer.trace({ sled: 'sled-01' }).attempts).toEqual([])
  })
})

describe('strangers', () => {
  it('are fifty in all, however many come, and displace no sled', () => {
    const site = open()
    discover(site)
    for (let n = 0; n < 10_000; n++) {
      discover(site, { mac: strangerMac(n), sled: undefined, uuid: 'f'.repeat(8) })
      if (n % 500 === 0) time.move(5000)
    }
    time.move(5000)
    const { attempts } = site.tracer.trace(undefined)
    expect(attempts).toHaveLength(50)
    expect(attempts[0]?.mac).toBe(strangerMac(9999))
    expect(store.read((sql) => sql.all('SELECT 1 FROM boot'))).toHaveLength(51)
    expect(site.tracer.trace({ sled: 'sled-01' }).attempts).toHaveLength(1)
  })

  it('are put together later in a flood, and those that are kept are whole and in order', () => {
    const site = open()
    const ack = (mac: Mac): void => {
      const packet = packetOf(mac, OTHER_UUID)
      site.tracer.dhcp({
        network: NETWORK,
        packet: { ...packet, options: { ...packet.options, messageType: 'request' } },
        mac,
        sled: undefined,
        answer: { kind: 'ack', address: '10.98.0.150' },
        loader: () => undefined,
        sent: true,
      })
    }
    const machine = (n: number): void =>
      discover(site, { mac: strangerMac(n), sled: undefined, uuid: OTHER_UUID })
    const late = strangerMac(7)
    discover(site)
    for (let n = 0; n < 300; n++) {
      time.move(10)
      machine(n)
      // It asked long ago, and takes its address among the last fifty.
      if (n === 280) ack(late)
    }
    const { attempts } = site.tracer.trace(undefined)
    expect(attempts).toHaveLength(50)
    const texts = attempts.find(({ mac }) => mac === late)?.lines.map(({ text }) => text)
    expect(texts).toEqual(
      ['DISCOVER', 'OFFER', 'REQUEST', 'ACK'].map((word) => expect.stringContaining(word)),
    )
    const startedAtMs = attempts.filter(({ mac }) => mac !== late).map((one) => one.startedAtMs)
    expect(startedAtMs).toEqual(Array.from({ length: 49 }, (_, n) => 1_003_000 - 10 * n))
    expect(site.tracer.trace({ sled: 'sled-01' }).attempts).toHaveLength(1)
  })
})

describe('what was listened to', () => {
  it('says where, how, since when, and what was heard there last', () => {
    const site = open()
    site.watches.begin(NETWORK)
    time.move(1000)
    expect(site.tracer.trace({ sled: 'sled-01' }).watches).toEqual([
      {
        network: 'prov',
        role: 'provisioning',
        mode: 'authoritative',
        interface: 'br0',
        sinceAtMs: 1_000_000,
        lastHeard: null,
        foreignServers: [],
      },
    ])
    discover(site)
    for (let n = 0; n < 10; n++) site.watches.foreignServer('prov', `10.98.0.${n}`)
    site.watches.foreignServer('prov', '10.98.0.3')
    const [watch] = site.tracer.trace(undefined).watches
    expect(watch?.lastHeard).toEqual({ atMs: 1_001_000, mac: MAC, what: 'DISCOVER' })
    expect(watch?.foreignServers).toHaveLength(8)
    expect(watch?.foreignServers[0]?.address).toBe('10.98.0.3')
    site.watches.end('prov')
    expect(site.tracer.trace(undefined).watches).toEqual([])
  })
})

describe('counts', () => {
  it('are by network, message and result', () => {
    const site = open()
    discover(site)
    discover(site)
    site.tracer.answered('prov', 'file', 404)
    expect(site.counts.dhcpMessages()).toEqual([
      { labels: { network: 'prov', message: 'discover', result: 'offer' }, count: 2 },
    ])
    expect(site.counts.httpResponses()).toEqual([
      { labels: { network: 'prov', asked: 'file', status: '404' }, count: 1 },
    ])
  })
})
