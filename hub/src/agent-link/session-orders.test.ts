import { describe, expect, it } from 'vitest'
import { hubRig, must, rackDocument, sledName } from '../../../test/scenarios/hub-rig.ts'

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
