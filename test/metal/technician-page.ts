import { Minutes } from '@brickyard/std/units'
import { until } from './checks.ts'
import { PAGE_PIN, PAGE_URL } from './site.ts'

/** An agent whose networks changed starts anew, and forgets who had signed in. */
const ANSWER_LIMIT_MS = Minutes(2)

/** The site's own page as a technician's browser has it: forms and a cookie. */
export class TechnicianPage {
  readonly #name: string
  #cookie = ''

  constructor(name: string) {
    this.#name = name
  }

  async untilShown(sled: string): Promise<void> {
    await until(ANSWER_LIMIT_MS, `${sled} is on the page`, async () =>
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

  /** Asks until the page answers who has signed in. */
  #get = (path: string): Promise<Response> =>
    until(ANSWER_LIMIT_MS, `the page answers ${path}`, async () => {
      try {
        const response = await fetch(`${PAGE_URL}${path}`, { headers: { cookie: this.#cookie } })
        if (response.status !== 401) return response
        await this.#signIn()
      } catch {
        // It is starting.
      }
      return undefined
    })

  async #post(sled: string, path: string, fields: Record<string, string>): Promise<Response> {
    const page = await (await this.#get(`/sleds/${sled}`)).text()
    const token = /name="token" value="([^"]+)"/.exec(page)?.[1] ?? ''
    return this.#send(path, { token, ...fields })
  }

  async #signIn(): Promise<void> {
    const response = await this.#send('/sign-in', { name: this.#name, pin: PAGE_PIN })
    this.#cookie = response.headers.get('set-cookie')?.split(';')[0] ?? ''
  }

  #send = (path: string, fields: Record<string, string>): Promise<Response> =>
    fetch(`${PAGE_URL}${path}`, {
      method: 'POST',
      headers: { cookie: this.#cookie, origin: PAGE_URL },
      body: new URLSearchParams(fields),
      redirect: 'manual',
    })
}
