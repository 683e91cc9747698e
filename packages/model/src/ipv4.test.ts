import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Ipv4, Subnet } from './ipv4.ts'

describe('Ipv4', () => {
  it('round-trips through numbers and bytes', () => {
    fc.assert(
      fc.property(fc.nat(0xffffffff), (n) => {
        const address = Ipv4.fromNumber(n)
        expect(Ipv4.toNumber(address)).toBe(n)
        expect(Ipv4.fromBytes(Ipv4.toBytes(address))).toBe(address)
        expect(Ipv4.parse(address)).toEqual({ ok: true, value: address })
      }),
    )
  })

  it.each(['', '1.2.3', '1.2.3.4.5', '256.0.0.1', '01.2.3.4', 'a.b.c.d', '1.2.3.4 '])(
    'refuses %j',
    (text) => {
      expect(Ipv4.parse(text)).toMatchObject({ ok: false })
    },
  )
})

describe('Subnet', () => {
  it('knows its mask, ends and members', () => {
    const subnet = Subnet.parse('10.1.2.0/23')
    if (!subnet.ok) throw new Error(subnet.error)
    expect(Subnet.mask(subnet.value)).toBe('255.255.254.0')
    expect(Subnet.broadcast(subnet.value)).toBe('10.1.3.255')
    expect(Subnet.contains(subnet.value, '10.1.3.7' as Ipv4)).toBe(true)
    expect(Subnet.contains(subnet.value, '10.1.4.0' as Ipv4)).toBe(false)
  })

  it('takes the whole internet and a single host', () => {
    expect(Subnet.parse('0.0.0.0/0')).toMatchObject({ ok: true })
    expect(Subnet.parse('10.1.2.3/32')).toMatchObject({ ok: true })
  })

  it('names the right network when bits are set below the prefix', () => {
    expect(Subnet.parse('10.1.2.3/24')).toEqual({
      ok: false,
      error: "'10.1.2.3/24' has bits set below the prefix; the network is 10.1.2.0/24",
    })
  })
})
