import { argon2Password } from '@brickyard/runtime/node/password'
import { fakePassword } from '@brickyard/sim/fake-password'
import { seededRandom } from '@brickyard/sim/seeded-random'
import { virtualClock } from '@brickyard/sim/virtual-clock'
import { Hours, Minutes, Seconds } from '@brickyard/std/units'
import { describe, expect, it } from 'vitest'
import { BASE, phone, PIN } from './sample-phone.ts'
import { sampleSite, type SampleSite } from './sample-site.ts'
import { createSitePage, type SitePageDeps } from './site-page.ts'

/** The page of a site, under virtual time. */
async function pageOf(site: SampleSite, more: Partial<SitePageDeps> = {}) {
  const clock = virtualClock(site.wallMs)
  const page = createSitePage({
    ...site,
    pinHash: await fakePassword.hash(PIN),
    password: fakePassword,
    random: seededRandom('site page'),
    clock,
    ...more,
  })
  return { clock, page }
}

/** A phone whose owner has signed in. */
async function signedIn(site = sampleSite()) {
  const { clock, page } = await pageOf(site)
  const ann = phone(page)
  await ann.signIn()
  return { site, clock, page, ann }
}

describe('the door of the page', () => {
  it('shows nothing of the rack before somebody signed in', async () => {
    const { page } = await pageOf(sampleSite())
    const stranger = phone(page)
    for (const path of [
      '/',
      '/sleds/sled-01',
      '/work-orders/w-1',
      '/sleds/sled-01/power?verb=off',
    ]) {
      expect((await stranger.get(path)).status).toBe(401)
      expect(stranger.body()).not.toContain('sled-01')
    }
  })

  it('opens with the PIN and stays open by a cookie no script and no other site can use', async () => {
    const { page } = await pageOf(sampleSite())
    const form = new URLSearchParams({ name: 'Ann', pin: PIN })
    const sent = { method: 'POST', body: form, headers: { origin: BASE } }
    const answer = await page(new Request(`${BASE}/sign-in`, sent), { address: '::1', port: 1 })
    expect(answer.status).toBe(303)
    expect(answer.headers.get('set-cookie')).toMatch(
      /^brickyard_site=[0-9a-f]{32}; Path=\/; HttpOnly; SameSite=Strict$/,
    )
    const secure = new Request('https://10.98.0.1/sign-in', {
      ...sent,
      body: new URLSearchParams({ name: 'Ann', pin: PIN }),
      headers: { origin: 'https://10.98.0.1' },
    })
    const overTls = await page(secure, { address: '::1', port: 1 })
    expect(overTls.headers.get('set-cookie')).toContain('; Secure')
  })

  it('stays shut to a wrong PIN, and to every PIN after too many', async () => {
    const { page, clock } = await pageOf(sampleSite())
    const ann = phone(page)
    for (let i = 0; i < 5; i++) expect((await ann.signIn('000000')).status).toBe(403)
    expect((await ann.signIn()).status).toBe(403)
    expect(ann.text()).toContain('Too many wrong PINs. Try again in 30 s.')
    await clock.advance(Seconds(30))
    expect((await ann.signIn('000000')).status).toBe(403)
    await clock.advance(Seconds(59))
    expect((await ann.signIn()).status).toBe(403)
    await clock.advance(Seconds(1))
    expect((await ann.signIn()).status).toBe(200)
  })

  it('does not shut one person out for what another address did', async () => {
    const { page } = await pageOf(sampleSite())
    const guesser = phone(page, '10.98.0.66')
    for (let i = 0; i < 8; i++) await guesser.signIn('000000')
    expect((await phone(page).signIn()).status).toBe(200)
  })

  it('lets nobody guess on by changing the address', async () => {
    const { page, clock } = await pageOf(sampleSite())
    let tries = 0
    for (let i = 0; i < 400; i++) {
      const guesser = phone(page, `10.98.${i >> 8}.${i & 255}`)
      await guesser.signIn('000000')
      if (guesser.text().includes('not the PIN')) tries++
    }
    expect(tries).toBe(60)
    await clock.advance(Minutes(1))
    const next = phone(page, '10.99.0.1')
    await next.signIn('000000')
    expect(next.text()).toContain('not the PIN')
    expect((await phone(page, '10.99.0.2').signIn()).status).toBe(403)
  })

  it('checks only two PINs at a time, for each costs memory', async () => {
    let release: (right: boolean) => void = () => undefined
    const slow = { ...fakePassword, verify: () => new Promise<boolean>((r) => (release = r)) }
    const { page } = await pageOf(sampleSite(), { password: slow })
    const waiting = [phone(page, '10.0.0.1').signIn(), phone(page, '10.0.0.2').signIn()]
    await Promise.resolve()
    const third = phone(page, '10.0.0.3')
    await third.signIn()
    expect(third.text()).toContain('Somebody else is signing in.')
    expect(waiting).toHaveLength(2)
    release(true)
  })

  it('closes after half an hour of nothing, and when somebody signs out', async () => {
    const { ann, clock } = await signedIn()
    await clock.advance(Minutes(29))
    expect((await ann.get('/')).status).toBe(200)
    await clock.advance(Minutes(30))
    expect((await ann.get('/')).status).toBe(401)
    await ann.signIn()
    await ann.get('/')
    await ann.post('/sign-out', {})
    expect((await ann.get('/')).status).toBe(401)
  })

  it('ends a session after a day’s work even when it is in use', async () => {
    const { ann, clock } = await signedIn()
    for (let i = 0; i < 23; i++) {
      await clock.advance(Minutes(20))
      expect((await ann.get('/')).status).toBe(200)
    }
    await clock.advance(Hours(8) - 23 * Minutes(20))
    expect((await ann.get('/')).status).toBe(401)
  })

  it('is closed where no PIN was set, and works with a real hash', async () => {
    const closed = await pageOf(sampleSite(), { pinHash: undefined })
    expect((await phone(closed.page).signIn()).status).toBe(503)
    const pinHash = await argon2Password.hash(PIN)
    const real = await pageOf(sampleSite(), { pinHash, password: argon2Password })
    expect((await phone(real.page).signIn('407163')).status).toBe(403)
    expect((await phone(real.page).signIn()).status).toBe(200)
  })
})

describe('a form', () => {
  it('from another page is refused, by its origin and by its token', async () => {
    const { ann, site } = await signedIn()
    const forged = { origin: 'http://evil.example' }
    expect((await ann.post('/sleds/sled-01/light', { light: 'on' }, forged)).status).toBe(403)
    const cross = { origin: 'null' }
    expect((await ann.post('/sleds/sled-01/light', { light: 'on' }, cross)).status).toBe(403)
    const tokenless = { light: 'on', token: '' }
    expect((await ann.post('/sleds/sled-01/light', tokenless)).status).toBe(403)
    expect((await ann.post('/sign-in', { name: 'x', pin: PIN }, forged)).status).toBe(403)
    expect(site.asked).toEqual([])
  })

  it('that is no form, or far too long, is refused', async () => {
    const { ann } = await signedIn()
    const json = { 'content-type': 'application/json' }
    expect((await ann.post('/sleds/sled-01/light', {}, json)).status).toBe(400)
    expect((await ann.post('/sleds/sled-01/light', { light: 'x'.repeat(9000) })).status).toBe(400)
  })
})
