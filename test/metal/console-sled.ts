import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildConsole } from '@brickyard/console/build'
import { Minutes, Seconds } from '@brickyard/std/units'
import type { Page } from 'playwright-core'
import { launchChromium, openTab } from '../console/fixtures/browser.ts'
import { claimBoot } from './boot-report.ts'
import { type Checks, until, within } from './checks.ts'
import { untilReady } from './late-sleds.ts'
import { lateSled, type Rig } from './rig.ts'
import { SERIAL_SLED } from './rig-sleds.ts'
import { type RigSite, SITE } from './site.ts'

const YARD = fileURLToPath(new URL('../../packages/cli/src/main.ts', import.meta.url))
const BOOT_LIMIT_MS = Minutes(6)
const PAGE_LIMIT_MS = Minutes(1)
/** A break and a letter within 5 s: the kernel's own help. Until a kernel runs, nobody minds. */
const KNOCK_MS = Seconds(3)
/** What UEFI says of itself, and a kernel that was asked by break and `h`. */
const FIRMWARE_SAYS = /BdsDxe|PXE|iPXE/
const KERNEL_SAYS = /sysrq: HELP/

/**
 * A sled's real serial port through its BMC, the agent and the hub to a real browser, which types and
 * breaks, and to `yard`, which reads along.
 */
export async function claimConsole(rig: Rig, site: RigSite, checks: Checks): Promise<void> {
  const { name } = SERIAL_SLED
  await buildConsole()
  await site.declare([...rig.rackSleds, SERIAL_SLED])
  const browser = await launchChromium()
  const yard = await readAlong(rig, site)
  try {
    const { page } = await openTab(browser, site.door)
    await signIn(page, site)
    await page.getByRole('button', { name: 'Take the keyboard' }).click()
    await page.getByText('You write.').waitFor({ timeout: PAGE_LIMIT_MS })
    checks.claim(`${name}: a browser has its console, and the keyboard`, true)

    await until(BOOT_LIMIT_MS, 'the firmware says something', async () =>
      FIRMWARE_SAYS.test(await shown(page)) ? true : undefined,
    )
    checks.claim(`${name}: the browser shows its firmware`, true)
    await knock(page)
    checks.claim(`${name}: its kernel answers a break and a key of the browser`, true)
    await until(PAGE_LIMIT_MS, 'yard reads along', () =>
      KERNEL_SAYS.test(yard.text()) ? true : undefined,
    )
    checks.claim(`${name}: yard read all of it along`, FIRMWARE_SAYS.test(yard.text()))
    yard.child.kill('SIGINT')
    await claimOnRecord(site, checks)
    await untilReady(site, SERIAL_SLED)
    await claimBoot(site, checks, lateSled(rig, SERIAL_SLED))
  } catch (error) {
    console.log(`--- yard\n${yard.text().slice(-2000)}`)
    throw error
  } finally {
    yard.child.kill('SIGKILL')
    await browser.close()
  }
}

async function signIn(page: Page, { door }: RigSite): Promise<void> {
  await page.goto(`/sites/${SITE}/sleds/${SERIAL_SLED.name}/console`)
  await page.getByLabel('User').fill(door.user)
  await page.getByLabel('Password').fill(door.password)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByText('connected', { exact: true }).waitFor({ timeout: PAGE_LIMIT_MS })
}

/** `yard sled console` in a process of its own, signed in by `yard login`. */
async function readAlong({ folder }: Rig, { door }: RigSite) {
  const home = { ...process.env, XDG_CONFIG_HOME: join(folder, 'yard') }
  const login = spawn(process.execPath, [YARD, 'login', door.url, '--user', door.user], {
    env: home,
    stdio: ['pipe', 'ignore', 'inherit'],
  })
  login.stdin.end(`${door.password}\n`)
  const [code] = (await within(PAGE_LIMIT_MS, 'yard login', once(login, 'exit'))) as [number]
  if (code !== 0) throw new Error(`yard login ended with ${code}`)
  const words = ['sled', 'console', `${SITE}/${SERIAL_SLED.name}`, '--read-only']
  const child = spawn(process.execPath, [YARD, ...words], {
    env: home,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let text = ''
  child.stdout.on('data', (bytes: Buffer) => {
    text += bytes.toString('latin1')
  })
  return { child, text: () => text }
}

/** All that the terminal holds, its scrollback too. */
async function shown(page: Page): Promise<string> {
  return (await page.locator('.xterm-rows').innerText()).replaceAll('\u00a0', ' ')
}

async function knock(page: Page): Promise<void> {
  let knockedMs = 0
  await page.locator('.xterm-screen').click()
  await until(BOOT_LIMIT_MS, 'the kernel answers a break', async () => {
    if (KERNEL_SAYS.test(await shown(page))) return true
    if (Date.now() - knockedMs < KNOCK_MS) return undefined
    knockedMs = Date.now()
    await page.getByRole('button', { name: 'Send break' }).click()
    await page.locator('.xterm-helper-textarea').press('h')
    return undefined
  })
}

async function claimOnRecord({ client }: RigSite, checks: Checks): Promise<void> {
  const { name } = SERIAL_SLED
  const found = await client.events.list({ site: SITE, kind: 'sled.console' })
  const texts = found.ok ? found.value.items.map(({ text }) => text) : []
  const told = texts.some((text) => text.includes('sent a break'))
  checks.claim(`${name}: the journal says who was there`, told, texts.at(-1) ?? 'nothing')
}
