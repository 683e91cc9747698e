import { buildConsole } from '@brickyard/console/build'
import type { Browser } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { needs } from '../needs.ts'
import { violations } from './fixtures/axe.ts'
import { launchChromium, openTab, signIn, type ConsoleTab } from './fixtures/browser.ts'
import { rackOf, tellFleet } from './fixtures/fleet.ts'
import { hubRig, PASSWORD, type HubRig } from './fixtures/hub-rig.ts'
import { scriptedSerial, type ScriptedSerial } from './fixtures/scripted-serial.ts'
import type { ScriptedSite } from './fixtures/scripted-site.ts'

const { describe } = needs({ programs: ['chromium'] })

const PATH = '/sites/tower-17/sleds/sled-10/console'
const SOON = { timeout: 15_000 }
const BOOT =
  '\u001b[1;32m[  OK  ]\u001b[0m Started \u001b[38;2;255;128;0mgetty\u001b[0m on ttyS0.\r\n'

describe('the serial console in a browser', () => {
  let folder: string
  let rig: HubRig
  let site: ScriptedSite
  let serial: ScriptedSerial
  let browser: Browser
  let tab: ConsoleTab

  beforeAll(async () => {
    ;({ folder } = await buildConsole())
    browser = await launchChromium()
  }, 60_000)
  afterAll(() => browser?.close())
  beforeEach(async () => {
    rig = await hubRig({ consoleFolder: folder })
    serial = scriptedSerial((typed) => typed.replaceAll('\r', '\r\n$ '))
    const declared = { name: 'tower-17', displayName: 'Tower 17', rack: rackOf('tower-17', 17) }
    site = await rig.site(declared, undefined, undefined, serial.onStream)
    await tellFleet(site, 'tower-17')
    serial.print(`${BOOT}sled-10 login: `)
    tab = await openTab(browser, rig)
  })
  afterEach(async () => {
    await tab.context.close()
    await rig.close()
  })

  const shown = (): Promise<string> => tab.page.locator('.xterm-rows').innerText()
  const untilShown = (text: string): Promise<void> =>
    expect.poll(async () => (await shown()).replaceAll('\u00a0', ' '), SOON).toContain(text)

  it('shows what was printed, takes the keyboard, types and breaks, and breaks no policy', async () => {
    await signIn(tab, '/sites/tower-17/sleds/sled-10')
    await tab.page.getByRole('link', { name: 'Console' }).click()
    await tab.page.getByRole('heading', { name: 'Console of sled-10' }).waitFor(SOON)
    await untilShown('Started getty on ttyS0.')
    await tab.page.getByText('connected', { exact: true }).waitFor(SOON)
    await tab.page.locator('.xterm-screen').click()
    await tab.page.keyboard.type('lost')
    await tab.page.getByRole('button', { name: 'Take the keyboard' }).click()
    await tab.page.getByText('You write.').waitFor(SOON)
    await tab.page.keyboard.type('uptime')
    await tab.page.keyboard.press('Enter')
    await untilShown('sled-10 login: uptime')
    await tab.page.getByRole('button', { name: 'Send break' }).click()
    await expect.poll(() => serial.heard.at(-1), SOON).toBe('break by admin')
    expect(serial.typed).toBe('uptime\r')
    expect(await violations(tab.page)).toEqual([])
    await tab.page.getByRole('button', { name: 'Screen reader mode' }).click()
    await tab.page.getByText('connected', { exact: true }).waitFor(SOON)
    await tab.page.locator('.xterm-accessibility').waitFor({ state: 'attached' })
    expect(await violations(tab.page)).toEqual([])
    expect(tab.complaints).toEqual([])
    expect(tab.strangers).toEqual([])
  }, 60_000)

  it('asks before several lines are pasted, and before it takes the keyboard from somebody', async () => {
    await signIn(tab, PATH)
    await tab.page.getByRole('button', { name: 'Take the keyboard' }).click()
    await tab.page.getByText('You write.').waitFor(SOON)
    await tab.page.evaluate(`(() => {
      const data = new DataTransfer()
      data.setData('text', 'one\\ntwo\\n')
      const paste = new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true })
      document.querySelector('.xterm-helper-textarea').dispatchEvent(paste)
    })()`)
    await tab.page.getByRole('dialog', { name: 'Paste 2 lines' }).waitFor(SOON)
    expect(await violations(tab.page)).toEqual([])
    expect(serial.typed).toBe('')
    await tab.page.getByRole('button', { name: 'Paste', exact: true }).click()
    await expect.poll(() => serial.typed, SOON).toBe('one\rtwo\r')

    const other = await openTab(browser, rig)
    await signIn(other, PATH)
    await other.page.getByText('admin writes. 1 more reads along.').waitFor(SOON)
    await other.page.getByRole('button', { name: 'Take the keyboard' }).click()
    await other.page.getByRole('button', { name: 'Take it over' }).click()
    await other.page.getByText('You write. 1 more reads along.').waitFor(SOON)
    await tab.page.getByText('admin writes. 1 more reads along.').waitFor(SOON)
    await other.context.close()
    await tab.page.getByText('Nobody writes.').waitFor(SOON)
  }, 60_000)

  it('says that the site is away and since when, and that somebody else has the console', async () => {
    await signIn(tab, PATH)
    await tab.page.getByText('connected', { exact: true }).waitFor(SOON)
    serial.stand('elsewhere', 'somebody else has the console')
    await tab.page.getByText('open elsewhere').waitFor(SOON)
    await tab.page.getByRole('button', { name: 'End it elsewhere' }).click()
    await expect.poll(() => serial.heard.at(-1), SOON).toBe('take-over by admin')
    site.leave()
    await tab.page.getByText('site away').waitFor(SOON)
    await tab.page.getByText(/^as of /).waitFor(SOON)
    await untilShown('sled-10 login:')
    expect(await violations(tab.page)).toEqual([])
  }, 60_000)

  it('is not for whoever may only look', async () => {
    await tab.page.goto(PATH)
    await tab.page.getByLabel('User').fill('visitor')
    await tab.page.getByLabel('Password').fill(PASSWORD)
    await tab.page.getByRole('button', { name: 'Sign in' }).click()
    await tab.page.getByText('Consoles are not for the role viewer.').waitFor(SOON)
    expect(await violations(tab.page)).toEqual([])
  }, 60_000)
})
