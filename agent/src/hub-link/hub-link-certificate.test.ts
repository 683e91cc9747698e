import { simulatedPorts } from '@brickyard/sim/simulated-ports'
import { Days, Minutes } from '@brickyard/std/units'
import { describe, expect, it } from 'vitest'
import { latestEvents } from '../store/journal.ts'
import { loadIdentity } from './link-identity.ts'
import { SITE, hubLinkRig } from './hub-link-rig.ts'

const rig = () => hubLinkRig(simulatedPorts('hub-link'))

describe('the certificate', () => {
  it('is renewed by the same key once half of its life is over, and kept', async () => {
    const made = await rig()
    const end = await made.welcome(0)
    expect(end.of('renew')).toEqual([])
    await made.clock.advance(Days(15) + Minutes(61))
    const [renew] = made.ends.flatMap((each) => each.of('renew'))
    if (renew === undefined) throw new Error('no renewal was asked for')
    const longer = { ...made.grant, notAfterMs: made.grant.notAfterMs + Days(30) }
    const certPem = await made.identity.issue(made.authority, renew.requestPem, longer)
    made.last().say({ v: 1, kind: 'certificate', certPem })
    await made.clock.advance(1)
    expect((await loadIdentity(made.files, '/link'))?.certPem).toBe(certPem)
    // Fifteen days of an agent's timers take a busy machine a while.
  }, 120_000)

  it('is asked for anew before the dial when it has expired, or when the hub refuses', async () => {
    const made = await rig()
    const held = await loadIdentity(made.files, '/link')
    const end = await made.welcome(0)
    expect(made.asked).toEqual([])
    made.clock.setWallMs(made.clock.wallMs() + Days(40))
    const notBeforeMs = made.clock.wallMs()
    const request = await made.identity.requestCertificate(held?.keyPem ?? '', SITE)
    const grant = { ...made.grant, notBeforeMs, notAfterMs: notBeforeMs + Days(30) }
    const certPem = await made.identity.issue(made.authority, request, grant)
    made.net.renewed = certPem
    end.hangUp()
    const next = await made.welcome(0)
    expect(made.asked).toEqual(['https://hub:7443/renew'])
    expect((await loadIdentity(made.files, '/link'))?.certPem).toBe(certPem)
    const told = made.site.read((sql) => latestEvents(sql, 1))[0]
    const expiredAtMs = made.grant.notAfterMs
    expect(told).toMatchObject({ kind: 'site.certificate-renewed', body: { expiredAtMs } })
    // In its time it is not asked for again, unless the hub sees it otherwise.
    next.say({ v: 1, kind: 'refused', reason: 'the certificate has expired; renew it first' })
    made.net.renewed = undefined
    await made.welcome(0)
    expect(made.asked).toHaveLength(2)
    expect((await loadIdentity(made.files, '/link'))?.certPem).toBe(certPem)
  })

  it('for a key that is not ours is not taken', async () => {
    const made = await rig()
    const end = await made.welcome(0)
    const before = await loadIdentity(made.files, '/link')
    const request = await made.identity.requestCertificate(await made.identity.newKey(), SITE)
    const certPem = await made.identity.issue(made.authority, request, made.grant)
    end.say({ v: 1, kind: 'certificate', certPem })
    await made.clock.advance(1)
    expect(await loadIdentity(made.files, '/link')).toEqual(before)
  })
})
