import { buildConsole } from '@brickyard/console/build'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { needs } from '../needs.ts'
import { answerTo } from './fixtures/boots.ts'
import { launchChromium, openTab, signIn, type ConsoleTab } from './fixtures/browser.ts'
import { rackOf } from './fixtures/fleet.ts'
import { hubRig, type HubRig } from './fixtures/hub-rig.ts'

needs({ programs: ['chromium'] }).describe('the networks of a site in the console', () => {
  let rig: HubRig
  let browser: Browser
  let tab: ConsoleTab

  beforeAll(async () => {
    const { folder } = await buildConsole()
    browser = await launchChromium()
    rig = await hubRig({ consoleFolder: folder })
    const rack = rackOf('tower-17', 17) as { networks: { mode: string }[] }
    for (const network of rack.networks) network.mode = 'listen-only'
    const declared = { name: 'tower-17', displayName: 'Tower 17', rack }
    await rig.site(declared, undefined, (ask) => answerTo(ask, 'sled-04'))
    tab = await openTab(browser, rig)
  }, 60_000)
  afterAll(async () => {
    await browser?.close()
    await rig?.close()
  })

  it('begin to answer once a person saw what they would answer, and typed their name', async () => {
    await signIn(tab, '/sites/tower-17')
    const { page } = tab
    const networks = page.getByRole('region', { name: 'Networks' })
    await networks.getByText('listen only').first().waitFor()
    await networks.getByRole('button', { name: 'Change the mode of provisioning' }).click()
    const dialog = page.getByRole('dialog', { name: 'Network provisioning of tower-17' })
    const would = dialog.getByRole('table', { name: 'What provisioning would answer' })
    await would.getByText('OFFER of 10.17.0.101, kept for it').waitFor()
    await dialog.getByText('Another DHCP server answers there: 10.17.0.200').waitFor()
    await dialog.getByText('02:66:00:00:00:01, gives addresses, router 10.17.0.200').waitFor()
    const act = dialog.getByRole('button', { name: 'Make it authoritative' })
    expect(await act.isDisabled()).toBe(true)
    await dialog.getByRole('textbox').fill('provisioning')
    await act.click()
    await networks.getByText('10.17.0.1 gives the addresses').waitFor()
    expect(await rig.client.sites.rack('tower-17')).toMatchObject({
      value: { networks: [{ mode: 'authoritative' }, { mode: 'listen-only' }] },
    })
    expect([tab.complaints, tab.strangers]).toEqual([[], []])
  })
})
