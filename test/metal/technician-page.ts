import { Minutes } from '@brickyard/std/units'
import { until } from './checks.ts'
import { PAGE_PIN, PAGE_URL } from './site.ts'

const SHOWN_LIMIT_MS = Minutes(1)

/** The site's own page as a technician's browser has it: forms and a cookie. */
export class TechnicianPage {
  readonly #cookie: string

  private constructor(cookie: string) {
    this.#cookie = cookie
  }

  static async signIn(name: string): Promise<TechnicianPage> {
    const response = await fetch(`${PAGE_URL}/sign-in`, {
      method: 'POST',
      headers: { origin: PAGE_URL },
      body: new URLSearchParams({ name, pin: PAGE_PIN }),
      redirect: 'manual',
    })
    const cookie = response.headers.get('set-cookie')?.split(';')[0]
    if (cookie === undefined) throw new Error(`sign in: ${response.status}`)
    return new TechnicianPage(cookie)
  }

  async untilShown(sled: string): Promise<void> {
    await until(SHOWN_LIMIT_MS, `${sled} is on the page`, async () =>
      (await this.#get(`/sleds/${sled}`)).status === 200 ? true : undefined,
    )
  }

  /** The bytes of a new disc. */
  async makeDisc(sled: string): Promise<Uint8Array> {
    const response = await this.#post(sled, `/sleds/${sled}/discs`, { hours: '1' })
    if (response.status !== 200) throw new Error(`${response.status}: ${await response.text()}`)
    return new Uint8Array(await response.arrayBuffer())
  }

  /** Says that the sled's only disc is in it. */
  async discIsIn(sled: string): Promise<void> {
    const [disc] = await this.discsOf(sled)
    if (disc === undefined) throw new Error(`${sled} has no disc`)
    await this.#post(sled, `/sleds/${sled}/discs/${disc}`, { act: 'insert' })
  }

  /** Names of the discs that are open. */
  async discsOf(sled: string): Promise<string[]> {
    const page = await (await this.#get(`/sleds/${sled}`)).text()
    return [...page.matchAll(/\/discs\/([0-9a-f]+)"/g)].map(([, id = '']) => id)
  }

  #get = (path: string): Promise<Response> =>
    fetch(`${PAGE_URL}${path}`, { headers: { cookie: this.#cookie } })

  async #post(sled: string, path: string, fields: Record<string, string>): Promise<Response> {
    const page = await (await this.#get(`/sleds/${sled}`)).text()
    const token = /name="token" value="([^"]+)"/.exec(page)?.[1] ?? ''
    return fetch(`${PAGE_URL}${path}`, {
      method: 'POST',
      headers: { cookie: this.#cookie, origin: PAGE_URL },
      body: new URLSearchParams({ token, ...fields }),
      redirect: 'manual',
    })
  }
}
