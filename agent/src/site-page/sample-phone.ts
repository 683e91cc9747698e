/** A phone in front of the page, for tests: keeps the cookie, follows redirects, sends the form it sees. */
import type { FetchHandler } from '@brickyard/runtime/http'

export const PIN = '407162'
export const BASE = 'http://10.98.0.1:8080'

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
