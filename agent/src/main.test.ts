import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openNodeStore } from '@brickyard/runtime/node/store'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { eventsAfter, readMeta } from './store/journal.ts'

/** The real process on real files and sockets of this machine. */
const MAIN = join(import.meta.dirname, 'main.ts')
const KILLS = 6
const START_LIMIT_MS = 20_000

const RACK = `rack:
  site: edge-1
  networks:
    - name: prov
      role: provisioning
      mode: authoritative
      subnet: 127.0.0.0/24
      agentAddress: 127.0.0.1
      interface: lo
      pool: { first: 127.0.0.100, last: 127.0.0.110 }
  sleds:
    - name: sled-01
      position: { kind: rack-unit, unit: 1 }
      architecture: x86_64
      firmwareMode: uefi
      macs: ['52:54:00:00:00:01']
`

let folder = ''
let child: ChildProcess | undefined
let ports: number[] = []

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'agent-main-'))
  ports = await freePorts(6)
  const [boot, api, page, server, client, tftp] = ports
  writeFileSync(join(folder, 'rack.yaml'), RACK)
  writeFileSync(
    join(folder, 'agent.yaml'),
    `site: edge-1
stateFolder: ${folder}/state
keyFile: ${folder}/site.key
logLevel: warn
standAlone: rack.yaml
bootHttp: [{ host: 127.0.0.1, port: ${boot} }]
siteApi: { host: 127.0.0.1, port: ${api} }
sitePage: { host: 127.0.0.1, port: ${page} }
networks:
  prov: { dhcpPorts: { server: ${server}, client: ${client} }, tftpPort: ${tftp} }
`,
  )
})
afterEach(async () => {
  await end('SIGKILL')
  rmSync(folder, { recursive: true })
})

async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'))
  await Promise.all(servers.map((s) => new Promise((resolve) => s.once('listening', resolve))))
  const found = servers.map((server) => (server.address() as { port: number }).port)
  await Promise.all(servers.map((s) => new Promise((resolve) => s.close(resolve))))
  return found
}

const command = (...words: string[]): string[] => [MAIN, '-c', join(folder, 'agent.yaml'), ...words]

function run(words: string[], input = ''): { status: number | null; out: string } {
  const done = spawnSync(process.execPath, command(...words), { input, encoding: 'utf8' })
  return { status: done.status, out: done.stdout + done.stderr }
}

interface Health {
  readonly ok: boolean
  readonly eventsWaiting: number
}

async function start(): Promise<Health> {
  child = spawn(process.execPath, command('run'), { stdio: 'ignore' })
  const startedMs = performance.now()
  for (;;) {
    const health = await healthOf()
    if (health !== undefined) return health
    if (performance.now() - startedMs > START_LIMIT_MS) throw new Error('the agent never came up')
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

async function healthOf(): Promise<Health | undefined> {
  try {
    const response = await fetch(`http://127.0.0.1:${ports[1]}/healthz`)
    return response.ok ? ((await response.json()) as Health) : undefined
  } catch {
    return undefined
  }
}

async function end(signal: NodeJS.Signals): Promise<number | null> {
  const running = child
  child = undefined
  if (running === undefined || running.exitCode !== null) return running?.exitCode ?? null
  const ended = new Promise<number | null>((resolve) => running.once('exit', resolve))
  running.kill(signal)
  return ended
}

describe('the agent as a process', () => {
  it(
    'loses no event that it ever told of, however often it is killed',
    { timeout: 120_000 },
    async () => {
      let told = 0
      for (let kill = 0; kill < KILLS; kill++) {
        const { eventsWaiting } = await start()
        expect(eventsWaiting).toBeGreaterThan(told)
        // Each stranger is an event; the kill falls somewhere into writing them.
        const asking = Array.from({ length: 20 }, (_, n) =>
          fetch(`http://127.0.0.1:${ports[0]}/boot.ipxe?mac=02:00:00:00:0${kill}:${10 + n}`),
        )
        await Promise.race(asking)
        told = (await healthOf())?.eventsWaiting ?? told
        await end('SIGKILL')
        await Promise.allSettled(asking)
      }
      const store = openNodeStore({ path: join(folder, 'state/site.db'), durable: true })
      const events = store.read((sql) => eventsAfter(sql, 0, 10_000))
      expect(events.map(({ seq }) => seq)).toEqual(events.map((_, n) => n + 1))
      expect(events.length).toBeGreaterThanOrEqual(told)
      expect(events.filter(({ kind }) => kind === 'site.started')).toHaveLength(KILLS)
      expect(store.read((sql) => readMeta(sql, 'epoch'))).toMatch(/^[0-9a-f]{16}$/)
      store.close()
    },
  )

  it('ends in good order when it is told to', { timeout: 60_000 }, async () => {
    await start()
    expect(await end('SIGTERM')).toBe(0)
  })

  it('sets a database aside that is none any more, and comes up', { timeout: 60_000 }, async () => {
    await start()
    await end('SIGTERM')
    writeFileSync(join(folder, 'state/site.db'), 'this is no database'.repeat(1000))
    expect((await start()).ok).toBe(true)
  })

  it('takes secrets from standard input and shows none', { timeout: 60_000 }, () => {
    const set = run(['credential', 'set', 'sled-01'], 'a secret word\n')
    expect([set.status, set.out]).toEqual([0, 'the password for the BMC of sled-01 is sealed\n'])
    expect(readFileSync(join(folder, 'state/site.db')).includes('secret word')).toBe(false)
    expect(run(['credential', 'key']).out).toMatch(/^[0-9a-f]{16}\n$/)
    expect(run(['pin', 'set'], '12\n').status).toBe(1)
    const accepted = run(['recovery-key', 'accept', '0123456789abcdef'])
    expect([accepted.status, accepted.out]).toEqual([
      1,
      'brickyard-agent: the rack document names recovery key none, not 0123456789abcdef\n',
    ])
    expect(run(['config', 'check']).status).toBe(0)
  })

  it(
    'takes the enrolment token from standard input, and none as an argument',
    { timeout: 60_000 },
    () => {
      const hub = ['--hub', `https://127.0.0.1:${ports[5]}`]
      expect(run(['enrol', 'by1.secret-token', ...hub]).out).toContain('too many arguments')
      const read = run(['enrol', ...hub], 'by1.secret-token\n')
      expect(read).toMatchObject({ status: 1, out: expect.stringContaining('token') })
      expect(read.out).not.toContain('secret-token')
    },
  )

  it('names the line of what is wrong and ends with 2', { timeout: 60_000 }, () => {
    const bad = RACK.replace('127.0.0.0/24', '127.0.0.0/99')
    writeFileSync(join(folder, 'rack.yaml'), bad)
    const checked = run(['config', 'check'])
    expect(checked.status).toBe(2)
    expect(checked.out).toMatch(/rack\.yaml:7: rack\.networks\[0\]\.subnet/)
  })
})
