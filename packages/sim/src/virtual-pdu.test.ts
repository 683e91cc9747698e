import { PDU_KINDS, type PduKind } from '@brickyard/model/pdu'
import { findPduExposure } from '@brickyard/pdu/exposure'
import { readOutlet, switchOutlet } from '@brickyard/pdu/outlet'
import { Seconds } from '@brickyard/std/units'
import { describe, expect, it } from 'vitest'
import { virtualClock } from './virtual-clock.ts'
import { virtualPdus, type VirtualPduOptions } from './virtual-pdu.ts'

const ADDRESS = '10.0.9.60'

function rig(kind: PduKind = 'apc-rpdu2', options: Partial<VirtualPduOptions> = {}) {
  const clock = virtualClock()
  const { snmp, add } = virtualPdus(clock)
  const pdu = add({ kind, address: ADDRESS, outlets: ['1', '7'], secret: 'kept-to-us', ...options })
  const access = { version: 'v2c', community: 'kept-to-us' } as const
  const target = { address: ADDRESS, port: 161, access }
  const outlet = { kind, target, outlet: '7' }
  async function settled<T>(promise: Promise<T>): Promise<T> {
    let done: { readonly value: T } | undefined
    void promise.then((value) => (done = { value }))
    await clock.runUntil(() => done !== undefined, Seconds(600))
    if (done === undefined) throw new Error('not settled after ten minutes')
    return done.value
  }
  return { clock, snmp, pdu, target, outlet, settled }
}

describe('an outlet', () => {
  it.each(PDU_KINDS)('of %s is read, switched and read back', async (kind) => {
    const w = rig(kind)
    expect(await w.settled(readOutlet(w.snmp, w.outlet))).toEqual({ ok: true, value: 'on' })
    for (const wanted of ['off', 'on'] as const) {
      const done = { ok: true, value: undefined }
      expect(await w.settled(switchOutlet(w.snmp, w.clock, w.outlet, wanted))).toEqual(done)
      expect(w.pdu.gives('7')).toBe(wanted === 'on')
      expect(w.pdu.gives('1')).toBe(true)
      expect(await w.settled(readOutlet(w.snmp, w.outlet))).toEqual({ ok: true, value: wanted })
    }
    // It is so already: nothing is written.
    await w.settled(switchOutlet(w.snmp, w.clock, w.outlet, 'on'))
    expect(w.pdu.commands).toHaveLength(2)
  })

  it('that takes its time is waited for', async () => {
    const w = rig()
    w.pdu.faults.switchMs = Seconds(12)
    expect((await w.settled(switchOutlet(w.snmp, w.clock, w.outlet, 'off'))).ok).toBe(true)
  })

  it('that takes a command and does nothing is no success', async () => {
    const w = rig()
    w.pdu.faults.ignoresCommands = true
    expect(await w.settled(switchOutlet(w.snmp, w.clock, w.outlet, 'off'))).toMatchObject({
      ok: false,
      error: { kind: 'refused', message: 'outlet 7 was switched off, and reads on' },
    })
  })

  it.each(['denied', 'silent'] as const)(
    'that we may read and not switch (%s) is told for what it is',
    async (readOnly) => {
      const w = rig()
      w.pdu.faults.readOnly = readOnly
      expect(await w.settled(switchOutlet(w.snmp, w.clock, w.outlet, 'off'))).toMatchObject({
        ok: false,
        error: { kind: 'denied', message: expect.stringContaining('may read outlet 7 and not') },
      })
    },
  )

  it('that is not there, or a PDU that is silent, is no state', async () => {
    const w = rig()
    const other = { ...w.outlet, outlet: '99' }
    expect(await w.settled(readOutlet(w.snmp, other))).toMatchObject({ error: { kind: 'refused' } })
    w.pdu.faults.silent = true
    expect(await w.settled(readOutlet(w.snmp, w.outlet))).toMatchObject({
      error: { kind: 'silent' },
    })
  })
})

describe('how a PDU lets people in', () => {
  it('is found out: SNMPv1, shipped communities, no encryption', async () => {
    const open = rig('apc-rpdu', { secret: 'private', speaksV1: true })
    const access = { version: 'v2c', community: 'private' } as const
    const found = await open.settled(findPduExposure(open.snmp, { ...open.target, access }))
    expect(found).toContain('it answers SNMPv1')
    expect(found).toContain("its community is the shipped one, 'private'")
    const w = rig()
    expect(await w.settled(findPduExposure(w.snmp, w.target))).toEqual([])
  })
})
