import type { BootTrace } from '@brickyard/model/boot-attempt'
import { describe, expect, it } from 'vitest'
import { hubRig, must, type HubRig, type SiteRig } from '../../../test/scenarios/hub-rig.ts'

const trace = (of: string, more: Partial<BootTrace> = {}): BootTrace => ({
  of,
  asOfMs: 1000,
  attempts: [],
  watches: [],
  ...more,
})

/** Asks the hub and lets the site answer, as a person and a site do at once. */
async function asked<T>(rig: HubRig, call: Promise<T>, answer: () => Promise<void>): Promise<T> {
  await rig.clock.advance(0)
  await answer()
  await rig.clock.advance(0)
  return await call
}

const answerWith =
  (site: SiteRig, body: unknown, reason: string | null = null) =>
  async (): Promise<void> => {
    const id = site.last('ask')?.id ?? ''
    await site.say({ v: 1, kind: 'answer', id, body, reason })
  }

describe('the boots of a sled at the hub', () => {
  it('are asked of the site and kept for when it is away', async () => {
    const rig = await hubRig()
    const site = await rig.site('edge-1')
    const viewer = await rig.signIn('viewer')
    const body = trace('sled-01')
    const live = await asked(rig, viewer.sleds.boots('edge-1', 'sled-01'), answerWith(site, body))
    const receivedAtMs = rig.clock.wallMs()
    expect(site.last('ask')?.what).toEqual({ kind: 'boot-trace', sled: 'sled-01' })
    expect(must(live)).toEqual({ site: 'edge-1', trace: body, receivedAtMs, problem: null })

    await site.hangUp()
    await rig.clock.advance(60_000)
    const away = must(await viewer.sleds.boots('edge-1', 'sled-01'))
    expect(away).toEqual({ site: 'edge-1', trace: body, receivedAtMs, problem: 'the site is away' })
    expect(must(await viewer.sleds.boots('edge-1', 'sled-02'))).toMatchObject({ trace: null })
    await rig.stop()
  })

  it('wait for no site for ever, and take no answer for another machine', async () => {
    const rig = await hubRig()
    const site = await rig.site('edge-1')
    const viewer = await rig.signIn('viewer')
    const late = viewer.sleds.boots('edge-1', 'sled-01')
    await rig.clock.advance(10_000)
    expect(must(await late)).toMatchObject({ trace: null, problem: 'the site did not answer' })
    // The answer that comes after all is nobody's.
    await answerWith(site, trace('sled-01'))()
    for (const body of [trace('sled-02'), { of: 'sled-01', attempts: 'none' }]) {
      const call = viewer.sleds.boots('edge-1', 'sled-01')
      expect(must(await asked(rig, call, answerWith(site, body)))).toMatchObject({
        trace: null,
        problem: 'the site answered what this hub cannot read',
      })
    }
    const older = viewer.sleds.boots('edge-1', 'sled-01')
    const told = await asked(rig, older, answerWith(site, null, 'this agent does not know'))
    expect(must(told).problem).toBe('this agent does not know')
    expect(site.closed).toBeUndefined()
    await rig.stop()
  })

  it('say that the site went away while it was asked, and bound what is asked at once', async () => {
    const rig = await hubRig()
    const site = await rig.site('edge-1')
    const viewer = await rig.signIn('viewer')
    const calls = Array.from({ length: 33 }, () => viewer.sites.boots('edge-1'))
    await rig.clock.advance(0)
    await site.hangUp()
    const problems = (await Promise.all(calls)).map((call) => must(call).problem)
    expect(problems.filter((text) => text === 'the site went away')).toHaveLength(32)
    expect(problems.filter((text) => text?.includes('too much'))).toHaveLength(1)
    await rig.stop()
  })

  it('are those of strangers too, by their MAC or all of them', async () => {
    const rig = await hubRig()
    const site = await rig.site('edge-1')
    const viewer = await rig.signIn('viewer')
    const mac = '02:00:00:00:99:01'
    const one = viewer.sites.boots('edge-1', '02-00-00-00-99-01')
    expect(must(await asked(rig, one, answerWith(site, trace(mac)))).trace?.of).toBe(mac)
    const all = viewer.sites.boots('edge-1')
    expect(must(await asked(rig, all, answerWith(site, trace('')))).trace?.of).toBe('')
    expect(await viewer.sites.boots('edge-1', 'no mac')).toMatchObject({ ok: false })
    expect(await viewer.sites.boots('edge-2')).toMatchObject({ ok: false })
    expect(await viewer.sleds.boots('edge-1', 'sled-99')).toMatchObject({ ok: false })
    await rig.stop()
  })
})

describe('the preview of a site', () => {
  it('is what the site says now, and nothing when it says nothing', async () => {
    const rig = await hubRig()
    const site = await rig.site('edge-1')
    const viewer = await rig.signIn('viewer')
    const body = { asOfMs: 1, networks: [] }
    const call = viewer.sites.netbootPreview('edge-1', 'authoritative')
    expect(must(await asked(rig, call, answerWith(site, body)))).toEqual(body)
    expect(site.last('ask')?.what).toEqual({ kind: 'netboot-preview', mode: 'authoritative' })
    const odd = viewer.sites.netbootPreview('edge-1')
    expect(await asked(rig, odd, answerWith(site, 'no'))).toMatchObject({
      error: { problem: { code: 'no-preview' } },
    })
    await site.hangUp()
    expect(await viewer.sites.netbootPreview('edge-1')).toMatchObject({
      error: { problem: { status: 503, detail: 'there is no preview: the site is away' } },
    })
    expect(await viewer.sites.netbootPreview('edge-1', 'loud')).toMatchObject({
      error: { problem: { status: 400 } },
    })
    await rig.stop()
  })
})
