/** A phone in front of the page, for tests: keeps the cookie, follows redirects, sends the form it sees. */
import type { FetchHandler } from '@brickyard/runtime/http'
import { fakePassword } from '@brickyard/sim/fake-password'
import { seededRandom } from '@brickyard/sim/seeded-random'
import { virtualClock } from '@brickyard/sim/virtual-clock'
import { sampleSite, type SampleSite } from './sample-site.ts'
import { createSitePage, type SitePageDeps } from './site-page.ts'

export const PIN = '407162'
export const BASE = 'http://10.98.0.1:8080'

/** The page of a site, under virtual time. */
export async function pageOf(site: SampleSite, more: Partial<SitePageDeps> = {}) {
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

/** Sends what the form on the last page holds. */
export function phone(page: FetchHandler, address = '10.98.0.50') {
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
  }
}

/** A phone whose owner has signed in. */
export async function signedIn(site = sampleSite()) {
  const { clock, page } = await pageOf(site)
  const ann = phone(page)
  await ann.signIn()
  return { site, clock, page, ann }
}
