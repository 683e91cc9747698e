import { describe, expect, it } from 'vitest'
import { indexReservations } from './reservations.ts'
import { ip, requestOf } from './test-packets.ts'

const of = indexReservations([
  { address: ip('10.1.0.1'), mac: '02:00:00:00:00:01' },
  { address: ip('10.1.0.2'), clientId: 'ff00ab' },
  { address: ip('10.1.0.3'), circuitId: '0107' },
  { address: ip('10.1.0.4'), circuitId: '0107', remoteId: 'aa' },
])
const clientId = Uint8Array.of(0xff, 0, 0xab)
/** Port 0107 of a switch. */
const port = (remote: number): Uint8Array => Uint8Array.of(1, 2, 1, 7, 2, 1, remote)

describe('an address is kept', () => {
  it('for a MAC, before a client id, before a port of a switch, before a port of any', () => {
    expect(of(requestOf(1, { clientId, relayAgent: port(0xaa) }))).toBe('10.1.0.1')
    expect(of(requestOf(9, { clientId, relayAgent: port(0xaa) }))).toBe('10.1.0.2')
    expect(of(requestOf(9, { relayAgent: port(0xaa) }))).toBe('10.1.0.4')
    expect(of(requestOf(9, { relayAgent: port(0xbb) }))).toBe('10.1.0.3')
  })

  it('for nobody else, however little they say', () => {
    expect(of(requestOf(9, {}))).toBeUndefined()
    expect(of(requestOf(9, { relayAgent: Uint8Array.of(2, 1, 0xaa) }))).toBeUndefined()
    expect(of(requestOf(9, { relayAgent: Uint8Array.of(1, 9, 7) }))).toBeUndefined()
    expect(of(requestOf(9, {}, { chaddr: new Uint8Array() }))).toBeUndefined()
    expect(indexReservations([])(requestOf(1, {}))).toBeUndefined()
  })
})
