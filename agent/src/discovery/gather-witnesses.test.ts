import { Ipv4 } from '@brickyard/model/ipv4'
import { Mac } from '@brickyard/model/mac'
import type { SledName } from '@brickyard/model/names'
import type { SledDeclaration } from '@brickyard/model/rack'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  BMC_WITNESS_MS,
  gradeSleds,
  type BmcSighting,
  type DhcpSighting,
} from './gather-witnesses.ts'

const mac = (last: number): Mac => {
  const parsed = Mac.parse(`52:54:00:00:00:${last.toString(16).padStart(2, '0')}`)
  if (!parsed.ok) throw new Error(parsed.error)
  return parsed.value
}
const sled = (n: number, serial?: string): SledDeclaration => ({
  name: `sled-0${n}` as SledName,
  position: { kind: 'slot', cage: 'a', slot: n, form: 'half-width' },
  architecture: 'x86_64',
  firmwareMode: 'uefi',
  serial,
  macs: [mac(n)],
  bmc: {
    protocol: 'ipmi',
    address: Ipv4.ANY,
    port: 623,
    mac: mac(0x80 + n),
    user: 'admin',
    cipherSuite: 17,
  },
  labels: {},
})
const sleds = [sled(1, 'SER-1'), sled(2, 'SER-2'), sled(3)]
const dhcp = (n: number, expiresAtMs = 1000): DhcpSighting => ({
  mac: mac(n),
  network: 'prov',
  address: '10.1.0.7' as Ipv4,
  atMs: 0,
  expiresAtMs,
})
const bmc = (n: number, serial: string | undefined): BmcSighting => ({
  asked: `sled-0${n}` as SledName,
  serial,
  atMs: 0,
})
const grades = (seen: { dhcp?: DhcpSighting[]; bmcs?: BmcSighting[] }, nowMs = 0) =>
  [...gradeSleds(sleds, { dhcp: [], bmcs: [], ...seen }, nowMs).values()].map(({ grade }) => grade)

describe('what the site has seen', () => {
  it('leaves a sled declared while there is nothing else', () => {
    expect(grades({})).toEqual(['declared', 'declared', 'declared'])
  })

  it('makes it probable by its NIC, by its BMC’s NIC or by its serial', () => {
    expect(grades({ dhcp: [dhcp(1)] })).toEqual(['probable', 'declared', 'declared'])
    expect(grades({ dhcp: [dhcp(0x82)] })).toEqual(['declared', 'probable', 'declared'])
    expect(grades({ bmcs: [bmc(1, 'ser-1'), bmc(3, 'ANY')] })).toEqual([
      'probable',
      'declared',
      'probable',
    ])
  })

  it('shows two sleds that were swapped as conflicting', () => {
    expect(grades({ bmcs: [bmc(1, 'SER-2'), bmc(2, 'SER-1')] })).toEqual([
      'conflicting',
      'conflicting',
      'declared',
    ])
  })

  it('shows a stranger in a slot as conflicting, with what was seen', () => {
    const graded = gradeSleds(sleds, { dhcp: [], bmcs: [bmc(1, 'NEW-9')] }, 0)
    expect(graded.get('sled-01' as SledName)).toMatchObject({
      grade: 'conflicting',
      reason:
        'bmc-identity saw a stranger at a/slot-1: its BMC reports serial NEW-9; SER-1 is declared',
    })
  })

  it('does not trust a placeholder, nor the MAC of nobody', () => {
    expect(grades({ bmcs: [bmc(1, '0123456789'), bmc(2, undefined)], dhcp: [dhcp(0x40)] })).toEqual(
      ['declared', 'declared', 'declared'],
    )
  })

  it('forgets what is too old', () => {
    expect(grades({ dhcp: [dhcp(1, 1000)] }, 1000)[0]).toBe('declared')
    expect(grades({ bmcs: [bmc(1, 'SER-1')] }, BMC_WITNESS_MS - 1)[0]).toBe('probable')
    expect(grades({ bmcs: [bmc(1, 'SER-1')] }, BMC_WITNESS_MS)[0]).toBe('declared')
  })

  it('never confirms a slot: no switch and no power shelf bears witness yet', () => {
    const dhcpSightings = fc.array(fc.integer({ min: 1, max: 3 }).map((n) => dhcp(n)))
    const bmcSightings = fc.array(
      fc
        .tuple(fc.integer({ min: 1, max: 3 }), fc.constantFrom('SER-1', 'SER-2', 'X', undefined))
        .map(([n, serial]) => bmc(n, serial)),
    )
    fc.assert(
      fc.property(dhcpSightings, bmcSightings, (dhcp, bmcs) => {
        expect(grades({ dhcp, bmcs })).not.toContain('confirmed')
      }),
    )
  })
})
