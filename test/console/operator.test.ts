import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { buildConsole } from '@brickyard/console/build'
import type { ActPayload } from '@brickyard/protocol/acts'
import type { Browser } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { needs } from '../needs.ts'
import { launchChromium, openTab, signIn, type ConsoleTab } from './fixtures/browser.ts'
import { addImage, provisionUnderWay, rackOf, tellFleet, tellSled } from './fixtures/fleet.ts'
import { hubRig, type HubRig } from './fixtures/hub-rig.ts'
import type { ScriptedSite } from './fixtures/scripted-site.ts'

const { describe } = needs({ programs: ['chromium'] })

/** First load of JavaScript, gzip -9: the budget of the console. */
const FIRST_LOAD_BYTES_MAX = 180_000

/** Run in the page: how many elements of its main part are drawn in the colour that means good. */
const GREEN_IN_MAIN = `(() => {
  const main = document.querySelector('main')
  const probe = document.createElement('i')
  probe.className = 'text-good'
  main.append(probe)
  const good = getComputedStyle(probe).color
  probe.remove()
  return [...main.querySelectorAll('*')].filter((each) => getComputedStyle(each).color === good)
    .length
})()`
/** Longest wait for a page to come to a state; a busy machine is slow, not wrong. */
const SOON = { timeout: 15_000 }

describe('an operator at the console', () => {
  let folder: string
  let rig: HubRig
  let site: ScriptedSite
  let browser: Browser
  let tab: ConsoleTab
  let acts: ActPayload[]

  beforeAll(async () => {
    ;({ folder } = await buildConsole())
    browser = await launchChromium()
  }, 60_000)
  afterAll(() => browser?.close())

  beforeEach(async () => {
    acts = []
    rig = await hubRig({ consoleFolder: folder })
    site = await rig.site(
      { name: 'tower-17', displayName: 'Tower 17', rack: rackOf('tower-17', 17) },
      (act, from) => {
        acts.push(act)
        void from.tell('act.result', { act: act.id, ok: true, reason: null })
      },
    )
    await tellFleet(site, 'tower-17')
    tab = await openTab(browser, rig)
  })
  afterEach(async () => {
    expect(tab.complaints).toEqual([])
    expect(tab.strangers).toEqual([])
    await tab.context.close()
    await rig.close()
  })

  it('is led to the sign-in and back to the page that was asked for', async () => {
    const { page } = tab
    await page.goto('/sites/tower-17')
    await page.getByLabel('User').fill('admin')
    await page.getByLabel('Password').fill('wrong')
    await page.getByRole('button', { name: 'Sign in' }).click()
    await expect.poll(() => page.getByRole('alert').textContent(), SOON).toMatch(/do not belong/)
    await page.getByLabel('Password').fill('correct horse battery staple')
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('heading', { level: 1, name: 'Tower 17' }).waitFor()
    await page.getByRole('button', { name: /Account of admin/ }).click()
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.getByRole('heading', { name: 'Sign in to the hub' }).waitFor()
    await page.goto('/')
    await page.getByRole('heading', { name: 'Sign in to the hub' }).waitFor()
  })

  it('sees first what needs a person', async () => {
    await signIn(tab)
    const needs = tab.page.getByRole('region', { name: 'Needs a person' })
    await needs.getByText('sled-11 is quarantined').waitFor()
    const rows = await needs.getByRole('listitem').allTextContents()
    expect(rows.filter((row) => row.includes('critical')).length).toBeGreaterThanOrEqual(3)
    await needs.getByRole('link', { name: 'tower-17/sled-10' }).click()
    await tab.page.getByRole('heading', { level: 1, name: 'sled-10' }).waitFor()
  })

  it('sees a change without touching the page', async () => {
    await signIn(tab, '/sites/tower-17')
    const { page } = tab
    await page.getByRole('status').getByText('live').waitFor()
    await page.getByRole('link', { name: /^sled-01, ready/ }).waitFor()
    await tellSled(site, 'tower-17', 1, 'in-use', 'phoned home')
    await page.getByRole('link', { name: /^sled-01, in use/ }).waitFor()
    const table = page.getByRole('table', { name: 'Sleds of this rack' })
    const row = table.getByRole('row', { name: /^sled-01 / })
    await row.getByText('in use').waitFor()
  })

  it('walks the rack with the arrow keys', async () => {
    await signIn(tab, '/sites/tower-17')
    const { page } = tab
    await page.getByRole('link', { name: /^sled-01,/ }).focus()
    await page.keyboard.press('ArrowUp')
    await page.keyboard.press('ArrowRight')
    const focused = () => page.evaluate<string>("document.activeElement.getAttribute('href')")
    expect(await focused()).toBe('/sites/tower-17/sleds/sled-04')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { level: 1, name: 'sled-04' }).waitFor()
  })

  it('confirms a hard power verb by typing, and learns that it was read back', async () => {
    await signIn(tab, '/sites/tower-17/sleds/sled-02')
    const { page } = tab
    await page.getByRole('button', { name: 'Power' }).click()
    await page.getByRole('button', { name: 'Power cycle' }).click()
    const dialog = page.getByRole('dialog', { name: 'tower-17/sled-02' })
    const act = dialog.getByRole('button', { name: 'Power cycle' })
    expect(await act.isDisabled()).toBe(true)
    await dialog.getByRole('textbox').fill('BWTOWER')
    expect(await act.isDisabled()).toBe(true)
    await dialog.getByRole('textbox').fill('171002')
    await act.click()
    await page.getByRole('status').getByText('done, read back').waitFor()
    expect(acts.map(({ act, sled }) => [sled, act])).toEqual([
      ['sled-02', { kind: 'power', verb: 'cycle' }],
    ])
  })

  it('follows an operation step by step', async () => {
    await signIn(tab, '/sites/tower-17/sleds/sled-03')
    const { page } = tab
    await site.tell('operation.changed', { operation: provisionUnderWay(3, null) })
    await page.getByRole('heading', { name: 'Running now: Provision' }).waitFor()
    site.read([{ key: 'operation/op-3/percent', value: 43, unit: '%', atMs: Date.now() }])
    const bar = page.getByRole('progressbar', { name: 'write' })
    await expect.poll(() => bar.getAttribute('aria-valuenow'), SOON).toBe('43')
    const steps = page.getByRole('list', { name: 'Steps' }).getByRole('listitem')
    expect(await steps.allTextContents()).toEqual([
      expect.stringContaining('set next boot, done'),
      expect.stringContaining('power cycle, done'),
      expect.stringContaining('wipe, done'),
      expect.stringContaining('write, running'),
      expect.stringContaining('verify, waiting'),
      expect.stringContaining('reboot, waiting'),
    ])
  })

  it('deploys, sees why these sleds, and releases by typing the name', async () => {
    await addImage(rig, 'debian-13')
    await signIn(tab, '/deployments')
    const { page } = tab
    await page.getByRole('link', { name: 'New deployment' }).click()
    await page.getByLabel('Image').selectOption({ label: 'debian-13 (x86_64)' })
    await page.getByLabel('Sleds', { exact: true }).fill('2')
    await page.getByLabel('Name', { exact: true }).fill('edge-cache')
    await page.getByText('would be placed').waitFor()
    await page.getByText('yard deploy create --image debian-13 --count 2').waitFor()
    await page.getByRole('button', { name: 'Place and provision' }).click()
    await page.getByRole('heading', { level: 1, name: 'edge-cache' }).waitFor()
    const why = page.getByRole('region', { name: 'Why these sleds' })
    expect(await why.getByRole('row').count()).toBe(3)
    await page.getByRole('region', { name: 'Why not the others' }).getByText('sled state').waitFor()
    await page.getByRole('button', { name: 'Release …' }).click()
    const dialog = page.getByRole('dialog')
    const act = dialog.getByRole('button', { name: 'Release and wipe 2 sleds' })
    expect(await act.isDisabled()).toBe(true)
    await dialog.getByRole('textbox').fill('edge-cache')
    await act.click()
    await expect
      .poll(() => page.getByRole('table', { name: 'Sleds of this deployment' }).textContent(), SOON)
      .toMatch(/releas/)
  })

  it('asks for a VLAN with addresses, and sees what the sled would be told', async () => {
    await addImage(rig, 'debian-13')
    await signIn(tab, '/deployments/new')
    const { page } = tab
    await page.getByLabel('Image').selectOption({ label: 'debian-13 (x86_64)' })
    await page.getByLabel('VLAN').fill('120')
    await page.getByLabel('Addresses').fill('10.1.0.10 10.1.0.10')
    await page.getByLabel('Subnet').fill('10.1.0.0/24')
    await page.getByText('expected each address once').waitFor()
    await page.getByLabel('Addresses').fill('10.1.0.10-10.1.0.19')
    await page.getByText('"10.1.0.10/24"').waitFor()
    await page.getByText('--vlan 120 --subnet 10.1.0.0/24 --address 10.1.0.10-10.1.0.19').waitFor()
    await page.getByRole('button', { name: 'Place and provision' }).click()
    const request = page.getByRole('region', { name: 'Request' })
    await request.getByText('nic0.120 (VLAN 120 on nic0): 10.1.0.10-10.1.0.19').waitFor()
  })

  it('reads every refusal of a deployment that cannot be placed', async () => {
    const image = await addImage(rig, 'debian-13')
    await rig.client.deployments.create({ name: 'too-many', image, count: 60 })
    await signIn(tab)
    const needs = tab.page.getByRole('region', { name: 'Needs a person' })
    const item = needs.getByRole('listitem').filter({ hasText: 'too-many was refused' })
    await item.getByRole('link', { name: 'deployment' }).click()
    await tab.page.getByRole('heading', { level: 1, name: 'too-many' }).waitFor()
    await tab.page
      .getByText(/60 sleds wanted, 13 of 20 fit/)
      .first()
      .waitFor()
    const refused = tab.page.getByRole('region', { name: 'Why not the others' })
    await refused
      .getByRole('listitem')
      .getByText(/held by maria/)
      .waitFor()
    expect(await refused.getByRole('listitem').count()).toBe(7)
  })

  it('keeps the filters of the events in the address', async () => {
    await signIn(tab, '/events')
    const { page } = tab
    await page.getByLabel('Kind').selectOption('sled.state')
    await page.getByLabel('Sled').fill('sled-10')
    const list = page.getByRole('list', { name: 'Events, newest first' })
    await expect.poll(() => list.getByRole('listitem').count(), SOON).toBe(1)
    expect(new URL(page.url()).search).toBe('?kind=sled.state&sled=sled-10')
    await page.reload()
    await expect.poll(() => list.getByRole('listitem').count(), SOON).toBe(1)
    await list.getByText('sled-10 is failed').click()
    await list.getByLabel('Body of the event').getByText('"to": "failed"').waitFor()
  })

  it('greys a site that is away and says as of when', async () => {
    await tellSled(site, 'tower-17', 1, 'in-use', 'phoned home')
    site.leave()
    rig.pass(3_600_000)
    await signIn(tab, '/sites/tower-17')
    const { page } = tab
    await page.getByText('The hub cannot hear this site.').waitFor()
    await page.getByRole('link', { name: 'sled-01, in use, as last reported' }).waitFor()
    await page.getByRole('table').getByText(/as of/).first().waitFor()
    // Nothing that may no longer be true is green: the live mark of the page itself aside.
    expect(await page.evaluate<number>(GREEN_IN_MAIN)).toBe(0)
    await page.getByRole('link', { name: /^sled-01, in use/ }).click()
    await page.getByRole('region', { name: 'Firmware' }).getByText('compliant').waitFor()
    expect(await page.evaluate<number>(GREEN_IN_MAIN)).toBe(0)
  })

  it('jumps to a sled by its serial', async () => {
    await signIn(tab)
    const { page } = tab
    await page.keyboard.press('/')
    await page.getByRole('combobox', { name: 'Search the fleet' }).fill('BWTOWER171006')
    await page.getByRole('option', { name: /sled-06/ }).waitFor()
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { level: 1, name: 'sled-06' }).waitFor()
  })

  it('loads no more than its budget', async () => {
    const html = await readFile(join(folder, 'index.html'), 'utf8')
    const assets = await readdir(join(folder, 'assets'))
    const first = assets.filter((name) => name.endsWith('.js') && html.includes(name))
    expect(first.length).toBeGreaterThan(0)
    const sizes = await Promise.all(
      first.map(async (name) => gzipSync(await readFile(join(folder, 'assets', name))).length),
    )
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(FIRST_LOAD_BYTES_MAX)
  })
})
