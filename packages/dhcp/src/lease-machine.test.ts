import { Ipv4, type Subnet } from '@brickyard/model/ipv4'
import { beforeEach, describe, expect, it } from 'vitest'
import {
  type Binding,
  createLeaseMachine,
  type LeaseMachine,
  type LeaseOutcome,
  stepLease,
} from './lease-machine.ts'
import { DECLINED_SECONDS, type LeaseNetwork, LeaseTable, OFFER_SECONDS } from './lease-table.ts'
import type { DhcpOptions } from './options.ts'
import type { DhcpPacket } from './packet.ts'

const ip = (text: string): Ipv4 => text as Ipv4
const US = ip('10.98.0.1')
const POOL_FIRST = ip('10.98.0.100')
const POOL_SECOND = ip('10.98.0.101')
const POOL_THIRD = ip('10.98.0.102')
const RESERVED = ip('10.98.0.12')
const SUBNET: Subnet = { network: ip('10.98.0.0'), prefixLength: 24 }
const NETWORK: LeaseNetwork = {
  subnet: SUBNET,
  serverAddress: US,
  pool: { first: POOL_FIRST, last: POOL_THIRD },
  leaseSeconds: 3600,
  dns: [],
  authoritative: true,
  reserved: new Set([RESERVED]),
}
const ANYBODY: Binding = { reservation: undefined, clientClass: 'unknown' }
const OWNER: Binding = { reservation: RESERVED, clientClass: 'sled' }

const from = (
  client: number,
  options: DhcpOptions,
  rest: Partial<DhcpPacket> = {},
): DhcpPacket => ({
  op: 'request',
  hardwareType: 1,
  hops: 0,
  xid: 1,
  secs: 0,
  broadcast: false,
  ciaddr: Ipv4.ANY,
  yiaddr: Ipv4.ANY,
  siaddr: Ipv4.ANY,
  giaddr: Ipv4.ANY,
  chaddr: Uint8Array.of(2, 0, 0, 0, 0, client),
  serverName: '',
  bootFile: '',
  options,
  ...rest,
})

let machine: LeaseMachine
let nowMs: number
beforeEach(() => {
  machine = createLeaseMachine(new LeaseTable(NETWORK))
  nowMs = 1_000_000
})

const step = (packet: DhcpPacket, binding = ANYBODY): LeaseOutcome =>
  stepLease(machine, packet, binding, nowMs)
const discover = (client: number, binding = ANYBODY, options: DhcpOptions = {}): LeaseOutcome =>
  step(from(client, { messageType: 'discover', ...options }), binding)
const select = (client: number, requestedAddress: Ipv4, binding = ANYBODY, serverId = US) =>
  step(from(client, { messageType: 'request', requestedAddress, serverId }), binding)
const reboot = (client: number, requestedAddress: Ipv4, binding = ANYBODY) =>
  step(from(client, { messageType: 'request', requestedAddress }), binding)
const renew = (client: number, ciaddr: Ipv4, binding = ANYBODY) =>
  step(from(client, { messageType: 'request' }, { ciaddr }), binding)
const offered = (outcome: LeaseOutcome): Ipv4 | undefined =>
  outcome.answer.kind === 'offer' ? outcome.answer.address : undefined

/** DISCOVER, then REQUEST of what was offered. */
function obtain(client: number, binding = ANYBODY): Ipv4 {
  const address = offered(discover(client, binding))
  if (address === undefined) throw new Error('no offer')
  expect(select(client, address, binding).answer.kind).toBe('ack')
  return address
}

describe('DISCOVER', () => {
  it('offers the reserved address, and saves nothing yet', () => {
    const outcome = discover(1, OWNER)
    expect(outcome.answer).toEqual({ kind: 'offer', address: RESERVED, leaseSeconds: 3600 })
    expect(outcome.changes).toEqual([])
  })

  it('offers different clients different addresses, and the same client the same again', () => {
    expect(offered(discover(1))).toBe(POOL_FIRST)
    expect(offered(discover(2))).toBe(POOL_SECOND)
    expect(offered(discover(1))).toBe(POOL_FIRST)
  })

  it('gives the address a client asks for when it is free', () => {
    expect(offered(discover(1, ANYBODY, { requestedAddress: POOL_THIRD }))).toBe(POOL_THIRD)
    expect(offered(discover(2, ANYBODY, { requestedAddress: POOL_THIRD }))).toBe(POOL_FIRST)
    expect(offered(discover(3, ANYBODY, { requestedAddress: RESERVED }))).toBe(POOL_SECOND)
  })

  it('brings a client back to its address after the lease, while others are free', () => {
    obtain(1)
    nowMs += 3_600_001
    expect(offered(discover(2))).toBe(POOL_SECOND)
    expect(offered(discover(1))).toBe(POOL_FIRST)
  })

  it('gives an offer nobody took to the next one', () => {
    for (const client of [1, 2, 3]) discover(client)
    expect(discover(4).answer.kind).toBe('silent')
    nowMs += OFFER_SECONDS * 1000
    expect(offered(discover(4))).toBe(POOL_FIRST)
  })

  it('says once that the pool is dry, and once that it no longer is', () => {
    for (const client of [1, 2, 3]) obtain(client)
    expect(discover(4).notices).toEqual([
      { kind: 'pool-exhausted', pool: '10.98.0.100 to 10.98.0.102' },
    ])
    expect(discover(5).notices).toEqual([])
    const release = from(1, { messageType: 'release', serverId: US }, { ciaddr: POOL_FIRST })
    expect(step(release).notices).toEqual([
      { kind: 'pool-available', pool: '10.98.0.100 to 10.98.0.102' },
    ])
    expect(offered(discover(4))).toBe(POOL_FIRST)
  })

  it('reuses expired addresses, the one longest free first', () => {
    for (const client of [1, 2, 3]) {
      obtain(client)
      nowMs += 1000
    }
    nowMs += 3_600_000
    expect(offered(discover(4))).toBe(POOL_FIRST)
  })

  it('never leases the server, the network or the broadcast address', () => {
    for (const address of ['10.98.0.1', '10.98.0.0', '10.98.0.255', '10.97.0.5']) {
      expect(offered(discover(9, { reservation: ip(address), clientClass: 'sled' }))).toBe(
        POOL_FIRST,
      )
    }
  })

  it('moves a sled to its reservation once it has one', () => {
    expect(obtain(1)).toBe(POOL_FIRST)
    expect(renew(1, POOL_FIRST, OWNER).answer.kind).toBe('nak')
    const moved = discover(1, OWNER)
    expect(offered(moved)).toBe(RESERVED)
    expect(moved.changes).toEqual([{ kind: 'forget', address: POOL_FIRST }])
  })

  it('serves a sled from the pool while another holds its reservation, and says so', () => {
    obtain(1, OWNER)
    const outcome = discover(2, OWNER)
    expect(offered(outcome)).toBe(POOL_FIRST)
    expect(outcome.notices).toEqual([
      { kind: 'reservation-taken', address: RESERVED, holder: 'hw:1:020000000001' },
    ])
  })
})

describe('REQUEST', () => {
  it('selecting: saves the lease before it acknowledges', () => {
    discover(1)
    const outcome = select(1, POOL_FIRST)
    expect(outcome.answer).toEqual({ kind: 'ack', address: POOL_FIRST, leaseSeconds: 3600 })
    expect(outcome.changes).toMatchObject([
      {
        kind: 'save',
        lease: { address: POOL_FIRST, state: 'bound', expiresAtMs: nowMs + 3_600_000 },
      },
    ])
  })

  it('selecting: gives way to another server, frees its offer, and tells of the other', () => {
    for (const client of [1, 2, 3]) discover(client)
    const outcome = select(1, ip('10.98.0.77'), ANYBODY, ip('10.98.0.2'))
    expect(outcome.answer.kind).toBe('silent')
    expect(outcome.notices).toEqual([{ kind: 'foreign-server', server: '10.98.0.2' }])
    expect(offered(discover(4))).toBe(POOL_FIRST)
  })

  it('selecting: refuses what was offered to somebody else', () => {
    discover(1)
    discover(2)
    expect(select(2, POOL_FIRST).answer).toMatchObject({ kind: 'nak' })
  })

  it('selecting: is kept even when we were restarted between OFFER and REQUEST', () => {
    expect(select(1, POOL_SECOND).answer.kind).toBe('ack')
  })

  it('init-reboot: confirms its own address and refuses a wrong one', () => {
    obtain(1)
    expect(reboot(1, POOL_FIRST).answer.kind).toBe('ack')
    expect(reboot(1, POOL_SECOND).answer.kind).toBe('nak')
    expect(reboot(1, ip('192.168.1.5')).answer).toMatchObject({
      kind: 'nak',
      reason: '192.168.1.5 is not of this network',
    })
  })

  it('renewing: extends the lease', () => {
    obtain(1)
    nowMs += 1_800_000
    const outcome = renew(1, POOL_FIRST)
    expect(outcome.answer.kind).toBe('ack')
    expect(outcome.changes).toMatchObject([{ lease: { expiresAtMs: nowMs + 3_600_000 } }])
    nowMs += 3_599_000
    expect(machine.table.ofClient('hw:1:020000000001')?.address).toBe(POOL_FIRST)
  })

  it('renewing: takes up a running client whose record was lost', () => {
    expect(renew(1, POOL_SECOND).answer.kind).toBe('ack')
    expect(renew(2, POOL_SECOND).answer.kind).toBe('nak')
  })

  it('says NAK to strangers only when it is the authority', () => {
    machine = createLeaseMachine(new LeaseTable({ ...NETWORK, authoritative: false }))
    expect(reboot(1, ip('192.168.1.5')).answer.kind).toBe('silent')
    expect(renew(1, ip('192.168.1.5')).answer.kind).toBe('silent')
    expect(select(1, ip('192.168.1.5')).answer.kind).toBe('nak')
  })

  it('keeps reserved addresses from everybody else', () => {
    expect(reboot(1, RESERVED).answer.kind).toBe('nak')
    expect(reboot(2, RESERVED, OWNER).answer.kind).toBe('ack')
  })

  it('is silent when it names no address', () => {
    expect(step(from(1, { messageType: 'request' })).answer.kind).toBe('silent')
  })
})

describe('DECLINE, RELEASE, INFORM', () => {
  const decline = (client: number, requestedAddress: Ipv4, serverId = US): LeaseOutcome =>
    step(from(client, { messageType: 'decline', requestedAddress, serverId }))

  it('rests a declined address, also on disk, and says so', () => {
    obtain(1)
    const outcome = decline(1, POOL_FIRST)
    expect(outcome.answer.kind).toBe('silent')
    expect(outcome.changes).toMatchObject([{ kind: 'save', lease: { state: 'declined' } }])
    expect(outcome.notices).toMatchObject([{ kind: 'address-declined', address: POOL_FIRST }])
    expect(offered(discover(1))).toBe(POOL_SECOND)
    expect(reboot(2, POOL_FIRST).answer.kind).toBe('nak')
    nowMs += DECLINED_SECONDS * 1000
    expect(discover(1).changes).toEqual([{ kind: 'forget', address: POOL_FIRST }])
    expect(offered(discover(3, ANYBODY, { requestedAddress: POOL_FIRST }))).toBe(POOL_FIRST)
  })

  it('serves the owner of a declined reservation from the pool', () => {
    obtain(1, OWNER)
    decline(1, RESERVED)
    expect(offered(discover(1, OWNER))).toBe(POOL_FIRST)
  })

  it('ignores a DECLINE of what the client does not hold, or for another server', () => {
    obtain(1)
    for (const outcome of [decline(2, POOL_FIRST), decline(1, POOL_FIRST, ip('10.98.0.2'))]) {
      expect(outcome.changes).toEqual([])
    }
    expect(machine.table.at(POOL_FIRST)?.state).toBe('bound')
  })

  it('ends a lease that is released by its holder alone', () => {
    obtain(1)
    const release = (client: number) =>
      step(from(client, { messageType: 'release', serverId: US }, { ciaddr: POOL_FIRST }))
    expect(release(2).changes).toEqual([])
    const other = { ciaddr: POOL_SECOND }
    expect(step(from(1, { messageType: 'release', serverId: US }, other)).changes).toEqual([])
    expect(release(1).changes).toEqual([{ kind: 'forget', address: POOL_FIRST }])
    expect(machine.table.at(POOL_FIRST)).toBeUndefined()
  })

  it('answers INFORM without giving a lease', () => {
    const outcome = step(from(1, { messageType: 'inform' }, { ciaddr: ip('10.98.0.50') }))
    expect(outcome).toEqual({ answer: { kind: 'inform' }, changes: [], notices: [] })
  })
})

describe('who is served', () => {
  it('answers clients of its own subnet, by giaddr and by link selection', () => {
    const at = (giaddr: string, relayAgent?: Uint8Array): string =>
      step(from(1, { messageType: 'discover', relayAgent }, { giaddr: ip(giaddr) })).answer.kind
    expect(at('10.98.0.254')).toBe('offer')
    expect(at('10.99.0.254')).toBe('silent')
    expect(at('10.99.0.254', Uint8Array.of(5, 4, 10, 98, 0, 0))).toBe('offer')
    expect(at('10.98.0.254', Uint8Array.of(5, 4, 10, 99, 0, 0))).toBe('silent')
  })

  it('takes a sled for one, whatever client identifiers its stages send', () => {
    const clientId = (n: number): DhcpOptions => ({ clientId: Uint8Array.of(0, n) })
    expect(offered(discover(1, ANYBODY, clientId(1)))).toBe(POOL_FIRST)
    expect(offered(discover(1, ANYBODY, clientId(2)))).toBe(POOL_FIRST)
  })

  it('gives no address to other hardware than Ethernet, and says so', () => {
    const clientId = Uint8Array.of(1, 2)
    const infiniband = { chaddr: new Uint8Array(), hardwareType: 32 }
    expect(step(from(1, { messageType: 'discover', clientId }, infiniband)).answer).toEqual({
      kind: 'silent',
      reason: 'hardware type 32; only Ethernet is served',
    })
  })

  it('knows a client without hardware address by its identifier', () => {
    const none = { chaddr: new Uint8Array() }
    const clientId = Uint8Array.of(1, 2)
    expect(step(from(1, { messageType: 'discover' }, none)).answer.kind).toBe('silent')
    expect(step(from(1, { messageType: 'discover', clientId }, none)).answer.kind).toBe('offer')
  })

  it('is silent to BOOTP, to replies, and to what only servers send', () => {
    expect(step(from(1, {})).answer.kind).toBe('silent')
    expect(step(from(1, { messageType: 'offer' })).answer.kind).toBe('silent')
    expect(step(from(1, { messageType: 'discover' }, { op: 'reply' })).answer.kind).toBe('silent')
  })
})
