import { describe, expect, it } from 'vitest'
import { type Binding, createLeaseMachine, stepInUse, stepLease } from './lease-machine.ts'
import { DECLINED_SECONDS, type LeaseNetwork, LeaseTable } from './lease-table.ts'
import { ip, requestOf } from './test-packets.ts'

const US = ip('10.98.0.1')
const NETWORK: LeaseNetwork = {
  subnet: { network: ip('10.98.0.0'), prefixLength: 24 },
  serverAddress: US,
  pool: { first: ip('10.98.0.100'), last: ip('10.98.0.115') },
  pools: {
    bmc: { first: ip('10.98.0.20'), last: ip('10.98.0.21') },
    unknown: { first: ip('10.98.0.200'), last: ip('10.98.0.201') },
  },
  leaseSeconds: 3600,
  dns: [],
  authoritative: true,
  reserved: new Set(),
}
const as = (clientClass: Binding['clientClass']): Binding => ({
  reservation: undefined,
  clientClass,
})
const WEEK = 7 * 24 * 3600

function serving(network = NETWORK) {
  const machine = createLeaseMachine(new LeaseTable(network))
  const discover = (n: number, binding: Binding, nowMs = 0) =>
    stepLease(machine, requestOf(n, { messageType: 'discover' }), binding, nowMs)
  const request = (n: number, address: string, binding: Binding, nowMs = 0) =>
    stepLease(
      machine,
      requestOf(n, { messageType: 'request', requestedAddress: ip(address) }),
      binding,
      nowMs,
    )
  return { machine, discover, request }
}

describe('classes of clients', () => {
  it('have pools of their own, and BMCs leases of a week', () => {
    const { discover } = serving()
    expect(discover(1, as('sled')).answer).toMatchObject({
      address: '10.98.0.100',
      leaseSeconds: 3600,
    })
    expect(discover(2, as('bmc')).answer).toMatchObject({
      address: '10.98.0.20',
      leaseSeconds: WEEK,
    })
    expect(discover(3, as('unknown')).answer).toMatchObject({ address: '10.98.0.200' })
  })

  it('run dry one by one, by name', () => {
    const { discover } = serving()
    for (const n of [1, 2]) discover(n, as('unknown'))
    expect(discover(3, as('unknown'))).toMatchObject({
      answer: { kind: 'silent', reason: 'no address is free in 10.98.0.200 to 10.98.0.201' },
      notices: [{ kind: 'pool-exhausted', pool: '10.98.0.200 to 10.98.0.201' }],
    })
    expect(discover(4, as('sled')).notices).toEqual([])
    // The offers end: there is room again.
    expect(discover(4, as('sled'), 61_000).notices).toEqual([
      { kind: 'pool-available', pool: '10.98.0.200 to 10.98.0.201' },
    ])
  })

  it('share the main pool where they have none, but for an eighth that strangers never get', () => {
    const { discover } = serving({ ...NETWORK, pools: {} })
    const given = Array.from({ length: 16 }, (_, n) => discover(n, as('unknown')).answer.kind)
    expect(given.filter((kind) => kind === 'offer')).toHaveLength(14)
    expect(discover(90, as('sled')).answer).toMatchObject({ address: '10.98.0.114' })
    expect(discover(91, as('bmc')).answer).toMatchObject({ address: '10.98.0.115' })
  })

  it('end with the next renewal when a stranger is declared: it leaves the quarantine', () => {
    const { discover, request } = serving()
    discover(3, as('unknown'))
    expect(request(3, '10.98.0.200', as('unknown')).answer.kind).toBe('ack')
    expect(request(3, '10.98.0.200', as('sled')).answer.kind).toBe('nak')
    expect(discover(3, as('sled')).answer).toMatchObject({ address: '10.98.0.100' })
  })

  it('keep the lease of a BMC when those of sleds, given later, are over', () => {
    const { request, machine } = serving()
    request(2, '10.98.0.20', as('bmc'))
    request(1, '10.98.0.100', as('sled'))
    expect(machine.table.expire(3_600_000).map(({ address }) => address)).toEqual(['10.98.0.100'])
    expect(machine.table.expire(WEEK * 1000).map(({ address }) => address)).toEqual(['10.98.0.20'])
  })
})

describe('a conflict probe', () => {
  it('is for the address that nobody had, and for strangers alone', () => {
    const { discover, request } = serving()
    expect(discover(1, as('sled')).probe).toBeUndefined()
    expect(discover(3, as('unknown')).probe).toBe('10.98.0.200')
    // It was looked at; the client asks once more, and takes it.
    expect(discover(3, as('unknown')).probe).toBeUndefined()
    expect(request(3, '10.98.0.200', as('unknown')).probe).toBeUndefined()
    // Its lease ends, and with it the doubt.
    expect(discover(4, as('unknown'), 4_000_000).probe).toBe('10.98.0.201')
    expect(discover(5, as('unknown'), 4_000_000).probe).toBeUndefined()
  })

  it('that finds somebody keeps the address back, and looks again when it has rested', () => {
    const { machine, discover } = serving()
    discover(3, as('unknown'))
    const found = stepInUse(machine, ip('10.98.0.200'), '02:99:00:00:00:01', 0)
    expect(found.notices).toEqual([
      { kind: 'address-in-use', address: '10.98.0.200', mac: '02:99:00:00:00:01' },
    ])
    expect(found.changes).toMatchObject([{ kind: 'save', lease: { state: 'declined' } }])
    expect(discover(3, as('unknown')).answer).toMatchObject({ address: '10.98.0.201' })
    const later = DECLINED_SECONDS * 1000
    expect(discover(4, as('unknown'), later - 1).answer).toMatchObject({ address: '10.98.0.201' })
    expect(discover(5, as('unknown'), later).probe).toBe('10.98.0.200')
  })
})
