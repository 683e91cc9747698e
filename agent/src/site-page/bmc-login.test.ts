import { fakePassword } from '@brickyard/sim/fake-password'
import { seededRandom } from '@brickyard/sim/seeded-random'
import { virtualClock } from '@brickyard/sim/virtual-clock'
import { describe, expect, it } from 'vitest'
import { phone, PIN } from './sample-phone.ts'
import { sampleSite } from './sample-site.ts'
import { createSitePage } from './site-page.ts'

const LOGIN = { user: 'ADMIN', password: 'tag-4711' }

async function atSled(loginTrouble: string | undefined) {
  const site = sampleSite()
  site.change('sled-01', { loginTrouble })
  const page = createSitePage({
    ...site,
    pinHash: await fakePassword.hash(PIN),
    password: fakePassword,
    random: seededRandom('bmc login'),
    clock: virtualClock(site.wallMs),
  })
  const ann = phone(page)
  return { site, ann, page }
}

describe('the login from the pull-tag', () => {
  it('is asked for where no login works, tried once, and is on no page afterwards', async () => {
    const { site, ann } = await atSled('every login known here is refused (ADMIN)')
    await ann.signIn()
    await ann.get('/sleds/sled-01')
    expect(ann.text()).toContain('every login known here is refused (ADMIN)')
    await ann.post('/sleds/sled-01/login', LOGIN)
    expect(site.asked).toContain('login sled-01 ADMIN 8 letters Ann Lee')
    expect(ann.text()).toContain('the BMC took it')
    expect(ann.body()).not.toContain(LOGIN.password)
    await ann.post('/sleds/sled-01/login', { ...LOGIN, password: 'wrong' })
    expect(ann.text()).toContain('Not done: the BMC refused it')
    expect(ann.body()).not.toContain('wrong')
  })

  it('is neither asked for nor tried at a BMC that lets us in', async () => {
    const { site, ann } = await atSled(undefined)
    await ann.signIn()
    await ann.get('/sleds/sled-01')
    expect(ann.text()).not.toContain('BMC login')
    expect((await ann.post('/sleds/sled-01/login', LOGIN)).status).toBe(409)
    expect(site.asked).toEqual([])
  })

  it('is taken from nobody who has not signed in, from no other page and with no old form', async () => {
    const { site, ann } = await atSled('no login is known')
    expect((await ann.post('/sleds/sled-01/login', LOGIN)).status).toBe(401)
    await ann.signIn()
    await ann.get('/sleds/sled-01')
    const elsewhere = { origin: 'http://evil.test' }
    expect((await ann.post('/sleds/sled-01/login', LOGIN, elsewhere)).status).toBe(403)
    await ann.get('/sleds/sled-01')
    const forged = { ...LOGIN, token: '00' }
    expect((await ann.post('/sleds/sled-01/login', forged)).status).toBe(403)
    expect(site.asked).toEqual([])
  })
})
