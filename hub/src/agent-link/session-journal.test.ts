import type { SiteFrame } from '@brickyard/protocol/frames'
import { Days } from '@brickyard/std/units'
import { describe, expect, it } from 'vitest'
import { hubRig, must, type HubRig, type SiteRig } from '../../../test/scenarios/hub-rig.ts'

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
