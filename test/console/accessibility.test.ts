import { buildConsole } from '@brickyard/console/build'
import type { SledName } from '@brickyard/model/names'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { needs } from '../needs.ts'
import { violations } from './fixtures/axe.ts'
import { launchChromium, openTab, signIn, type Theme } from './fixtures/browser.ts'
import { tellBmc } from './fixtures/bmc.ts'
import { answerTo } from './fixtures/boots.ts'
import { addImage, provisionUnderWay, rackOf, tellFleet } from './fixtures/fleet.ts'
import { hubRig, type HubRig } from './fixtures/hub-rig.ts'
import { value } from './fixtures/value.ts'

const { describe } = needs({ programs: ['chromium'] })

/** Run in the page, whose types the tests do not have. */
const WIDER_THAN_THE_SCREEN =
  'document.documentElement.scrollWidth - document.documentElement.clientWidth'

describe('every page of the console', () => {
  let rig: HubRig
  let browser: Browser
  /** Address and heading of every page that is drawn after signing in. */
  let pages: readonly (readonly [path: string, heading: string])[]

  beforeAll(async () => {
    const { folder } = await buildConsole()
    rig = await hubRig({ consoleFolder: folder })
    const declared = { name: 'tower-17', displayName: 'Tower 17', rack: rackOf('tower-17', 17) }
    const tower = await rig.site(declared, undefined, (ask) => answerTo(ask, 'sled-10'))
    await tellFleet(tower, 'tower-17')
    await tellBmc(tower, 'sled-10' as SledName)
    const lot = await rig.site({ name: 'lot-9', displayName: 'Lot 9', rack: rackOf('lot-9', 19) })
    await tellFleet(lot, 'lot-9')
    lot.leave()
    rig.pass(3 * 3_600_000)
    tower.alive()
    value(await rig.client.sites.create({ name: 'bare', displayName: 'Bare' }))
    const image = await addImage(rig, 'debian-13')
    const placed = value(await rig.client.deployments.create({ name: 'edge', image, count: 2 }))
    const refused = value(await rig.client.deployments.create({ name: 'big', image, count: 99 }))
    const [first] = placed.assignments
    await tower.tell('operation.changed', {
      operation: provisionUnderWay(Number(first?.sled.slice(-2)), first?.id ?? null),
    })
    pages = [
      ['/', 'Overview'],
      ['/sites', 'Sites'],
      ['/sites/tower-17', 'Tower 17'],
      ['/sites/lot-9', 'Lot 9'],
      ['/sites/bare', 'Bare'],
      ['/sites/nowhere', 'nowhere'],
      [`/sites/tower-17/sleds/${first?.sled}`, first?.sled ?? ''],
      ['/sites/tower-17/sleds/sled-10', 'sled-10'],
      ['/sites/tower-17/sleds/sled-10/console', 'Console of sled-10'],
      ['/sites/lot-9/sleds/sled-20', 'sled-20'],
      ['/sleds', 'Sleds'],
      ['/deployments', 'Deployments'],
      [`/deployments/${placed.id}`, 'edge'],
      [`/deployments/${refused.id}`, 'big'],
      [`/deployments/new?image=${image}`, 'New deployment'],
      ['/images', 'Images'],
      ['/events', 'Events'],
      ['/no-such-page', 'Nothing here'],
    ]
    browser = await launchChromium()
  }, 60_000)

  afterAll(async () => {
    await browser?.close()
    await rig?.close()
  })

  async function look(theme: Theme, phone: boolean): Promise<void> {
    const tab = await openTab(browser, rig, { theme, phone })
    await tab.page.goto('/sign-in')
    await tab.page.getByRole('heading', { name: 'Sign in to the hub' }).waitFor()
    const found = (await violations(tab.page)).map((line) => `/sign-in: ${line}`)
    await tab.page.getByLabel('User').fill('admin')
    await tab.page.getByLabel('Password').fill('correct horse battery staple')
    await tab.page.getByRole('button', { name: 'Sign in' }).click()
    await tab.page.getByRole('heading', { name: 'Overview' }).waitFor()
    for (const [path, heading] of pages) {
      await tab.page.goto(path)
      await tab.page.getByRole('heading', { level: 1, name: heading }).waitFor()
      await tab.page.getByText('Loading …').first().waitFor({ state: 'hidden' })
      found.push(...(await violations(tab.page)).map((line) => `${path}: ${line}`))
      const wider = await tab.page.evaluate<number>(WIDER_THAN_THE_SCREEN)
      if (wider > 0) found.push(`${path} is ${wider} px wider than the screen`)
    }
    expect(found).toEqual([])
    expect(tab.complaints).toEqual([])
    expect(tab.strangers).toEqual([])
    await tab.context.close()
  }

  it('has nothing that axe finds wrong in the light theme', () => look('light', false), 120_000)
  it('has nothing that axe finds wrong in the dark theme', () => look('dark', false), 120_000)
  it('fits a phone, and axe finds nothing wrong there', () => look('dark', true), 120_000)

  it('keeps its menus and dialogs as accessible as its pages', async () => {
    const tab = await openTab(browser, rig, { theme: 'dark' })
    await signIn(tab, '/sites/tower-17/sleds/sled-10')
    await tab.page.getByRole('button', { name: 'Power' }).click()
    expect(await violations(tab.page)).toEqual([])
    await tab.page.getByRole('button', { name: 'Power cycle' }).click()
    await tab.page.getByRole('dialog').waitFor()
    expect(await violations(tab.page)).toEqual([])
    await tab.page.keyboard.press('Escape')
    await tab.page.keyboard.press('/')
    await tab.page.getByRole('combobox', { name: 'Search the fleet' }).waitFor()
    expect(await violations(tab.page)).toEqual([])
    await tab.context.close()
  })
})
