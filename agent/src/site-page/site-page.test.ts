import type { FetchHandler } from '@brickyard/runtime/http'
import { argon2Password } from '@brickyard/runtime/node/password'
import { fakePassword } from '@brickyard/sim/fake-password'
import { seededRandom } from '@brickyard/sim/seeded-random'
import { virtualClock } from '@brickyard/sim/virtual-clock'
import { Hours, Minutes, Seconds } from '@brickyard/std/units'
import { describe, expect, it } from 'vitest'
import { sampleSite, type SampleSite } from './sample-site.ts'
import { createSitePage, type SitePageDeps } from './site-page.ts'

const PIN = '407162'
const BASE = 'http://10.98.0.1:8080'
const inOrder = (a = '', b = ''): number => (a < b ? -1 : 1)
const PAGE_BYTES_MAX = 30_000
const SCRIPT = '<script src="/site.js" defer></script>'

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

/** A phone: keeps the cookie, follows a redirect, sends what the form on the page holds. */
function phone(page: FetchHandler, address = '10.98.0.50') {
  const peer = { address, port: 50_000 }
  let cookie = ''
  let body = ''
  const take = async (response: Response): Promise<Response> => {
    const set = response.headers.get('set-cookie')
    if (set !== null) cookie = set.split(';')[0] ?? ''
    const location = response.headers.get('location')
    if (response.status === 303 && location !== null) return get(location)
    body = await response.clone().text()
    return response
  }
  const get = async (path: string): Promise<Response> =>
    take(await page(new Request(`${BASE}${path}`, { headers: { cookie } }), peer))
  const post = async (
    path: string,
    fields: Record<string, string>,
    headers: Record<string, string> = {},
  ): Promise<Response> => {
    const token = /name="token" value="([0-9a-f]+)"/.exec(body)?.[1] ?? ''
    const form = new URLSearchParams({ token, ...fields })
    const sent = { method: 'POST', body: form, headers: { cookie, origin: BASE, ...headers } }
    return take(await page(new Request(`${BASE}${path}`, sent), peer))
  }
  return {
    get,
    post,
    signIn: (pin = PIN, name = 'Ann Lee') => post('/sign-in', { name, pin }),
    body: () => body,
    text: () => body.replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' '),
    forget: () => (cookie = ''),
  }
}

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

describe('the pages', () => {
  const walkAll = async (site: SampleSite, see: (ann: ReturnType<typeof phone>) => void) => {
    const { ann } = await signedIn(site)
    await ann.get('/sleds/sled-01')
    await ann.post('/sleds/sled-01/replace', {})
    const paths = [
      '/',
      '/sleds/sled-01',
      '/sleds/sled-04',
      '/sleds/sled-01/power?verb=off',
      '/work-orders/w-1',
      '/work-orders/w-1?say=1',
      '/work-orders/w-1?cancel=1',
      '/nowhere',
      '/site.css',
    ]
    for (const path of paths) {
      await ann.get(path)
      see(ann)
    }
  }

  it('are each below 30 kB, even a full rack, run nothing inline and name nothing elsewhere', async () => {
    await walkAll(sampleSite({ full: true }), (ann) => {
      expect(new TextEncoder().encode(ann.body()).length).toBeLessThan(PAGE_BYTES_MAX)
      expect(ann.body().replace(SCRIPT, '')).not.toMatch(
        /<script|javascript:|\son[a-z]+=|https?:\/\/|style="/i,
      )
    })
  })

  it('show text from hardware as text', async () => {
    const site = sampleSite()
    const evil = '<img src=x onerror=alert(1)>"\'&'
    site.change('sled-01', { serial: evil, manufacturer: evil, stateReason: evil, state: 'failed' })
    await walkAll(site, (ann) => expect(ann.body()).not.toContain('<img'))
  })

  it('may not be framed, kept or made to load anything', async () => {
    const { ann } = await signedIn()
    const { headers } = await ann.get('/')
    expect(headers.get('content-security-policy')).toContain("default-src 'none'")
    expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'")
    expect(headers.get('cache-control')).toBe('no-store')
  })

  it('say at the top how the hub link is', async () => {
    const { ann } = await signedIn()
    await ann.get('/')
    expect(ann.text()).toContain(
      'Site tower-17 · agent 0.1.0 Hub link: down since 09:12 UTC, 214 events waiting',
    )
    const alone = await signedIn(
      sampleSite({ summary: { hub: { kind: 'alone' }, clockProven: false } }),
    )
    await alone.ann.get('/')
    expect(alone.ann.text()).toContain('this site runs alone Clock: not proven')
  })

  it('draw every sled once, over the slots it covers', async () => {
    const { ann, site } = await signedIn()
    await ann.get('/')
    const drawn = [...ann.body().matchAll(/<td[^>]*>\s*<a href="\/sleds\/([^"]+)"/g)].map(
      ([, n]) => n,
    )
    expect(drawn.toSorted(inOrder)).toEqual(
      site.view
        .sleds()
        .map(({ name }) => name)
        .toSorted(inOrder),
    )
    expect(ann.body().match(/rowspan="2" colspan="2"/g)).toHaveLength(2)
    // Each row has three columns: the cells and what spans into them add up.
    const cells = [...ann.body().matchAll(/<td[^>]*?(?:rowspan="(\d)" colspan="(\d)")?>/g)]
    const area = cells.reduce((sum, [, r = '1', c = '1']) => sum + Number(r) * Number(c), 0)
    expect(area).toBe(48)
  })

  it('never call a slot confirmed', async () => {
    const { ann, site } = await signedIn(sampleSite({ full: true }))
    for (const { name } of site.view.sleds()) {
      await ann.get(`/sleds/${name}`)
      expect(ann.text()).toContain('In this place probable: dhcp agrees with it')
      expect(ann.text()).not.toContain('confirmed')
    }
  })
})

describe('a sled’s page', () => {
  it('gives the verdict large, with every reason', async () => {
    const { ann, site } = await signedIn()
    await ann.get('/sleds/sled-01')
    expect(ann.text()).toContain('✔ SAFE TO PULL')
    const busy = { state: 'in-use', work: 'deployment shop-7', power: 'on', powerAgeMs: 0 } as const
    site.change('sled-01', { state: 'in-use', pull: busy })
    await ann.get('/sleds/sled-01')
    expect(ann.text()).toContain(
      '✖ DO NOT PULL It is in use by deployment shop-7. Have it released first. It is powered on.',
    )
  })

  it('shows what firmware was found and how it was judged', async () => {
    const { ann } = await signedIn()
    await ann.get('/sleds/sled-01')
    expect(ann.text()).toContain('BIOS 3.3: behind , older than wanted: baseline edge-2026-11')
    expect(ann.text()).toContain('BMC 1.71: unknown')
  })

  it('switches the light and says what came of it, once', async () => {
    const { ann, site } = await signedIn()
    await ann.get('/sleds/sled-01')
    await ann.post('/sleds/sled-01/light', { light: 'on' })
    expect(ann.text()).toContain('The light of sled-01 is on.')
    expect(site.asked).toEqual(['light sled-01 on Ann Lee'])
    await ann.get('/sleds/sled-01')
    expect(ann.text()).not.toContain('The light of sled-01 is on.')
  })

  it('takes power away only against the last four of the serial', async () => {
    const { ann, site } = await signedIn()
    await ann.get('/sleds/sled-01/power?verb=off')
    expect((await ann.post('/sleds/sled-01/power', { verb: 'off' })).status).toBe(409)
    await ann.get('/sleds/sled-01/power?verb=off')
    expect((await ann.post('/sleds/sled-01/power', { verb: 'reset', proof: '3002' })).status).toBe(
      409,
    )
    await ann.get('/sleds/sled-01/power?verb=off')
    await ann.post('/sleds/sled-01/power', { verb: 'off', proof: ' 3001 ' })
    expect(ann.text()).toContain('sled-01 was told: off.')
    await ann.get('/sleds/sled-02')
    await ann.post('/sleds/sled-02/power', { verb: 'on' })
    expect(ann.text()).toContain('Not done: its BMC does not answer')
    expect(site.asked).toEqual(['power sled-01 off Ann Lee', 'power sled-02 on Ann Lee'])
  })

  it('of a sled or a verb there is not says so', async () => {
    const { ann } = await signedIn()
    for (const path of ['/sleds/sled-99', '/sleds/..%2f', '/sleds/sled-01/power?verb=explode']) {
      expect((await ann.get(path)).status).toBe(404)
    }
    await ann.get('/sleds/sled-01')
    expect((await ann.post('/sleds/sled-01/power', { verb: 'explode' })).status).toBe(400)
  })
})

describe('a work order on the page', () => {
  it('is walked by forms alone, from the sled’s page to done', async () => {
    const { ann, site } = await signedIn()
    await ann.get('/sleds/sled-01')
    await ann.post('/sleds/sled-01/replace', {})
    const outcome = (step: string): void => {
      const attempt = site.view.workOrder('w-1')?.attempts ?? 0
      const done = { kind: 'outcome', step, attempt, outcome: 'pass', detail: 'read back' } as const
      expect(site.acts.tellWorkOrder('w-1', done).ok).toBe(true)
    }
    const press = async (step: string, act: string, text = ''): Promise<void> => {
      await ann.get('/work-orders/w-1')
      await ann.post('/work-orders/w-1', { step, act, text })
    }
    expect(ann.text()).toContain('Step 1 of 12: Light on')
    expect(ann.body()).toContain(SCRIPT)
    outcome('light-on')
    await press('find', 'yes')
    expect(ann.text()).toContain('Step 3 of 12: Read the label')
    expect(ann.body()).not.toContain(SCRIPT)
    await press('old-serial', 'serial', 'WRONG')
    expect(ann.text()).toContain('Serial WRONG is not the sled of this work order.')
    await press('old-serial', 'serial', 'by7k3001')
    for (const step of ['free-of-work', 'power-off', 'safe-to-pull']) outcome(step)
    await press('pull', 'done')
    await press('new-serial', 'serial', 'BY7K3999')
    await press('insert', 'done')
    await press('cable', 'yes')
    expect(ann.text()).toContain('Step 11 of 12: Does it answer?')
    outcome('answers')
    outcome('light-off')
    await ann.get('/work-orders/w-1')
    expect(ann.text()).toContain('✔ DONE Every step was verified.')
    expect(ann.text()).toContain('Read the label: by7k3001 (Ann Lee, 11:40 UTC)')
  })

  it('lets a person vouch only where the machine gave up, on a page that does not reload', async () => {
    const { ann, site } = await signedIn()
    await ann.get('/sleds/sled-01')
    await ann.post('/sleds/sled-01/replace', {})
    await ann.get('/work-orders/w-1?say=1')
    expect(ann.text()).toContain('This step cannot be passed by word now.')
    site.acts.tellWorkOrder('w-1', {
      kind: 'outcome',
      step: 'light-on',
      attempt: 1,
      outcome: 'unavailable',
      detail: 'no answer from 10.99.0.10',
    })
    await ann.get('/work-orders/w-1')
    expect(ann.text()).toContain('no answer from 10.99.0.10')
    await ann.get('/work-orders/w-1?say=1')
    expect(ann.body()).not.toContain(SCRIPT)
    await ann.post('/work-orders/w-1', { step: 'light-on', act: 'cannot-verify', text: 'slot 1' })
    expect(ann.text()).toContain('Step 2 of 12')
    expect(ann.text()).toContain('▲ not verified, Light on: slot 1')
  })

  it('is cancelled with a reason, and stands under "needs a person" until then', async () => {
    const { ann } = await signedIn()
    await ann.get('/sleds/sled-01')
    await ann.post('/sleds/sled-01/replace', {})
    await ann.get('/')
    expect(ann.text()).toContain('Replace a sled: sled-01 , at “Light on”')
    await ann.get('/work-orders/w-1?cancel=1')
    await ann.post('/work-orders/w-1', { act: 'cancel', text: 'wrong sled' })
    expect(ann.text()).toContain('Cancelled: wrong sled')
    await ann.get('/')
    expect(ann.text()).not.toContain('Replace a sled')
  })
})
