import { toHex } from '@brickyard/std/hex'
import { describe, expect, it } from 'vitest'
import { forward, type Fabric, type MacTable, type SwitchPort } from './forwarding.ts'
import type { PortRole } from './lag-machine.ts'

const ALL = 'ffffffffffff'
const ONE = '525400980001'
const TWO = '525400980002'
const TRUNK = { native: 98, tagged: [120], lag: 'lag' }
const PORTS: SwitchPort[] = [
  { name: 'a', ...TRUNK },
  { name: 'b', ...TRUNK },
  { name: 'prov', native: 98, tagged: [] },
  { name: 'tenant', native: 120, tagged: [] },
]
const BUNDLED: ReadonlyMap<string, PortRole> = new Map([
  ['a', 'bundled'],
  ['b', 'bundled'],
])

const frame = (to: string, from: string, rest: string): Uint8Array =>
  new Uint8Array(Buffer.from(`${to}${from}${rest}`, 'hex'))
/** ARP, without a tag and with one: TPID 0x8100, VLAN 120 = 0x078, priority 3. */
const UNTAGGED = '08060001'
const TAGGED_120 = '8100607808060001'
const PUSHED_120 = '8100007808060001'

interface Around {
  readonly table?: MacTable
  readonly roles?: ReadonlyMap<string, PortRole>
  readonly nowMs?: number
}

function take(port: string, bytes: Uint8Array, around: Around = {}) {
  const { table = new Map(), roles = BUNDLED, nowMs = 0 } = around
  const fabric: Fabric = { ports: PORTS, table }
  const { out, ...more } = forward(fabric, { port, bytes }, roles, nowMs)
  return { ...more, out: out.map((one) => `${one.port} ${toHex(one.bytes).slice(24)}`) }
}

describe('a switch', () => {
  it('passes a frame without a tag on in the native VLAN of its port', () => {
    expect(take('prov', frame(ALL, ONE, UNTAGGED)).out).toEqual([`a ${UNTAGGED}`])
    expect(take('a', frame(ALL, ONE, UNTAGGED)).out).toEqual([`prov ${UNTAGGED}`])
  })

  it('takes the tag off for an access port, and puts one on for a trunk', () => {
    expect(take('a', frame(ALL, ONE, TAGGED_120)).out).toEqual([`tenant ${UNTAGGED}`])
    expect(take('tenant', frame(ALL, ONE, UNTAGGED)).out).toEqual([`a ${PUSHED_120}`])
  })

  it('takes a tag of VLAN 0 for none, and of a VLAN that the port lacks for a mistake', () => {
    expect(take('a', frame(ALL, ONE, `81006000${UNTAGGED}`)).out).toEqual([`prov ${UNTAGGED}`])
    const stray = take('prov', frame(ALL, ONE, TAGGED_120))
    expect(stray).toMatchObject({ out: [], dropped: 'not in that VLAN', vlan: 120 })
  })

  it('learns where an address is, per VLAN, and forgets it by and by', () => {
    const { table } = take('prov', frame(ALL, TWO, UNTAGGED))
    const back = frame(TWO, ONE, UNTAGGED)
    expect(take('a', back, { table }).out).toEqual([`prov ${UNTAGGED}`])
    const own = take('prov', frame(TWO, ONE, UNTAGGED), { table })
    expect(own).toMatchObject({ out: [], vlan: 98 })
    const other = take('tenant', frame(TWO, ONE, UNTAGGED), { table })
    expect(other.out).toEqual([`b ${PUSHED_120}`])
    const tenants = take('tenant', frame(ALL, TWO, UNTAGGED))
    expect(take('a', back, { table: tenants.table }).out).toEqual([`prov ${UNTAGGED}`])
    const late = { table, nowMs: 300_000 }
    expect(take('prov', frame(TWO, ONE, UNTAGGED), late).out).toHaveLength(1)
  })

  it('keeps a thousand addresses, whatever is thrown at it', () => {
    let table: MacTable = new Map()
    for (let n = 0; n < 1100; n++) {
      const from = `5254${n.toString(16).padStart(8, '0')}`
      ;({ table } = take('prov', frame(ALL, from, UNTAGGED), {
        table: table,
      }))
    }
    expect(table.size).toBe(1024)
  })

  it('sends one copy to a port channel, by a port that is in it now, and none back into it', () => {
    const roles = (a: PortRole, b: PortRole) => ({ roles: new Map([['a', a] as const, ['b', b]]) })
    const bytes = frame(ALL, ONE, UNTAGGED)
    expect(take('prov', bytes, roles('bundled', 'down')).out).toEqual([`a ${UNTAGGED}`])
    expect(take('prov', bytes, roles('blocked', 'fallback')).out).toEqual([`b ${UNTAGGED}`])
    expect(take('prov', bytes, roles('blocked', 'blocked')).out).toEqual([])
    expect(take('a', bytes, roles('blocked', 'blocked'))).toMatchObject({
      out: [],
      dropped: 'blocked',
    })
    expect(take('a', bytes, roles('fallback', 'blocked')).out).toEqual([`prov ${UNTAGGED}`])
  })

  it('passes nothing on that is meant for a bridge, nor what is no frame', () => {
    const lacp = take('a', frame('0180c2000002', ONE, '88090101'))
    expect(lacp).toMatchObject({ out: [], dropped: 'link-local' })
    expect(take('a', frame('525400', '', '')).dropped).toBe('malformed')
    expect(take('a', frame(ALL, ONE, '8100')).dropped).toBe('malformed')
  })
})
