import type { SiteFrame } from '@brickyard/protocol/frames'
import { Days } from '@brickyard/std/units'
import { describe, expect, it } from 'vitest'
import {
  enrol,
  hubRig,
  must,
  rackDocument,
  sledName,
  type HubRig,
  type SiteRig,
} from '../../../test/scenarios/hub-rig.ts'

const started = { kind: 'site.started', body: { agentVersion: '1.0', bootId: 'b' } }

const frame = (site: SiteRig, seqs: number[], epoch = site.epoch): SiteFrame => ({
  v: 1,
  kind: 'events',
  epoch,
  events: seqs.map((seq) => ({ seq, atMs: seq, ...started })),
})

async function seqs(rig: HubRig): Promise<number[]> {
  const operator = await rig.signIn('operator')
  const page = must(await operator.events.list({ after: 0, limit: 500 }))
  return page.items.map(({ seq }) => seq)
}

describe('the journal at the hub', () => {
  it('acknowledges after the commit, and takes a resend only once', async () => {
    const rig = await hubRig()
    const site = await rig.site('edge-1')
    await site.say(frame(site, [1, 2, 3]))
    expect(site.last('ack')).toMatchObject({ epoch: site.epoch, seq: 3 })
    await site.say(frame(site, [1, 2, 3]))
    await site.say(frame(site, [2, 3, 4]))
    expect(site.last('ack')?.seq).toBe(4)
    expect(await seqs(rig)).toEqual([1, 2, 3, 4])
    await rig.stop()
  })

  it('tells a site that comes back what it holds', async () => {
    const rig = await hubRig()
    const site = await rig.site('edge-1')
    await site.say(frame(site, [1, 2, 3]))
    await site.hangUp()
    await site.connect({ lastSeq: 5 })
    expect(site.last('welcome')?.ackedSeq).toBe(3)
    await rig.stop()
  })

  it('takes nothing of a batch with a hole in it', async () => {
    const rig = await hubRig()
    const site = await rig.site('edge-1')
    for (const [i, wrong] of [[2], [1, 3], [2, 1]].entries()) {
      if (i > 0) await site.connect()
      await site.say(frame(site, wrong))
      expect(site.last('ack')).toBeUndefined()
      expect(site.last('refused')?.reason).toContain('due')
      expect(site.closed).toBeDefined()
    }
    expect(await seqs(rig)).toEqual([])
    await rig.stop()
  })

  it('begins a new journal with a new epoch and keeps the old one', async () => {
    const rig = await hubRig()
    const site = await rig.site('edge-1')
    await site.say(frame(site, [1, 2]))
    await site.connect({ epoch: 'another' })
    expect(site.last('welcome')?.ackedSeq).toBe(0)
    await site.say(frame(site, [1], 'another'))
    await site.say(frame(site, [2], site.epoch))
    expect(site.last('refused')?.reason).toContain('not announced')
    expect(await seqs(rig)).toEqual([1, 2, 1])
    await rig.stop()
  })

  it('keeps an event that it cannot read, and goes on', async () => {
    const rig = await hubRig()
    const site = await rig.site('edge-1')
    await site.tell(
      { kind: 'sled.state', body: { sled: 'sled-01', to: 'on fire' } },
      { kind: 'from.the-future', body: { answer: 42 } },
      { kind: 'site.trouble', body: { what: 'disk', reason: '3 % left' } },
    )
    expect(site.last('ack')?.seq).toBe(3)
    const operator = await rig.signIn('operator')
    const { items } = must(await operator.events.list({ after: 0 }))
    expect(items.map(({ readable }) => readable)).toEqual([false, false, true])
    expect(items[1]?.body).toEqual({ answer: 42 })
    await rig.stop()
  })

  it('needs a person for what is wrong on a network, until the site says that it is over', async () => {
    const rig = await hubRig()
    const site = await rig.site('edge-1')
    const operator = await rig.signIn('operator')
    const network = 'prov'
    const told = async () => must(await operator.attention()).items.map(({ id }) => id)
    await site.tell(
      { kind: 'dhcp.flood', body: { network } },
      { kind: 'dhcp.foreign-server', body: { network, server: '10.0.0.9' } },
      { kind: 'dhcp.foreign-server', body: { network, server: '10.0.0.8' } },
      { kind: 'dhcp.pool-exhausted', body: { network, asked: 'x', pool: 'bmc' } },
      { kind: 'dhcp.pool-exhausted', body: { network, asked: 'x', pool: 'sleds' } },
      {
        kind: 'dhcp.address-in-use',
        body: { network, address: '10.0.0.7', mac: '02:00:00:00:00:09' },
      },
    )
    const inUse = 'notice/edge-1/in-use/10.0.0.7'
    expect((await told()).sort()).toEqual([
      'notice/edge-1/flood/prov',
      'notice/edge-1/foreign/prov/10.0.0.8',
      'notice/edge-1/foreign/prov/10.0.0.9',
      inUse,
      'notice/edge-1/pool/prov/bmc',
      'notice/edge-1/pool/prov/sleds',
    ])
    await site.tell(
      { kind: 'dhcp.flood-over', body: { network, clients: 900 } },
      { kind: 'dhcp.foreign-server-gone', body: { network, server: '10.0.0.9' } },
      { kind: 'dhcp.pool-available', body: { network, pool: 'bmc' } },
    )
    expect((await told()).sort()).toEqual([
      'notice/edge-1/foreign/prov/10.0.0.8',
      inUse,
      'notice/edge-1/pool/prov/sleds',
    ])
    // What is told once lasts longer than what only passes by.
    await rig.clock.advance(Days(2))
    const later = await rig.signIn('operator')
    const stays = async () => must(await later.attention()).items.map(({ id }) => id)
    const lasting = ['notice/edge-1/foreign/prov/10.0.0.8', 'notice/edge-1/pool/prov/sleds']
    expect((await stays()).filter((id) => id.startsWith('notice/')).sort()).toEqual(lasting)
    // A network that changed, or a new run of the agent, is looked at anew.
    must(await later.sites.setNetworkMode('edge-1', network, 'listen-only'))
    expect((await stays()).filter((id) => id.startsWith('notice/'))).toEqual([])
    await site.connect()
    await site.tell({ kind: 'dhcp.foreign-server', body: { network, server: '10.0.0.8' } })
    expect(await stays()).toContain('notice/edge-1/foreign/prov/10.0.0.8')
    await site.tell({ kind: 'site.started', body: { agentVersion: '1', bootId: 'boot-2' } })
    expect((await stays()).filter((id) => id.startsWith('notice/'))).toEqual([])
    await rig.stop()
  })

  it('says so when a site no longer has what this hub misses', async () => {
    const rig = await hubRig()
    const site = await rig.site('edge-1')
    await site.connect({ lastSeq: 900, firstSeq: 801 })
    expect(site.last('welcome')?.ackedSeq).toBe(800)
    const operator = await rig.signIn('operator')
    const { items } = must(await operator.attention())
    expect(items).toContainEqual(
      expect.objectContaining({
        severity: 'critical',
        what: expect.stringContaining('800 events'),
      }),
    )
    await rig.stop()
  })
})

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

describe('wanted state on the link', () => {
  it('comes whole at first, then as deltas, and whole again when asked', async () => {
    const rig = await hubRig()
    const site = await rig.site('edge-1')
    expect(site.last('wanted')?.delta).toMatchObject({ generation: 1, base: null })
    const operator = await rig.signIn('operator')
    must(await operator.sites.putRack('edge-1', rackDocument('edge-1', 5)))
    await rig.clock.advance(0)
    expect(site.last('wanted')?.delta).toMatchObject({ generation: 2, base: 1 })
    // Putting the same again changes nothing.
    must(await operator.sites.putRack('edge-1', rackDocument('edge-1', 5)))
    await rig.clock.advance(0)
    expect(site.last('wanted')?.delta.generation).toBe(2)
    await site.say({ v: 1, kind: 'wanted-resend', held: 1 })
    expect(site.last('wanted')?.delta).toMatchObject({ generation: 2, base: null })
    await site.say({ v: 1, kind: 'wanted-report', held: 2, applied: 1 })
    expect(must(await operator.sites.get('edge-1'))).toMatchObject({
      heldGeneration: 2,
      appliedGeneration: 1,
    })
    await site.connect({ wantedGeneration: 2 })
    expect(site.last('wanted')).toBeUndefined()
    await site.connect({ wantedGeneration: 1 })
    expect(site.last('wanted')?.delta).toMatchObject({ generation: 2, base: 1 })
    await rig.stop()
  })

  it('is held back from a site that is ahead, until a person decides', async () => {
    const rig = await hubRig()
    const site = await rig.site('edge-1')
    await site.connect({ wantedGeneration: 40 })
    expect(site.last('wanted')).toBeUndefined()
    const operator = await rig.signIn('operator')
    const { items } = must(await operator.attention())
    expect(items[0]).toMatchObject({ severity: 'critical', id: 'site-conflict/edge-1' })
    must(await operator.sites.putRack('edge-1', rackDocument('edge-1', 2)))
    await site.connect({ wantedGeneration: 40 })
    expect(site.last('wanted')?.delta).toMatchObject({ base: null, generation: 42 })
    expect(must(await operator.attention()).items).toEqual([])
    await rig.stop()
  })
})

const inspectionFor = (act: string) => ({
  kind: 'operation.changed',
  body: {
    operation: {
      id: 'op-1',
      sled: sledName(1),
      kind: 'inspect',
      state: 'running',
      reason: null,
      assignment: null,
      act,
      requestedBy: 'operator',
      steps: [],
      startedAtMs: 1,
      deadlineAtMs: null,
      endedAtMs: null,
    },
  },
})

describe('acts', () => {
  it('go to the site signed, once per connection, and end with its result', async () => {
    const rig = await hubRig()
    const site = await rig.site('edge-1')
    const operator = await rig.signIn('operator')
    const act = must(await operator.sleds.power('edge-1', sledName(1), 'on'))
    expect(act.state).toBe('waiting-for-site')
    await rig.clock.advance(0)
    const payload: unknown = JSON.parse(
      Buffer.from(site.last('act')?.payload ?? '', 'base64').toString('utf8'),
    )
    expect(payload).toMatchObject({
      id: act.id,
      site: 'edge-1',
      sled: 'sled-01',
      by: 'operator',
      act: { kind: 'power', verb: 'on' },
    })
    expect(must(await operator.acts.get(act.id)).state).toBe('sent')
    await site.connect()
    expect(site.received.filter(({ kind }) => kind === 'act')).toHaveLength(1)
    await site.tell({ kind: 'act.result', body: { act: act.id, ok: false, reason: 'no BMC' } })
    expect(must(await operator.acts.get(act.id))).toMatchObject({
      state: 'failed',
      reason: 'no BMC',
    })
    await site.connect()
    expect(site.last('act')).toBeUndefined()
    await rig.stop()
  })

  it('expire at a site that is away, and are never sent late', async () => {
    const rig = await hubRig()
    const site = await rig.site('edge-1')
    const operator = await rig.signIn('operator')
    await site.hangUp()
    const act = must(await operator.sleds.power('edge-1', sledName(1), 'off'))
    await rig.clock.advance(130_000)
    expect(must(await operator.acts.get(act.id)).state).toBe('expired')
    await site.connect()
    expect(site.last('act')).toBeUndefined()
    // Nor in the moment after its time, before anybody noted that it is over.
    await site.hangUp()
    must(await operator.sleds.power('edge-1', sledName(1), 'off'))
    rig.clock.setWallMs(rig.clock.wallMs() + 120_000)
    await site.connect()
    expect(site.last('act')).toBeUndefined()
    await rig.stop()
  })

  it('end with the operation that the site began for them, however long it takes', async () => {
    const rig = await hubRig()
    const site = await rig.site('edge-1')
    const operator = await rig.signIn('operator')
    const act = must(await operator.sleds.inspect('edge-1', sledName(1)))
    await rig.clock.advance(0)
    await site.tell(inspectionFor(act.id))
    for (let minute = 0; minute < 10; minute++) {
      await rig.clock.advance(60_000)
      await site.say({ v: 1, kind: 'alive' })
    }
    expect(must(await operator.acts.get(act.id))).toMatchObject({
      state: 'sent',
      operation: 'op-1',
    })
    await site.tell({ kind: 'act.result', body: { act: act.id, ok: true, reason: null } })
    expect(must(await operator.acts.get(act.id))).toMatchObject({ state: 'done' })
    await rig.stop()
  })

  it('whose site never comes to an end are given up after a day', async () => {
    const rig = await hubRig()
    const site = await rig.site('edge-1')
    const operator = await rig.signIn('operator')
    const act = must(await operator.sleds.inspect('edge-1', sledName(1)))
    await rig.clock.advance(0)
    await site.tell(inspectionFor(act.id))
    await site.hangUp()
    rig.clock.setWallMs(rig.clock.wallMs() + 27 * 3_600_000)
    await rig.clock.advance(10_000)
    const later = await rig.signIn('operator')
    expect(must(await later.acts.get(act.id)).state).toBe('expired')
    await rig.stop()
  })

  it('cannot be closed by another site', async () => {
    const rig = await hubRig()
    await rig.site('edge-1')
    const two = await rig.site('edge-2')
    const operator = await rig.signIn('operator')
    const act = must(await operator.sleds.power('edge-1', sledName(1), 'on'))
    await two.tell({ kind: 'act.result', body: { act: act.id, ok: true, reason: null } })
    expect(must(await operator.acts.get(act.id)).state).toBe('sent')
    await rig.stop()
  })
})
