import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createClient, type HubClient } from '@brickyard/api/client'
import { afterEach, describe, expect, it } from 'vitest'
import { must } from '../../test/scenarios/hub-rig.ts'
import { dialReally, enrolReally, helloOf } from '../../test/scenarios/real-site.ts'
import { parseHubFile } from './main-config.ts'

const cleanUp: (() => void)[] = []
afterEach(() => {
  for (const work of cleanUp.splice(0).reverse()) work()
})

interface RunningHub {
  readonly process: ChildProcess
  readonly apiUrl: string
  readonly agentsUrl: string
}

function hubFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'brickyard-main-'))
  cleanUp.push(() => rmSync(folder, { recursive: true }))
  writeFileSync(
    join(folder, 'hub.yaml'),
    [
      `dataFolder: ${folder}/data`,
      `databasePath: ${folder}/hub.db`,
      'publicUrl: http://localhost',
      'agentHosts: [127.0.0.1]',
      'api: { port: 0 }',
      'agents: { port: 0 }',
      'users: [{ name: admin, password: brick, role: operator }]',
    ].join('\n'),
  )
  return folder
}

/** Starts the hub as a process and waits for the line that says where it listens. */
async function run(folder: string): Promise<RunningHub> {
  const main = fileURLToPath(new URL('main.ts', import.meta.url))
  const child = spawn(process.execPath, [main, join(folder, 'hub.yaml')], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  cleanUp.push(() => void child.kill('SIGKILL'))
  let said = ''
  for await (const piece of child.stderr) {
    said += String(piece)
    const up = /"api":"([^"]+)","agents":"([^"]+)"/.exec(said)
    if (up?.[1] !== undefined && up[2] !== undefined) {
      return { process: child, apiUrl: up[1], agentsUrl: up[2] }
    }
  }
  throw new Error(`the hub ended: ${said}`)
}

async function signIn({ apiUrl }: RunningHub): Promise<HubClient> {
  const { token } = must(await createClient({ fetch, baseUrl: apiUrl }).login('admin', 'brick'))
  return createClient({ fetch, baseUrl: apiUrl, token: token ?? undefined })
}

const PER_FRAME = 20
const KILLS = 3
/** Acknowledgements to wait for before each kill: more frames are under way at that moment. */
const ACKS_BEFORE_KILL = 5

describe('the hub as a process', () => {
  it('loses nothing it acknowledged when it is killed while it takes a journal', async () => {
    const folder = hubFolder()
    let hub = await run(folder)
    let operator = await signIn(hub)
    must(await operator.sites.create({ name: 'edge-1' }))
    const tls = await enrolReally(operator, 'edge-1', hub.agentsUrl)
    let acked = 0
    for (let kill = 0; kill < KILLS; kill++) {
      const site = await dialReally(hub.agentsUrl, tls)
      site.send(helloOf('edge-1', { lastSeq: 1_000_000 }))
      const { ackedSeq } = await site.next('welcome')
      expect(ackedSeq).toBeGreaterThanOrEqual(acked)
      let seq = ackedSeq
      for (let i = 0; i < ACKS_BEFORE_KILL * 4; i++) {
        const events = Array.from({ length: PER_FRAME }, () => ({
          seq: ++seq,
          atMs: seq,
          kind: 'site.trouble',
          body: { what: `number ${seq}`, reason: 'counting' },
        }))
        site.send({ v: 1, kind: 'events', epoch: 'epoch-1', events })
      }
      for (let i = 0; i < ACKS_BEFORE_KILL; i++) acked = (await site.next('ack')).seq
      hub.process.kill('SIGKILL')
      await site.closed
      for (const frame of site.frames) if (frame.kind === 'ack') acked = frame.seq
      hub = await run(folder)
    }
    const site = await dialReally(hub.agentsUrl, tls)
    site.send(helloOf('edge-1', { lastSeq: 1_000_000 }))
    const { ackedSeq } = await site.next('welcome')
    expect(ackedSeq).toBeGreaterThanOrEqual(acked)
    operator = await signIn(hub)
    let after = 0
    for (let expected = 1; expected <= ackedSeq;) {
      const { items } = must(await operator.events.list({ after, limit: 500 }))
      for (const { seq } of items) expect(seq).toBe(expected++)
      after = items.at(-1)?.id ?? Number.NaN
    }
    const more = must(await operator.events.list({ after }))
    expect(more.items).toEqual([])
    hub.process.kill('SIGTERM')
  }, 120_000)
})

describe('the hub’s file', () => {
  it('is read with its defaults', () => {
    const text =
      'dataFolder: /d\ndatabasePath: /d/hub.db\npublicUrl: http://h\nagentHosts: [h]\napi: {port: 80}\n'
    expect(parseHubFile('hub.yaml', text)).toMatchObject({
      ok: true,
      value: { api: { host: '127.0.0.1', port: 80 }, agents: { port: 8443 }, users: [] },
    })
  })

  it('names the line of what is wrong, and shows no password', () => {
    const text =
      'dataFolder: /d\ndatabasePath: /d\npublicUrl: nowhere\nagentHosts: [h]\nusers:\n  - name: a\n    role: king\n    password: [hunter2]\n'
    const read = parseHubFile('hub.yaml', text)
    const lines = read.ok ? [] : read.error
    expect(lines.map((line) => line.split(': ')[0])).toEqual([
      'hub.yaml:3',
      'hub.yaml:8',
      'hub.yaml:7',
    ])
    expect(lines.join()).not.toContain('hunter2')
    expect(parseHubFile('hub.yaml', 'a: [')).toMatchObject({ ok: false })
  })
})
