import type { Ipv4 } from '@brickyard/model/ipv4'
import type { Mac } from '@brickyard/model/mac'
import type { SiteName } from '@brickyard/model/names'
import type { AddressReservation, RackDocument } from '@brickyard/model/rack'
import { describe, expect, it } from 'vitest'
import { reserveByPlace } from './reserve-by-place.ts'

const ip = (text: string): Ipv4 => text as Ipv4
const rackWith = (reservations: readonly AddressReservation[]): RackDocument => ({
  site: 'edge-1' as SiteName,
  networks: [
    {
      name: 'prov',
      role: 'provisioning',
      mode: 'authoritative',
      subnet: '10.1.0.0/24',
      agentAddress: ip('10.1.0.1'),
      interface: 'eth1',
      pool: { first: ip('10.1.0.100'), last: ip('10.1.0.199') },
      leaseSeconds: 600,
      dns: [],
      reservations,
    },
  ],
  cages: [],
  sleds: [],
  ports: [
    { circuitId: '0107', remoteId: 'aa', place: 'cage-a/slot-7' },
    { circuitId: '0207', remoteId: 'bb', place: 'cage-a/slot-7' },
    { circuitId: '0108', place: 'unit-21' },
  ],
})
const resolved = (...reservations: AddressReservation[]) =>
  reserveByPlace(rackWith(reservations)).networks[0]?.reservations

describe('an address that is kept for a place', () => {
  it('is kept for each port that leads there', () => {
    const address = ip('10.1.0.7')
    expect(resolved({ address, place: 'cage-a/slot-7' })).toEqual([
      { address, circuitId: '0107', remoteId: 'aa' },
      { address, circuitId: '0207', remoteId: 'bb' },
    ])
  })

  it('is kept for the machine as well where one is named', () => {
    const [address, mac] = [ip('10.1.0.8'), '52:54:00:00:00:01' as Mac]
    expect(resolved({ address, mac, place: 'unit-21' })).toEqual([
      { address, mac },
      { address, circuitId: '0108' },
    ])
  })

  it('leaves a document as it is that keeps none', () => {
    const rack = rackWith([{ address: ip('10.1.0.9'), circuitId: '0107' }])
    expect(reserveByPlace(rack)).toBe(rack)
  })
})
