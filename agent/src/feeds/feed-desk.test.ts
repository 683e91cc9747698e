import { Ipv4 } from '@brickyard/model/ipv4'
import type { SledName } from '@brickyard/model/names'
import type { RackDocument } from '@brickyard/model/rack'
import { parseRackDocument } from '@brickyard/protocol/rack-document'
import { virtualClock } from '@brickyard/sim/virtual-clock'
import { virtualPdus } from '@brickyard/sim/virtual-pdu'
import { ok } from '@brickyard/std/result'
import { Hours, Minutes, Seconds } from '@brickyard/std/units'
import { describe, expect, it } from 'vitest'
import { createFeedDesk, FEED_OFF_MS } from './feed-desk.ts'

const SLED = 'sled-01' as SledName

const document = (feeds: readonly object[]) => ({
  site: 'boston',
  networks: [
    {
      name: 'management',
      role: 'management',
      subnet: '10.0.9.0/24',
      agentAddress: '10.0.9.1',
      interface: 'eth1',
      pool: { first: '10.0.9.100', last: '10.0.9.200' },
    },
  ],
  sleds: ['sled-01', 'sled-02'].map((name, n) => ({
    name,
    position: { kind: 'rack-unit', unit: n + 1 },
    architecture: 'x86_64',
    firmwareMode: 'uefi',
    macs: [`02:00:00:00:00:0${n}`],
    ...(n === 0 ? { feeds } : {}),
  })),
  pdus: [
    { name: 'pdu-a', kind: 'apc-rpdu2', address: '10.0.9.60' },
    {
      name: 'pdu-b',
      kind: 'raritan-pdu2',
      address: '10.0.9.61',
      login: { version: 'v3', user: 'keeper', privacy: 'aes' },
    },
  ],
})
const BOTH = [
  { pdu: 'pdu-a', outlet: '7' },
  { pdu: 'pdu-b', outlet: '3' },
]

function rig(
  first: { readonly secret: string; readonly speaksV1?: boolean } = { secret: 'community' },
) {
  const clock = virtualClock()
  const { snmp, add } = virtualPdus(clock)
  const a = add({ kind: 'apc-rpdu2', address: '10.0.9.60', outlets: ['7'], ...first })
  const b = add({
    kind: 'raritan-pdu2',
    address: '10.0.9.61',
    outlets: ['3'],
    secret: 'passphrase',
  })
  const parsed = parseRackDocument(document(BOTH))
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.error))
  const rack: RackDocument = parsed.value
  const troubles = new Map<string, string | undefined>()
  const held = { untouchable: undefined as string | undefined }
  const desk = createFeedDesk({
    snmp,
    clock,
    rack: () => rack,
    secretOf: (pdu) => ok(pdu === 'pdu-a' ? first.secret : 'passphrase'),
    untouchable: () => held.untouchable,
    trouble: (pdu, reason) => void troubles.set(pdu, reason),
    exposed: (pdu, found) => void troubles.set(`${pdu} exposed`, found),
  })
  async function settled<T>(promise: Promise<T>): Promise<T> {
    let done: { readonly value: T } | undefined
    void promise.then((value) => (done = { value }))
    await clock.runUntil(() => done !== undefined, Minutes(30))
    if (done === undefined) throw new Error('not settled')
    return done.value
  }
  return { clock, a, b, desk, troubles, held, settled }
}

describe('the feeds of a sled', () => {
  it('go off together, stay off for a while, and come on together', async () => {
    const w = rig()
    expect(await w.settled(w.desk.read(SLED))).toEqual(ok('on'))
    const beganMs = w.clock.monotonicMs()
    expect(await w.settled(w.desk.set(SLED, 'cycle'))).toEqual(ok('on'))
    expect(w.clock.monotonicMs() - beganMs).toBeGreaterThanOrEqual(FEED_OFF_MS)
    expect(w.a.commands).toEqual(['7 off', '7 on'])
    expect(w.b.commands).toEqual(['1.3 off', '1.3 on'])
    expect(await w.settled(w.desk.set(SLED, 'off'))).toEqual(ok('off'))
    expect(await w.settled(w.desk.read(SLED))).toEqual(ok('off'))
  })

  it('one of which stays on are no success: it is tried to the end and named', async () => {
    const w = rig()
    w.a.faults.ignoresCommands = true
    expect(await w.settled(w.desk.set(SLED, 'off'))).toEqual({
      ok: false,
      error: 'PDU pdu-a: outlet 7 was switched off, and reads on',
    })
    expect(w.b.gives('3')).toBe(false)
    expect(await w.settled(w.desk.read(SLED))).toEqual(ok('on'))
  })

  it('make a trouble of a PDU whose login may only read, until it is well again', async () => {
    const w = rig()
    w.b.faults.readOnly = 'denied'
    await w.settled(w.desk.set(SLED, 'off'))
    expect(w.troubles.get('pdu-b')).toContain('may read outlet 3 and not switch it')
    w.b.faults.readOnly = 'no'
    await w.settled(w.desk.set(SLED, 'off'))
    expect(w.troubles.get('pdu-b')).toBeUndefined()
  })

  it('are not touched where the sled is not ours to touch', async () => {
    const w = rig()
    w.held.untouchable = 'sled-01 is adopted'
    expect(await w.settled(w.desk.set(SLED, 'cycle'))).toEqual({
      ok: false,
      error: 'sled-01 is adopted: nothing is changed on it',
    })
    expect(await w.settled(w.desk.revive(SLED))).toBeUndefined()
    expect(w.a.commands).toEqual([])
  })

  it('are cycled unasked once an hour at most, and never where there are none', async () => {
    const w = rig()
    expect(await w.settled(w.desk.revive(SLED))).toEqual(ok('on'))
    expect(await w.settled(w.desk.revive(SLED))).toBeUndefined()
    await w.clock.runUntil(() => false, Hours(1) + Seconds(1))
    expect(await w.settled(w.desk.revive(SLED))).toEqual(ok('on'))
    expect(await w.settled(w.desk.revive('sled-02' as SledName))).toBeUndefined()
  })
})

describe('a look at the PDUs', () => {
  it('finds one that is dead and one that is open to everybody, before they are needed', async () => {
    const w = rig({ secret: 'public', speaksV1: true })
    w.b.faults.silent = true
    await w.settled(w.desk.look())
    expect(w.troubles.get('pdu-b')).toContain('timed out')
    expect(w.troubles.get('pdu-a exposed')).toBe(
      "it answers SNMPv1; its community is the shipped one, 'public'",
    )
    w.b.faults.silent = false
    await w.settled(w.desk.look())
    expect(w.troubles.get('pdu-b')).toBeUndefined()
    expect(w.troubles.get('pdu-b exposed')).toBeUndefined()
  })
})

describe('a rack document', () => {
  it('names the outlets of a sled, with port and login as they usually are', () => {
    const parsed = parseRackDocument(document(BOTH))
    const address = Ipv4.parse('10.0.9.60')
    expect(parsed).toMatchObject({
      ok: true,
      value: {
        pdus: [
          { port: 161, login: { version: 'v2c' }, address: address.ok ? address.value : undefined },
          { login: { version: 'v3', auth: 'sha256' } },
        ],
      },
    })
  })

  it('is refused where a PDU is unknown, or an outlet feeds two', () => {
    const unknown = parseRackDocument(document([{ pdu: 'pdu-x', outlet: '7' }]))
    expect(unknown).toMatchObject({ ok: false, error: [{ field: 'sleds[0].feeds[0].pdu' }] })
    const twice = parseRackDocument(document([BOTH[0] ?? {}, BOTH[0] ?? {}]))
    expect(twice).toMatchObject({ ok: false, error: [{ field: 'sleds[0].feeds[1].outlet' }] })
  })
})
