/** The technician's page in a real browser the size of a phone, with scripts turned off. */
import { readFileSync } from 'node:fs'
import { createServer, type IncomingMessage } from 'node:http'
import { createRequire } from 'node:module'
import { createSitePage } from '@brickyard/agent/site-page'
import { sampleSite } from '@brickyard/agent/site-page-sample'
import { systemClock } from '@brickyard/runtime/node/clock'
import { systemRandom } from '@brickyard/runtime/node/random'
import { fakePassword } from '@brickyard/sim/fake-password'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { needs, programPath } from '../needs.ts'

const PIN = '407162'
const PHONE = { width: 390, height: 844 }
const TARGET_PIXELS_MIN = 48

/** Serves the page of a made-up site on a port of its own. */
async function serveSite() {
  const site = sampleSite()
  const page = createSitePage({
    ...site,
    clock: { ...systemClock, wallMs: () => site.wallMs },
    random: systemRandom,
    password: fakePassword,
    pinHash: await fakePassword.hash(PIN),
  })
  const server = createServer((request, response) => {
    void (async () => {
      const answer = await page(await fetchRequest(request), { address: '127.0.0.1', port: 1 })
      response.writeHead(answer.status, Object.fromEntries(answer.headers))
      response.end(Buffer.from(await answer.arrayBuffer()))
    })()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return { site, url: `http://127.0.0.1:${port}`, close: () => server.close() }
}

async function fetchRequest(request: IncomingMessage): Promise<Request> {
  const pieces: Buffer[] = []
  for await (const piece of request) pieces.push(piece as Buffer)
  const { host = '', ...headers } = request.headers as Record<string, string>
  const body = request.method === 'POST' ? { body: Buffer.concat(pieces) } : {}
  const init = { method: request.method ?? 'GET', headers, ...body }
  return new Request(`http://${host}${request.url}`, init)
}

const { describe } = needs({ programs: ['chromium'] })

describe('the technician’s page on a phone', () => {
  let browser: Browser
  beforeAll(async () => {
    const executablePath = programPath('chromium') ?? ''
    browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] })
  })
  afterAll(async () => {
    await browser.close()
  })

  const signedIn = async (url: string, options: BrowserContextOptions): Promise<Page> => {
    const page = await (await browser.newContext({ viewport: PHONE, ...options })).newPage()
    await page.goto(url)
    await page.getByLabel('Your name').fill('Ann Lee')
    await page.getByLabel('PIN of this site').fill(PIN)
    await page.getByRole('button', { name: 'Sign in' }).click()
    return page
  }

  it('leads through the replacement of a sled without any script', async () => {
    const { site, url, close } = await serveSite()
    const page = await signedIn(url, { javaScriptEnabled: false })
    const outcome = (step: string): void => {
      const attempt = site.view.workOrder('w-1')?.attempts ?? 0
      const done = { kind: 'outcome', step, attempt, outcome: 'pass', detail: 'seen' } as const
      expect(site.acts.tellWorkOrder('w-1', done).ok).toBe(true)
    }
    const press = (name: string): Promise<void> => page.getByRole('button', { name }).click()
    const type = async (serial: string): Promise<void> => {
      await page.getByLabel('Serial on the label').fill(serial)
      await press('Take it')
    }
    await page.getByRole('link', { name: /sled-01/ }).click()
    expect(await page.getByText('SAFE TO PULL').isVisible()).toBe(true)
    await press('Light on')
    expect(await page.getByRole('status').textContent()).toBe('The light of sled-01 is on.')
    await press('Replace this sled, step by step')
    outcome('light-on')
    await page.getByRole('link', { name: 'Look again' }).click()
    await press('Yes')
    await type('BY7K3001')
    for (const step of ['free-of-work', 'power-off', 'safe-to-pull']) outcome(step)
    await page.getByRole('link', { name: 'Look again' }).click()
    await press('Done')
    await type('BY7K3999')
    await press('Done')
    await press('Yes')
    outcome('answers')
    outcome('light-off')
    await page.getByRole('link', { name: 'Look again' }).click()
    expect(await page.getByText('Every step was verified.').isVisible()).toBe(true)
    close()
  })

  it('follows by itself what the machine does, where scripts run', async () => {
    const { site, url, close } = await serveSite()
    const page = await signedIn(url, {})
    expect(site.acts.replaceSled(site.view.sleds()[0]!.name, 'Ann Lee').ok).toBe(true)
    await page.goto(`${url}/work-orders/w-1`)
    expect(await page.getByRole('heading', { name: 'Step 1 of 12' }).isVisible()).toBe(true)
    const done = { kind: 'outcome', step: 'light-on', attempt: 1, outcome: 'pass' } as const
    site.acts.tellWorkOrder('w-1', { ...done, detail: 'seen' })
    await page.getByRole('heading', { name: 'Step 2 of 12' }).waitFor()
    close()
  })

  it('is accessible, wide enough for a thumb and no wider than the phone', async () => {
    const { site, url, close } = await serveSite()
    const page = await signedIn(url, { bypassCSP: true })
    const order = site.acts.replaceSled(site.view.sleds()[0]!.name, 'Ann Lee')
    expect(order.ok).toBe(true)
    const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
    const paths = [
      '/',
      '/sleds/sled-01',
      '/sleds/sled-05',
      '/sleds/sled-01/power?verb=off',
      '/work-orders/w-1',
      '/work-orders/w-1?cancel=1',
      '/nowhere',
    ]
    for (const path of paths) {
      await page.goto(url + path)
      await page.evaluate(axe)
      const broken = await page.evaluate(
        'axe.run().then((r) => r.violations.map((v) => v.id + ": " + v.nodes[0].html))',
      )
      const small = await page.evaluate(
        `[...document.querySelectorAll('a, button, input, summary, textarea')]
          .filter((e) => e.offsetHeight > 0 && e.offsetHeight < ${TARGET_PIXELS_MIN})
          .map((e) => e.outerHTML)`,
      )
      const width = await page.evaluate('document.documentElement.scrollWidth')
      expect([path, broken, small, width]).toEqual([path, [], [], PHONE.width])
    }
    close()
  })
})
