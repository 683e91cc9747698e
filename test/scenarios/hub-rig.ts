import { createClient, type HubClient } from '@brickyard/api/client'
import type { Role } from '@brickyard/api/permissions'
import { createHub, type Hub } from '@brickyard/hub/hub'
import { hubConfigSchema } from '@brickyard/hub/config'
import { nodeRawCheck } from '@brickyard/hub/node/raw-check'
import { sqliteDialect } from '@brickyard/hub/node/sqlite'
import { enrolReplySchema, parseEnrolmentToken } from '@brickyard/protocol/enrolment'
import {
  decodeHubFrame,
  encodeFrame,
  type HubFrame,
  type SiteFrame,
} from '@brickyard/protocol/frames'
import type { HttpPeer } from '@brickyard/runtime/http'
import type { Identity } from '@brickyard/runtime/identity'
import type { WebSocketLink } from '@brickyard/runtime/websocket'
import { fakeIdentity } from '@brickyard/sim/fake-identity'
import { fakePassword } from '@brickyard/sim/fake-password'
import { memoryFiles, type MemoryFiles } from '@brickyard/sim/memory-files'
import { recordingLog } from '@brickyard/sim/recording-log'
import { seededRandom } from '@brickyard/sim/seeded-random'
import { virtualClock, type VirtualClock } from '@brickyard/sim/virtual-clock'
import type { Result } from '@brickyard/std/result'

/** A hub in memory under virtual time, for tests of the hub and of what stands on it. */
export interface HubRig {
  readonly hub: Hub
  readonly clock: VirtualClock
  readonly files: MemoryFiles
  readonly identity: Identity
  readonly log: ReturnType<typeof recordingLog>
  /** Fetches as a browser or a command would, without a session. */
  fetch(request: Request): Promise<Response>
  /** A signed-in client; every role has a user of its name, with the password `secret`. */
  signIn(user: Role | OtherUser): Promise<HubClient>
  /** A signed-in user's token. */
  token(user: Role | OtherUser): Promise<string>
  /** Declares a site with a rack, enrols it and connects it. */
  site(name: string, sleds?: number, owner?: string): Promise<SiteRig>
  stop(): Promise<void>
}

/** Users beside those of the roles: another tenant, and the owner of other sites. */
export type OtherUser = 'stranger' | 'landlord'

const PEER: HttpPeer = { address: '127.0.0.9', port: 50_000 }

export async function hubRig(
  options: { seed?: number; databasePath?: string } = {},
): Promise<HubRig> {
  const clock = virtualClock()
  const random = seededRandom(options.seed ?? 1)
  const files = memoryFiles()
  const log = recordingLog()
  const identity = fakeIdentity(random)
  const roles: Role[] = [
    'viewer',
    'site-tech',
    'operator',
    'firmware-manager',
    'security-admin',
    'auditor',
    'tenant',
    'site-owner',
  ]
  const config = hubConfigSchema.parse({
    dataFolder: '/hub',
    publicUrl: 'http://hub.test',
    agentHosts: ['hub.test'],
    users: [
      ...roles.map((role) => ({ name: role, password: 'secret', role })),
      { name: 'stranger', password: 'secret', role: 'operator', tenant: 'other' },
      { name: 'landlord', password: 'secret', role: 'site-owner', owner: 'land' },
    ],
  })
  const hub = createHub(config, {
    clock,
    random,
    log,
    identity,
    password: fakePassword,
    files,
    database: sqliteDialect(options.databasePath ?? ':memory:'),
    rawCheck: nodeRawCheck,
  })
  await hub.start()
  const fetch = async (request: Request): Promise<Response> => await hub.api(request, PEER)
  const client = (token?: string): HubClient =>
    createClient({ fetch, baseUrl: 'http://hub.test', token })
  const token = async (user: string): Promise<string> =>
    must(await client().login(user, 'secret')).token ?? ''
  const rig: HubRig = {
    hub,
    clock,
    files,
    identity,
    log,
    fetch,
    token,
    signIn: async (user) => client(await token(user)),
    site: async (name, sleds = 4, owner = 'default') => {
      const operator = await rig.signIn('operator')
      must(await operator.sites.create({ name, owner }))
      must(await operator.sites.putRack(name, rackDocument(name, sleds)))
      return await enrolSite(rig, name)
    },
    stop: () => hub.stop(),
  }
  return rig
}

/** The value of a Result, or a failed test that says why. */
export function must<T>(result: Result<T, unknown>): T {
  if (!result.ok) throw new Error(JSON.stringify(result.error))
  return result.value
}

/** A rack of half-width sleds, one BIOS and one UEFI by turns. */
export const rackDocument = (site: string, sleds: number): Record<string, unknown> => ({
  site,
  networks: [
    {
      name: 'prov',
      role: 'provisioning',
      mode: 'authoritative',
      subnet: '10.1.0.0/24',
      agentAddress: '10.1.0.1',
      interface: 'eth1',
      pool: { first: '10.1.0.100', last: '10.1.0.199' },
    },
  ],
  cages: [{ name: 'cage-1', heightRackUnits: 12, generation: 'v2', rackUnit: 1 }],
  sleds: Array.from({ length: sleds }, (_, i) => ({
    name: sledName(i + 1),
    position: { kind: 'slot', cage: 'cage-1', slot: i + 1 },
    architecture: 'x86_64',
    firmwareMode: i % 2 === 0 ? 'uefi' : 'bios',
    macs: [`02:00:00:00:00:${(i + 1).toString(16).padStart(2, '0')}`],
  })),
})

export const sledName = (n: number): string => `sled-${String(n).padStart(2, '0')}`

/** A site as the hub sees one: its certificate, its journal, and what the hub sent to it. */
export interface SiteRig {
  readonly name: string
  peer: HttpPeer
  readonly keyPem: string
  /** Frames of the hub on the present connection, in order. */
  readonly received: HubFrame[]
  closed: { code: number; reason: string } | undefined
  /** Opens a connection (of the rig's own peer unless another is named) and says hello. */
  connect(hello?: Partial<Extract<SiteFrame, { kind: 'hello' }>>, peer?: HttpPeer): Promise<void>
  /** Sends a frame, or any text, and lets the hub take it. */
  say(frame: SiteFrame | string | Uint8Array): Promise<void>
  /** Journals events and sends them in one frame. */
  tell(...events: { kind: string; body: unknown }[]): Promise<void>
  /** Makes a sled `ready`, inspected with one disk of 64 GiB. */
  makeReady(sled: string): Promise<void>
  /** Cuts the connection from the site's side. */
  hangUp(): Promise<void>
  last<K extends HubFrame['kind']>(kind: K): Extract<HubFrame, { kind: K }> | undefined
  epoch: string
  seq: number
}

/** Enrols a declared site and connects it. */
export async function enrolSite(rig: HubRig, name: string): Promise<SiteRig> {
  const operator = await rig.signIn('operator')
  const { token } = must(await operator.sites.enrolmentToken(name))
  const keyPem = await rig.identity.newKey()
  const response = await enrol(rig, token, await rig.identity.requestCertificate(keyPem, name))
  const { certPem } = enrolReplySchema.parse(await response.json())
  const { commonName, spkiSha256 } = rig.identity.describe(certPem)
  const site = siteRig(rig, name, keyPem, { ...PEER, commonName, spkiSha256 })
  await site.connect()
  return site
}

export async function enrol(rig: HubRig, token: string, requestPem: string): Promise<Response> {
  must(parseEnrolmentToken(token))
  const request = new Request('https://hub.test/enrol', {
    method: 'POST',
    body: JSON.stringify({ token, requestPem }),
  })
  return await rig.hub.agentListener.fetch(request, PEER)
}

function siteRig(rig: HubRig, name: string, keyPem: string, peer: HttpPeer): SiteRig {
  let wire: { deliver(message: string | Uint8Array): void; cut(): void } | undefined
  const settle = (): Promise<void> => rig.clock.advance(0)
  const site: SiteRig = {
    name,
    peer,
    keyPem,
    received: [],
    closed: undefined,
    epoch: `epoch-${name}`,
    seq: 0,
    async connect(hello = {}, as = site.peer) {
      site.received.length = 0
      site.closed = undefined
      const pair = linkPair(
        as,
        (message) => site.received.push(must(decodeHubFrame(String(message)))),
        (code, reason) => {
          site.closed = { code, reason }
        },
      )
      wire = pair
      rig.hub.agentListener.accept(pair.hubEnd)
      await site.say({
        v: 1,
        kind: 'hello',
        site: name as Extract<SiteFrame, { kind: 'hello' }>['site'],
        agentVersion: '1.0',
        epoch: site.epoch,
        bootId: 'boot-1',
        lastSeq: site.seq,
        wantedGeneration: 0,
        wallMs: rig.clock.wallMs(),
        ...hello,
      })
    },
    async say(frame) {
      const message = typeof frame === 'string' || frame instanceof Uint8Array
      wire?.deliver(message ? frame : encodeFrame(frame))
      await settle()
    },
    async tell(...events) {
      await site.say({
        v: 1,
        kind: 'events',
        epoch: site.epoch,
        events: events.map(({ kind, body }) => ({
          seq: ++site.seq,
          atMs: rig.clock.wallMs(),
          kind,
          body,
        })),
      })
    },
    async makeReady(sled) {
      await site.tell(
        { kind: 'sled.facts', body: sledFacts(sled) },
        {
          kind: 'sled.state',
          body: { sled, from: 'inspected', to: 'ready', reason: 'inspected', deadlineAtMs: null },
        },
      )
    },
    async hangUp() {
      wire?.cut()
      await settle()
    },
    last: (kind) =>
      site.received.findLast(
        (frame): frame is Extract<HubFrame, { kind: typeof kind }> => frame.kind === kind,
      ),
  }
  return site
}

export const sledFacts = (sled: string): Record<string, unknown> => ({
  sled,
  manufacturer: 'Example',
  model: 'o19-half',
  serial: `SN-${sled}`,
  uuid: null,
  cpuModel: null,
  cpuThreads: 16,
  memoryBytes: 64 * 2 ** 30,
  disks: [{ path: '/dev/nvme0n1', bytes: 64 * 2 ** 30, model: null, serial: null }],
  nics: [],
  biosVersion: null,
  bmcVersion: null,
})

/** The hub's end of a connection whose other end the test holds. */
function linkPair(
  peer: HttpPeer,
  onMessage: (message: string | Uint8Array) => void,
  onClose: (code: number, reason: string) => void,
): { hubEnd: WebSocketLink; deliver(message: string | Uint8Array): void; cut(): void } {
  let take: ((message: string | Uint8Array) => void) | undefined
  let closing: ((code: number, reason: string) => void) | undefined
  let open = true
  const end = (code: number, reason: string): void => {
    if (!open) return
    open = false
    closing?.(code, reason)
  }
  return {
    hubEnd: {
      peer,
      send: (message) => {
        if (open) onMessage(message)
      },
      bufferedBytes: () => 0,
      onMessage: (taker) => {
        take = taker
      },
      onClose: (taker) => {
        closing = taker
      },
      close(code, reason) {
        if (open) onClose(code, reason)
        end(code, reason)
      },
    },
    deliver: (message) => {
      if (open) take?.(message)
    },
    cut: () => end(1006, ''),
  }
}
