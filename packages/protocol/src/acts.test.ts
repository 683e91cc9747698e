import { generateKeyPairSync } from 'node:crypto'
import { SiteName, SledName } from '@brickyard/model/names'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { openAct, signAct, type ActPayload } from './acts.ts'

const hub = generateKeyPairSync('ed25519')
const other = generateKeyPairSync('ed25519')
const site = SiteName.parse('edge-1')
const sled = SledName.parse('sled-01')
if (!site.ok || !sled.ok) throw new Error('these are names')

const payload: ActPayload = {
  id: 'act-1',
  site: site.value,
  sequence: 1,
  notBeforeMs: 1000,
  expiresMs: 2000,
  by: 'operator',
  sled: sled.value,
  act: { kind: 'power', verb: 'cycle' },
}
const signed = signAct(payload, hub.privateKey)

describe('an act', () => {
  it('opens at its site, in its time', () => {
    expect(openAct(signed, hub.publicKey, 'edge-1', 1000)).toEqual({ ok: true, value: payload })
    expect(openAct(signed, hub.publicKey, 'edge-1', 1999).ok).toBe(true)
  })

  it.each([
    ['before its time', 'edge-1', 999, 'not yet valid'],
    ['after its time', 'edge-1', 2000, 'expired'],
    ['at another site', 'edge-2', 1500, "site 'edge-1'"],
  ])('does not open %s', (_, where, nowMs, why) => {
    const opened = openAct(signed, hub.publicKey, where, nowMs)
    expect(opened.ok ? '' : opened.error).toContain(why)
  })

  it('does not open with another key', () => {
    expect(openAct(signed, other.publicKey, 'edge-1', 1500).ok).toBe(false)
  })

  it('does not open when any one of its bytes was changed', () => {
    const bytes = Buffer.from(signed.payload, 'base64')
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const bent = Buffer.from(bytes)
        bent[at] = (bent[at] ?? 0) ^ flip
        const act = { payload: bent.toString('base64'), signature: signed.signature }
        expect(openAct(act, hub.publicKey, 'edge-1', 1500).ok).toBe(false)
      }),
    )
  })

  it('never throws over nonsense, signed or not', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (text, signature) => {
        openAct({ payload: text, signature }, hub.publicKey, 'edge-1', 0)
        const nonsense = signAct(JSON.parse(JSON.stringify(text)) as ActPayload, hub.privateKey)
        expect(openAct(nonsense, hub.publicKey, 'edge-1', 1500).ok).toBe(false)
      }),
    )
  })
})
