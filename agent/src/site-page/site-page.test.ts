import { fakePassword } from '@brickyard/sim/fake-password'
import { seededRandom } from '@brickyard/sim/seeded-random'
import { virtualClock } from '@brickyard/sim/virtual-clock'
import { describe, expect, it } from 'vitest'
import { phone, PIN } from './sample-phone.ts'
import { sampleSite, type SampleSite } from './sample-site.ts'
import { createSitePage } from './site-page.ts'

const inOrder = (a = '', b = ''): number => (a < b ? -1 : 1)
const PAGE_BYTES_MAX = 30_000
const SCRIPT = '<script src="/site.js" defer></script>'

/** A phone whose owner has signed in. */
async function signedIn(site = sampleSite()) {
  const page = createSitePage({
    ...site,
    pinHash: await fakePassword.hash(PIN),
    password: fakePassword,
    random: seededRandom('site page'),
    clock: virtualClock(site.wallMs),
  })
  const ann = phone(page)
  await ann.signIn()
  return { site, ann }
}

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

  it('name what sleds boot with, by version, source and hash', async () => {
    const { ann } = await signedIn()
    await ann.get('/')
    expect(ann.body()).toContain(
      'snponly.efi: 1.21.1+git20250501, built on 2026-11-02 &lt;by ann&gt;, held to its hash',
    )
    expect(ann.body()).toContain('3b'.repeat(32))
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

  it('shows how far its BMC can be relied on, and what is open on it', async () => {
    const { ann } = await signedIn()
    await ann.get('/sleds/sled-01')
    expect(ann.text()).toContain('BMC answers steady: 40 of 40 readings answered')
    expect(ann.text()).not.toContain('Open on its BMC')
    await ann.get('/sleds/sled-03')
    expect(ann.text()).toContain('Open on its BMC its login is one that its maker ships')
  })

  it('shows how it booted lately, and says where the site listens when nothing was heard', async () => {
    const { site, ann } = await signedIn()
    await ann.get('/sleds/sled-01')
    expect(ann.text()).toContain('… under way: 11:39 UTC, 52:54:00:00:00:01')
    expect(ann.text()).toContain('it fetched the installer, which has not called back')
    expect(ann.text()).toContain('+0 s: Firmware (UEFI x64) sends DISCOVER')
    expect(ann.text()).toContain('(2 times)')
    expect(ann.text()).toContain('It boots by its NIC 2 of 2')
    expect(ann.text()).toContain('✖ refused')
    site.change('sled-01', { boots: { ...site.sled('sled-01').boots, attempts: [] } })
    await ann.get('/sleds/sled-01')
    expect(ann.text()).toContain('Nothing was ever heard of this sled')
    expect(ann.text()).toContain('prov on br0, authoritative since 09:40 UTC; last heard: REQUEST')
    expect(ann.text()).toContain('other servers: 10.98.0.200')
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

  it('makes a disc as a file that no page shows again, says when it is in, and revokes it', async () => {
    const { ann, site } = await signedIn()
    await ann.get('/sleds/sled-01')
    expect(ann.text()).toContain('by bob &lt;b&gt;, good until')
    const made = await ann.post('/sleds/sled-01/discs', { hours: '8' })
    expect(made.headers.get('content-disposition')).toBe('attachment; filename="sled-01.iso"')
    expect(made.headers.get('content-length')).toBe('8')
    expect(made.headers.get('cache-control')).toBe('no-store')
    expect(ann.body()).toBe('the disc')
    for (const act of ['insert', 'revoke']) {
      await ann.get('/sleds/sled-01')
      await ann.post('/sleds/sled-01/discs/d15c', { act })
    }
    expect(ann.text()).toContain('it boots nothing')
    expect(site.asked).toEqual([
      'make disc of sled-01 for 28800000 ms Ann Lee',
      'insert disc d15c Ann Lee',
      'revoke disc d15c Ann Lee',
    ])
  })

  it('makes no disc for ever, of no sled, and says what one lacks', async () => {
    const { ann, site } = await signedIn()
    for (const [path, fields, status] of [
      ['/sleds/sled-01/discs', { hours: '9000' }, 400],
      ['/sleds/sled-99/discs', { hours: '8' }, 404],
      ['/sleds/sled-01/discs/beef', { act: 'revoke' }, 404],
      ['/sleds/sled-01/discs/d15c', { act: 'copy' }, 400],
    ] as const) {
      await ann.get('/sleds/sled-01')
      expect([path, (await ann.post(path, fields)).status]).toEqual([path, status])
    }
    expect(site.asked).toEqual([])
    await ann.get('/sleds/sled-02')
    expect((await ann.post('/sleds/sled-02/discs', { hours: '8' })).status).toBe(409)
    expect(ann.text()).toContain('isolinux.bin is not among the loaders')
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
