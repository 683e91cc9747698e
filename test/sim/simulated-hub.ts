import { createClient, type Answer, type HubClient } from '@brickyard/api/client'
import { CONSOLE_PROTOCOL } from '@brickyard/api/console-wire'
import { hubConfigSchema } from '@brickyard/hub/config'
import { createHub, type Hub } from '@brickyard/hub/hub'
import { fakeIdentity } from '@brickyard/sim/fake-identity'
import { fakePassword } from '@brickyard/sim/fake-password'
import type { HeldEvent } from '@brickyard/sim/journal-comparison'
import { createLife, type Life } from '@brickyard/sim/life'
import { memoryFiles, type MemoryFiles } from '@brickyard/sim/memory-files'
import { recordingLog } from '@brickyard/sim/recording-log'
import { Days, Minutes } from '@brickyard/std/units'
import Database from 'better-sqlite3'
import { SqliteDialect } from 'kysely'
import { type SimulatedWorld, whileTimePasses } from './simulated-world.ts'

/** The real hub on a machine of the simulated network; its disk outlives it. */
export interface SimulatedHub {
  readonly files: MemoryFiles
  readonly log: ReturnType<typeof recordingLog>
  readonly running: boolean
  readonly client: HubClient
  /** As somebody who may fetch sealed logins. */
  readonly security: HubClient
  start(): Promise<void>
  crash(): void
  /** Gives a site a link of its own to the hub: segment `<site>/wan`. */
  connect(site: string): void
  /** A sled's console, as a browser or `yard` opens it. */
  readonly dial: Dial
  /** Asks the API while time passes, and gives the answer or throws its refusal. */
  ask<T>(answer: Answer<T>): Promise<T>
  /** The records of a sled's console, one line a part. */
  consoleRecord(site: string, sled: string): string[]
  /** What the hub's store holds of a site's journal. */
  journal(site: string): { ackedSeq: number; events: HeldEvent[] }
}

export type Upgraded = Awaited<ReturnType<Hub['upgrade']>>
/** Asks for a WebSocket; `onEnd` runs work when the hub's process ends. */
export type Dial = (
  path: string,
  take: (answer: Upgraded, onEnd: (work: () => void) => void) => void,
) => void

const ADDRESS = '203.0.113.10'
const AGENT_PORT = 7443
export const HUB_URL = `https://hub.test:${AGENT_PORT}`
const PEER = { address: '192.0.2.7', port: 50_000 }
const USER = { name: 'op', password: 'a long enough password', role: 'operator' } as const
const GUARD = { name: 'sec', password: 'another long password', role: 'security-admin' } as const

export async function simulatedHub(world: SimulatedWorld): Promise<SimulatedHub> {
  const host = world.network.host('hub')
  world.http.nameHost('hub.test', ADDRESS)
  const files = memoryFiles()
  const log = recordingLog()
  let database = new Database(':memory:')
  let life: Life | undefined
  let hub: Hub | undefined
  let lives = 0
  let token: string | undefined
  let guardToken: string | undefined
  const config = hubConfigSchema.parse({
    dataFolder: '/var/lib/brickyard-hub',
    publicUrl: 'http://hub.test',
    agentHosts: ['hub.test'],
    users: [USER, GUARD],
    // Whoever looks at a run of weeks is signed in once.
    sessionMs: Days(365),
  })

  async function start(): Promise<void> {
    const present = createLife()
    life = present
    const random = world.random.fork(`hub/${lives++}`)
    const made = createHub(config, {
      clock: present.clock(world.clock),
      random,
      log: present.log(log),
      identity: fakeIdentity(random.fork('identity')),
      password: fakePassword,
      files: present.files(files),
      database: new SqliteDialect({ database }),
    })
    await made.start()
    hub = made
    const tls = {
      certPem: made.agentListener.certificate.certPem,
      clientAuthorityPem: made.agentListener.authorityPem,
    }
    const listening = [
      world.http.listen(host, AGENT_PORT, made.agentListener.fetch, tls),
      world.sockets.listen(
        host,
        AGENT_PORT,
        (link) => {
          present.onEnd(() => link.close(1006, 'the hub ended'))
          made.agentListener.accept(link)
        },
        tls,
      ),
    ]
    present.onEnd(() => {
      for (const each of listening) each.close()
    })
  }

  const anonymous = (): HubClient => createClient({ baseUrl: 'http://hub.test', fetch: send })
  const send = (request: Request): Response | Promise<Response> => {
    if (hub === undefined) throw new Error('the hub is away')
    return hub.api(request, PEER)
  }

  const made: SimulatedHub = {
    files,
    log,
    get running() {
      return life !== undefined
    },
    get client() {
      return createClient({ baseUrl: 'http://hub.test', fetch: send, token })
    },
    get security() {
      return createClient({ baseUrl: 'http://hub.test', fetch: send, token: guardToken })
    },
    dial: (path, take) => {
      const headers = {
        authorization: `Bearer ${token}`,
        'sec-websocket-protocol': CONSOLE_PROTOCOL,
      }
      const refused: Upgraded = { refused: new Response('the hub is away', { status: 503 }) }
      const asked = hub?.upgrade(new Request(`http://hub.test${path}`, { headers }), PEER)
      const present = life
      void (asked ?? Promise.resolve(refused)).then((answer) => {
        if (present?.ended !== true) take(answer, (work) => present?.onEnd(work))
      })
    },
    async start() {
      await start()
      if (token !== undefined) return
      const session = await anonymous().login(USER.name, USER.password)
      if (!session.ok) throw new Error(JSON.stringify(session.error))
      token = session.value.token ?? undefined
      const guard = await anonymous().login(GUARD.name, GUARD.password)
      if (guard.ok) guardToken = guard.value.token ?? undefined
    },
    crash() {
      life?.end()
      life = undefined
      hub = undefined
      files.crash()
      database = new Database(database.serialize())
    },
    connect(site) {
      host.attach({ interface: `wan-${site}`, segment: `${site}/wan`, address: ADDRESS })
    },
    async ask(answer) {
      const result = await whileTimePasses(world, answer, Minutes(5))
      if (result.ok) return result.value
      throw new Error(JSON.stringify(result.error))
    },
    consoleRecord(site, sled) {
      const rows = database
        .prepare(
          `SELECT what, by_whom, data FROM console_parts JOIN console_records ON id = record
           WHERE site = ? AND sled = ? ORDER BY began_at_ms, number`,
        )
        .all(site, sled) as { what: string; by_whom: string | null; data: string }[]
      return rows.map(
        ({ what, by_whom, data }) =>
          `${what} ${by_whom ?? ''}: ${Buffer.from(data, 'base64').toString()}`,
      )
    },
    journal(site) {
      const events = database
        .prepare('SELECT epoch, seq, kind, body FROM events WHERE site = ?')
        .all(site) as HeldEvent[]
      const acked = database
        .prepare(
          `SELECT acked_seq FROM journals JOIN sites ON name = site AND sites.epoch = journals.epoch
           WHERE site = ?`,
        )
        .get(site)
      return { ackedSeq: (acked as { acked_seq: number } | undefined)?.acked_seq ?? 0, events }
    },
  }
  await whileTimePasses(world, made.start(), Minutes(1))
  return made
}
