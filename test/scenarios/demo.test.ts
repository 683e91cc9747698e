import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { createClient, type HubClient } from '@brickyard/api/client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { needs } from '../needs.ts'

/** What `npm start` runs, as a process of its own, up to its first deployment. */
const MAIN = fileURLToPath(new URL('../../packages/demo/src/main.ts', import.meta.url))
const START_TIMEOUT_MS = 60_000
const IN_USE_TIMEOUT_MS = 90_000

const linesSchema = z.object({
  consoleUrl: z.url(),
  user: z.string(),
  password: z.string(),
  labUrl: z.url(),
  ipmitool: z.string(),
})

let demo: ChildProcess
let said: z.infer<typeof linesSchema>
let client: HubClient

const exited = (process: ChildProcess): Promise<number | null> =>
  new Promise((resolve) => {
    if (process.exitCode !== null) resolve(process.exitCode)
    else process.once('exit', (code) => resolve(code))
  })

beforeAll(async () => {
  demo = spawn(process.execPath, [MAIN, '--json'], {
    env: { ...process.env, BRICKYARD_PORT: '0' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const line = await new Promise<string>((resolve, reject) => {
    demo.stdout?.once('data', (piece: Buffer) => resolve(piece.toString()))
    demo.once('exit', (code) => reject(new Error(`the demonstration ended with ${code}`)))
  })
  said = linesSchema.parse(JSON.parse(line))
  const session = await createClient({ baseUrl: said.consoleUrl, fetch }).login(
    said.user,
    said.password,
  )
  if (!session.ok) throw new Error(JSON.stringify(session.error))
  client = createClient({
    baseUrl: said.consoleUrl,
    fetch,
    token: session.value.token ?? undefined,
  })
}, START_TIMEOUT_MS)

afterAll(() => {
  if (demo.exitCode === null) demo.kill('SIGKILL')
})

async function until(what: string, look: () => Promise<boolean>, limitMs: number): Promise<void> {
  const startMs = performance.now()
  while (!(await look())) {
    if (performance.now() - startMs > limitMs) throw new Error(`never came: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 500))
  }
}

describe('npm start', () => {
  it('shows the console and refuses a wrong password', async () => {
    const page = await fetch(said.consoleUrl)
    expect([page.status, page.headers.get('content-type')]).toEqual([
      200,
      expect.stringContaining('text/html'),
    ])
    const wrong = await createClient({ baseUrl: said.consoleUrl, fetch }).login(said.user, 'wrong')
    expect(wrong.ok).toBe(false)
  })

  it('brings four sleds from off to in-use by itself', { timeout: IN_USE_TIMEOUT_MS }, async () => {
    await until(
      'four sleds in use',
      async () => {
        const list = await client.deployments.list()
        return (
          list.ok && list.value.items.some(({ state, count }) => state === 'in-use' && count === 4)
        )
      },
      IN_USE_TIMEOUT_MS,
    )
    const page = async (path: string) => (await fetch(`${said.labUrl}${path}`)).text()
    const told = async () => (await page('/tour')).includes('went from off to in-use')
    await until('the tour tells of it', told, START_TIMEOUT_MS)
    expect(await page('/tour')).toContain('What is not built yet')
    expect((await page('/')).match(/\d+ sent, 0 lost, 0 twice/g)).toHaveLength(3)
  })

  const { describe: withIpmitool } = needs({ programs: ['ipmitool'] })
  withIpmitool('the printed ipmitool line', () => {
    it('reads the power of a simulated sled', () => {
      const [program = '', ...args] = said.ipmitool.split(' ')
      const run = spawnSync(program, args, { encoding: 'utf8' })
      expect(run.stdout + run.stderr).toMatch(/Chassis Power is (on|off)/)
    })
  })

  it('ends on Ctrl-C and leaves no file behind', { timeout: START_TIMEOUT_MS }, async () => {
    const passwordFile = / -f (\S+)/.exec(said.ipmitool)?.[1] ?? ''
    expect(existsSync(passwordFile)).toBe(true)
    demo.kill('SIGINT')
    expect(await exited(demo)).toBe(0)
    expect(existsSync(passwordFile)).toBe(false)
  })
})
