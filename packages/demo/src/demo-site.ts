import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { createAgent, type Agent } from '@brickyard/agent/agent'
import { LIMITS_DEFAULT, type AgentConfig } from '@brickyard/agent/agent-config'
import type { RackDocument } from '@brickyard/model/rack'
import type { HttpClient } from '@brickyard/runtime/http'
import type { Log } from '@brickyard/runtime/log'
import { systemClock } from '@brickyard/runtime/node/clock'
import { nodeFiles } from '@brickyard/runtime/node/files'
import { nodeHttpClient } from '@brickyard/runtime/node/http'
import { nodeIdentity } from '@brickyard/runtime/node/identity'
import { argon2Password } from '@brickyard/runtime/node/password'
import { nodeProcess } from '@brickyard/runtime/node/process'
import { systemRandom } from '@brickyard/runtime/node/random'
import { openNodeStore } from '@brickyard/runtime/node/store'
import { nodeWebSocketDialer } from '@brickyard/runtime/node/websocket'
import { fakeCredentials } from '@brickyard/sim/fake-credentials'
import { WATCHED_TIMING } from '@brickyard/sim/hardware'
import { compareJournals } from '@brickyard/sim/journal-comparison'
import { createLife, type Life } from '@brickyard/sim/life'
import { planRack } from '@brickyard/sim/rack-plan'
import { simulatedRack, type SimulatedRack } from '@brickyard/sim/rack'
import type { SeededRandom } from '@brickyard/sim/seeded-random'
import type { NetworkHost, VirtualNetwork } from '@brickyard/sim/virtual-network'
import { ok } from '@brickyard/std/result'
import { Seconds } from '@brickyard/std/units'
import { type DemoSite, SLEDS_PER_SITE } from './demo-sites.ts'
import { readHubJournal, readSiteJournal } from './journals.ts'
import type { LabSite } from './lab-site.ts'
import { type Served, serve } from './serve.ts'
import { plantInPlan, plantInRack } from './truths.ts'
import type { Uplink } from './uplink.ts'

/** Addresses of the sleds are this machine's own, so that their HTTP runs over real sockets. */
const ADDRESSES_FROM = 127
/** Sleds inspected at once: a rack of 24 is ready in about half a minute. */
const INSPECTIONS_MAX = 8

export interface DemoSiteParts {
  readonly site: DemoSite
  readonly number: number
  readonly folder: string
  readonly random: SeededRandom
  readonly network: VirtualNetwork
  readonly log: Log
  readonly hubDatabase: string
  /** Files every appliance has: loaders and installer. */
  readonly assets: Pick<AgentConfig, 'loaders' | 'installers'>
}

export interface RunningSite extends LabSite {
  /** What is declared of the site at the hub; what is in the rack may differ. */
  readonly document: RackDocument
  /** Gives the agent its way to the hub and starts it. */
  enrol(uplink: Uplink, token: string): Promise<void>
  close(): Promise<void>
}

/** One site of the demonstration: a simulated rack in real time and the real agent beside it. */
export async function openDemoSite(parts: DemoSiteParts): Promise<RunningSite> {
  const { site, number, network, random } = parts
  const asWanted = planRack({
    site: site.name,
    siteNumber: number,
    sledCount: SLEDS_PER_SITE,
    random,
    addressesFrom: ADDRESSES_FROM,
  })
  const plan = plantInPlan(number, asWanted)
  const web = sledHttp()
  const rack = await simulatedRack({
    plan,
    siteNumber: number,
    clock: systemClock,
    random,
    network,
    httpOf: (host) => web.of(host),
    timing: WATCHED_TIMING,
  })
  plantInRack(number, rack, random)
  const agentAddress = plan.document.networks[0]?.agentAddress ?? '127.0.0.1'
  const appliance = createAppliance(parts, rack, agentAddress)
  let uplink: Uplink | undefined
  return {
    site,
    rack,
    document: plan.document,
    get agentRuns() {
      return appliance.running
    },
    get uplinkIsCut() {
      return uplink?.cut ?? false
    },
    killAgent() {
      uplink?.drop()
      appliance.kill()
    },
    startAgent: () => appliance.start(),
    setUplinkCut: (cut) => uplink?.setCut(cut),
    journal: () =>
      compareJournals(
        readSiteJournal(appliance.database),
        readHubJournal(parts.hubDatabase, site.name),
      ),
    async enrol(way, token) {
      uplink = way
      appliance.hub = { url: `https://127.0.0.1:${way.port}`, enrolmentToken: token }
      await appliance.start()
    },
    async close() {
      await appliance.stop()
      rack.close()
      await web.close()
      await uplink?.close()
    },
  }
}

/** HTTP of the sleds: from each one's own address, over this machine's loopback. */
function sledHttp(): { of(host: NetworkHost): HttpClient; close(): Promise<void> } {
  const clients = new Map<string, ReturnType<typeof nodeHttpClient>>()
  const from = (localAddress: string): HttpClient => {
    const held = clients.get(localAddress)
    if (held !== undefined) return held
    const client = nodeHttpClient({ localAddress })
    clients.set(localAddress, client)
    return client
  }
  return {
    of: (host) => ({
      request: (request) => from(host.address('eth0') ?? '127.0.0.1').request(request),
    }),
    close: async () => {
      await Promise.all([...clients.values()].map((client) => client.close()))
    },
  }
}

/** The appliance: its disk stays, its agent comes and goes. */
function createAppliance(parts: DemoSiteParts, rack: SimulatedRack, address: string) {
  const folder = join(parts.folder, parts.site.name)
  const database = join(folder, 'site.db')
  mkdirSync(folder, { recursive: true })
  let life: Life | undefined
  let agent: Agent | undefined
  let served: Served | undefined
  let port = 0

  const appliance = {
    database,
    hub: undefined as AgentConfig['hub'],
    get running(): boolean {
      return life !== undefined
    },
    async start(): Promise<void> {
      if (life !== undefined) return
      const present = createLife()
      life = present
      // The boot server's port is part of the boot scripts: it is the same in every life.
      served = await serve(
        (request, peer) => agent?.bootHttp(request, peer) ?? new Response(null, { status: 503 }),
        { address, port },
      )
      port = served.port
      agent = createAgent(configOf(), portsOf(present))
      const started = await agent.start()
      // Killed by the lab while it started: that is no fault.
      if (!started.ok && !present.ended)
        throw new Error(`the agent of ${parts.site.name}: ${started.error}`)
    },
    kill(): void {
      life?.end()
      life = undefined
      agent = undefined
      void served?.close()
      served = undefined
    },
    async stop(): Promise<void> {
      await agent?.stop()
      appliance.kill()
    },
  }

  const configOf = (): AgentConfig => ({
    site: parts.site.name,
    agentVersion: '0.1.0-demo',
    stateFolder: folder,
    sockets: { provisioning: { bootUrl: `http://${address}:${port}` } },
    ...parts.assets,
    hub: appliance.hub,
    limits: {
      ...LIMITS_DEFAULT,
      inspectionsMax: INSPECTIONS_MAX,
      powerPollMs: Seconds(10),
      minCycleMs: Seconds(1),
    },
  })

  const portsOf = (present: Life): Parameters<typeof createAgent>[1] => {
    const store = openNodeStore({ path: database, durable: true })
    const readings = openNodeStore({ path: join(folder, 'readings.db'), durable: false })
    const http = nodeHttpClient()
    present.onEnd(() => {
      store.close()
      readings.close()
      void http.close()
    })
    return {
      clock: present.clock(systemClock),
      random: systemRandom,
      udp: present.udp(rack.agentHost.udp),
      http: present.http(http),
      dialer: present.dialer(nodeWebSocketDialer),
      files: present.files(nodeFiles),
      store: present.store(store),
      readings: present.store(readings),
      identity: nodeIdentity,
      password: argon2Password,
      process: nodeProcess,
      log: present.log(parts.log.child({ site: parts.site.name })),
      credentials: fakeCredentials((sled) => ok(rack.bmcPassword(sled))),
    }
  }
  return appliance
}
