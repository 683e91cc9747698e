import { buildConsole } from '@brickyard/console/build'
import type { SledName } from '@brickyard/model/names'
import type { ActPayload } from '@brickyard/protocol/acts'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { needs } from '../needs.ts'
import { tellBmc } from './fixtures/bmc.ts'
import { launchChromium, openTab, signIn, type ConsoleTab } from './fixtures/browser.ts'
import { rackOf, tellFleet } from './fixtures/fleet.ts'
import { hubRig, type HubRig } from './fixtures/hub-rig.ts'

const { describe } = needs({ programs: ['chromium'] })

const SOON = { timeout: 15_000 }

describe('the BMC of a sled at the console', () => {
  let rig: HubRig
  let browser: Browser
  let tab: ConsoleTab
  const acts: ActPayload[] = []

  beforeAll(async () => {
    const { folder } = await buildConsole()
    rig = await hubRig({ consoleFolder: folder })
    const site = await rig.site(
      { name: 'tower-17', displayName: 'Tower 17', rack: rackOf('tower-17', 17) },
      (act, from) => {
        acts.push(act)
        void from.tell('act.result', { act: act.id, ok: true, reason: null })
      },
    )
    await tellFleet(site, 'tower-17')
    await tellBmc(site, 'sled-12' as SledName)
    browser = await launchChromium()
    tab = await openTab(browser, rig)
    await signIn(tab, '/sites/tower-17/sleds/sled-12')
  }, 60_000)
  afterAll(async () => {
    await browser?.close()
    await rig?.close()
  })

  it('shows sensors with limits and age; what is stale or has no reading is never green', async () => {
    const { page } = tab
    const row = (name: string) => page.getByRole('row').filter({ hasText: name })
    await row('Inlet Temp').waitFor()
    expect(await row('Inlet Temp').innerText()).toMatch(/warning.*41 °C.*critical above 42/s)
    expect(await row('Fan 2').innerText()).toMatch(/unknown.*no reading.*absent/s)
    expect(await row('PSU 1').innerText()).toMatch(/present.*as of/s)
    const colour = (name: string) => row(name).locator('td span').first().getAttribute('class')
    expect(await colour('CPU Temp')).toContain('text-good')
    expect(await colour('PSU 1')).not.toContain('text-good')
    expect(await page.getByText('draws 184 W').isVisible()).toBe(true)
  })

  it('shows how reliable the BMC is, what is open on it and what it wrote down', async () => {
    const { page } = tab
    const panel = page.getByRole('region', { name: 'BMC', exact: true })
    expect(await panel.innerText()).toMatch(/88 of 100\s+a little flaky: 36 of 40/)
    expect(await panel.innerText()).toMatch(/45 of 100.*cipher suite 0.*critical/s)
    expect(await panel.innerText()).toMatch(/power restore policy: stay-off → as-before/)
    const log = page.getByRole('region', { name: 'Event log of its BMC' })
    await expect.poll(() => log.innerText(), SOON).toMatch(/PSU 1: input lost/)
  })

  it('releases an adopted sled once its name was typed', async () => {
    const { page } = tab
    await page.getByRole('button', { name: 'More', exact: true }).click()
    await page.getByRole('button', { name: /Release adoption/ }).click()
    const dialog = page.getByRole('dialog')
    expect(await dialog.innerText()).toContain('stops what runs on it')
    await dialog.getByRole('textbox').fill('171012')
    await dialog.getByRole('button', { name: 'Release adoption' }).click()
    await expect.poll(() => acts.map(({ act }) => act.kind), SOON).toEqual(['release-adoption'])
    expect(tab.complaints).toEqual([])
    expect(tab.strangers).toEqual([])
  })
})
