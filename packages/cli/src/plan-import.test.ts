import type { RackDocument } from '@brickyard/model/rack'
import { describe, expect, it } from 'vitest'
import { rackOf } from '../../../test/console/fixtures/fleet.ts'
import { parseCsv } from './csv.ts'
import { planImport, type ImportPlan } from './plan-import.ts'

const RACK = rackOf('tower-17', 17) as RackDocument
const SECRET = 'tag 4711!'

function plan(text: string, rack = RACK) {
  const records = parseCsv(text)
  if (!records.ok) throw new Error(records.error.message)
  return planImport(records.value, rack)
}
function good(text: string, rack = RACK): ImportPlan {
  const planned = plan(text, rack)
  if (!planned.ok) throw new Error(JSON.stringify(planned.error))
  return planned.value
}
const wrong = (text: string): unknown => {
  const planned = plan(text)
  return planned.ok ? 'nothing' : planned.error.map((p) => `${p.line} ${p.field} ${p.value}`)
}

describe('a list of sleds', () => {
  it('finds a sled by name, by place or by serial, and says what changes', () => {
    const first = good('name,serial,bmc_mac\nsled-02,BW2,02:00:00:00:00:02\n')
    expect(first.sleds[0]).toMatchObject({ line: 2, changed: ['serial', 'bmc'] })
    const { rack } = good('slot,serial\n3,BW3\ncage-a/2,BW2\n')
    expect(rack.sleds.slice(1, 3).map(({ serial }) => serial)).toEqual(['BW2', 'BW3'])
    const bySerial = good(`serial,password\nBW3,"${SECRET}"\n`, rack)
    expect(bySerial.sleds[0]).toMatchObject({
      sled: { name: 'sled-03' },
      changed: [],
      login: { user: 'brickyard', password: SECRET },
    })
  })

  it('read again changes nothing', () => {
    const text = 'name,serial,bmc_mac,user,password\nsled-02,BW2,02:00:00:00:00:02,ADMIN,x\n'
    const again = good(text, good(text).rack)
    expect(again.sleds[0]?.changed).toEqual([])
  })

  it('declares a sled that the rack does not have, when it says enough of it', () => {
    const text =
      'name,slot,macs,bmc_address,user,password,adopted,firmware\n' +
      'sled-30,cage-a/24,02:00:00:00:00:30 02:00:00:00:00:31,10.117.0.130,ADMIN,x,yes,bios\n'
    const smaller = { ...RACK, sleds: RACK.sleds.slice(0, -1) }
    const { rack, sleds } = good(text, smaller)
    expect(rack.sleds).toHaveLength(RACK.sleds.length)
    expect(sleds[0]).toMatchObject({ changed: undefined, login: { user: 'ADMIN' } })
    expect(rack.sleds.at(-1)).toMatchObject({
      name: 'sled-30',
      adopted: true,
      firmwareMode: 'bios',
      architecture: 'x86_64',
      macs: ['02:00:00:00:00:30', '02:00:00:00:00:31'],
      bmc: { protocol: 'ipmi', port: 623, user: 'ADMIN' },
    })
    expect(wrong('name,slot\nsled-30,cage-a/24\n')).toEqual(["2 macs 'missing'"])
    expect(wrong('serial\nBW99\n')).toEqual(["2 name 'missing'"])
  })

  it('is refused as a whole, every problem by line and field, no password shown', () => {
    const text =
      'name,slot,bmc_mac,user,password,protocol\n' +
      'sled-01,cage-a/1,zz,,,\n' +
      `sled-02,cage-b/2,,ADMIN,${'p'.repeat(21)},\n` +
      'sled-03,,,far-too-long-a-name,x,ipmi\n' +
      'sled-03,,,,,\n' +
      'sled-04,,02:00:00:00:00:09,,,\n' +
      'sled-05,,02:00:00:00:00:09,,,telnet\n'
    const planned = plan(text)
    expect(planned.ok ? [] : planned.error.map((p) => `${p.line} ${p.field}`).sort()).toEqual([
      '2 bmc_mac',
      '3 slot',
      '4 user',
      '5 bmc_address',
      '5 macs',
      '5 name',
      '5 slot',
      '7 protocol',
    ])
    const long = wrong(`name,password\nsled-02,${'p'.repeat(21)}\n`)
    expect(long).toEqual(["2 password '(not shown)'"])
    expect(JSON.stringify(planned)).not.toContain('ppp')
    const keyed = good('name,password,bmc_key\nsled-02,x,the-bmc-key\n')
    expect(keyed.sleds[0]?.login).toEqual({
      user: 'brickyard',
      password: 'x',
      bmcKey: 'the-bmc-key',
    })
    expect(wrong(`name,password,bmc_key\nsled-02,x,${'k'.repeat(21)}\n`)).toEqual([
      "2 bmc_key '(not shown)'",
    ])
    expect(wrong('name,colour\nsled-01,red\n')).toEqual(["1 colour 'colour'"])
    expect(wrong('name,bmc_mac\nsled-01,02:00:00:00:00:09\nsled-02,02:00:00:00:00:09\n')).toEqual([
      "3 bmc_mac '02:00:00:00:00:09'",
    ])
  })
})
