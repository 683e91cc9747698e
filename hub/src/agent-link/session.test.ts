import type { SiteFrame } from '@brickyard/protocol/frames'
import { describe, expect, it } from 'vitest'
import { enrol, hubRig, must, sledName } from '../../../test/scenarios/hub-rig.ts'

const started = { kind: 'site.started', body: { agentVersion: '1.0', bootId: 'b' } }

describe('a link', () => {
  it('is refused to whoever does not prove to be the site', async () => {
    const rig = await hubRig()
    const one = await rig.site('edge-1')
    const two = await rig.site('edge-2')
    await one.connect({}, two.peer)
    expect(one.last('refused')?.reason).toContain("of site 'edge-2'")
    await one.connect({}, { address: '127.0.0.1', port: 1 })
    expect(one.last('refused')?.reason).toContain('certificate')
    await one.connect({}, { ...one.peer, spkiSha256: 'f'.repeat(64) })
    expect(one.last('refused')?.reason).toContain('enrolled anew')
    await rig.stop()
  })

  it.each([
    ['no JSON', 'hello?'],
    ['another version', '{"v":2,"kind":"hello"}'],
    ['an unknown kind', '{"v":1,"kind":"shout"}'],
    ['a second hello', undefined],
    ['binary', new Uint8Array([1, 2, 3])],
  ])('ends over %s, and the next one is taken', async (_, message) => {
    const rig = await hubRig()
    const site = await rig.site('edge-1')
    if (message === undefined) {
      await site.say({
        v: 1,
        kind: 'hello',
        site: 'edge-1' as Extract<SiteFrame, { kind: 'hello' }>['site'],
        agentVersion: '1',
        epoch: 'e',
        bootId: 'b',
        lastSeq: 0,
        wantedGeneration: 0,
        wallMs: 0,
      })
    } else await site.say(message)
    expect(site.last('refused')).toBeDefined()
    expect(site.closed).toBeDefined()
    await site.connect()
    expect(site.last('welcome')).toBeDefined()
    await rig.stop()
  })

  it('that says nothing at all is closed', async () => {
    const rig = await hubRig()
    const site = await rig.site('edge-1')
    await site.connect({ site: '' as Extract<SiteFrame, { kind: 'hello' }>['site'] })
    expect(site.closed).toBeDefined()
    await rig.stop()
  })

  it('gives way to a newer one of the same site', async () => {
    const rig = await hubRig()
    const site = await rig.site('edge-1')
    const operator = await rig.signIn('operator')
    for (let i = 0; i < 20; i++) {
      // The rig forgets the older connection without closing it, as a lost path does.
      await site.connect()
      // The close of the one before must not take the newest away: what is pushed arrives.
      site.received.length = 0
      must(await operator.sleds.identify('edge-1', sledName(1), i))
      await rig.clock.advance(0)
      expect(site.last('act')).toBeDefined()
    }
    await site.tell(started)
    expect(site.last('ack')?.seq).toBe(1)
    expect(must(await operator.sites.get('edge-1')).link).toBe('connected')
    await rig.stop()
  })

  it('counts as away after 90 s without a word, and not before', async () => {
    const rig = await hubRig()
    const site = await rig.site('edge-1')
    const operator = await rig.signIn('operator')
    const link = async (): Promise<string> => must(await operator.sites.get('edge-1')).link
    await rig.clock.advance(85_000)
    expect(await link()).toBe('connected')
    await site.say({ v: 1, kind: 'alive' })
    expect(site.received.at(-1)).toEqual({ v: 1, kind: 'heard' })
    await rig.clock.advance(85_000)
    expect(await link()).toBe('connected')
    const heardMs = rig.clock.wallMs() - 85_000
    await rig.clock.advance(10_000)
    const away = must(await operator.sites.get('edge-1'))
    expect(away).toMatchObject({ link: 'away', lastSeenMs: heardMs })
    expect(site.closed?.reason).toContain('too long')
    await site.connect()
    expect(await link()).toBe('connected')
    await rig.stop()
  })

  it('renews a certificate for the same key and for no other', async () => {
    const rig = await hubRig()
    const site = await rig.site('edge-1')
    const request = await rig.identity.requestCertificate(site.keyPem, 'edge-1')
    await site.say({ v: 1, kind: 'renew', requestPem: request })
    const renewed = site.last('certificate')?.certPem ?? ''
    expect(rig.identity.describe(renewed)).toMatchObject({
      commonName: 'edge-1',
      spkiSha256: site.peer.spkiSha256,
    })
    site.received.length = 0
    const other = await rig.identity.requestCertificate(await rig.identity.newKey(), 'edge-1')
    await site.say({ v: 1, kind: 'renew', requestPem: other })
    await site.say({ v: 1, kind: 'renew', requestPem: 'nonsense' })
    expect(site.last('certificate')).toBeUndefined()
    expect(site.closed).toBeUndefined()
    await rig.stop()
  })
})

describe('enrolment', () => {
  it('takes a token once, for its own site, within a day', async () => {
    const rig = await hubRig()
    const site = await rig.site('edge-1')
    const operator = await rig.signIn('operator')
    const { token } = must(await operator.sites.enrolmentToken('edge-1'))
    const request = await rig.identity.requestCertificate(await rig.identity.newKey(), 'x')
    expect((await enrol(rig, token.replace('edge-1', 'edge-2'), request)).status).toBe(403)
    expect((await enrol(rig, token, 'nonsense')).status).toBe(403)
    expect((await enrol(rig, token, request)).status).toBe(200)
    expect((await enrol(rig, token, request)).status).toBe(403)
    // The key of the appliance before is no longer the site's.
    await site.connect()
    expect(site.last('refused')?.reason).toContain('enrolled anew')
    const late = must(await operator.sites.enrolmentToken('edge-1'))
    await rig.clock.advance(86_400_001)
    expect((await enrol(rig, late.token, request)).status).toBe(403)
    await rig.stop()
  })

  it('makes a place that guesses wait', async () => {
    const rig = await hubRig()
    await rig.site('edge-1')
    const operator = await rig.signIn('operator')
    const { token } = must(await operator.sites.enrolmentToken('edge-1'))
    const guess = `${token.slice(0, -4)}AAAA`
    const statuses: number[] = []
    for (let i = 0; i < 12; i++) statuses.push((await enrol(rig, guess, 'x')).status)
    expect(statuses.at(-1)).toBe(429)
    await rig.stop()
  })
})
