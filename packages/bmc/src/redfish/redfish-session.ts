import type { RedfishDeclaration } from '@brickyard/model/rack'
import { createRedfishClient, type RedfishClient } from '@brickyard/redfish/client'
import { membersOf } from '@brickyard/redfish/collection'
import type { RedfishAnswer, RedfishTiming } from '@brickyard/redfish/exchange'
import type { RedfishFault } from '@brickyard/redfish/fault'
import { parseChassis, type Chassis } from '@brickyard/redfish/resources/chassis'
import { parseManager, type Manager } from '@brickyard/redfish/resources/service-manager'
import { parseServiceRoot, type ServiceRoot } from '@brickyard/redfish/resources/service-root'
import { parseSystem, type System } from '@brickyard/redfish/resources/system'
import type { SessionMemory } from '@brickyard/redfish/session-memory'
import { sleep, type Clock } from '@brickyard/runtime/clock'
import type { HttpClient } from '@brickyard/runtime/http'
import { err, ok, type Result } from '@brickyard/std/result'
import type { BmcFault } from '../fault.ts'
import { chooseChassis, mayBeSled } from './choose-chassis.ts'
import { chooseVendor } from './choose-vendor.ts'
import type { Doing, VendorManner } from './vendors/manner.ts'

export interface RedfishPorts {
  readonly http: HttpClient
  readonly clock: Clock
  /** Where open sessions are remembered over a crash; without it they end with their time-out. */
  readonly redfishSessions?: SessionMemory | undefined
}

/** Where the parts of one sled are at its service, found once and kept. */
export interface Whereabouts {
  readonly root: ServiceRoot
  readonly manner: VendorManner
  readonly system: string
  readonly manager: string | undefined
  readonly chassis: string | undefined
}

export interface Fresh<T> {
  readonly path: string
  readonly etag: string | undefined
  readonly value: T
}

type Answered<T> = Promise<Result<T, BmcFault>>

/** One BMC's service, and the sled at it. */
export interface RedfishSession {
  readonly client: RedfishClient
  /** `https://10.0.9.11:443`. */
  readonly origin: string
  readonly clock: Clock
  whereabouts(): Answered<Whereabouts>
  /** The system as it is now; its resource is found again when it has moved. */
  system(): Answered<Fresh<System>>
  chassis(): Answered<Fresh<Chassis>>
  manager(): Answered<Fresh<Manager>>
  /** A write, repeated as long as its refusal is of the kind that passes by itself. */
  write(
    doing: Doing,
    send: (client: RedfishClient) => ReturnType<RedfishClient['get']>,
  ): Answered<RedfishAnswer>
  /** Whether a login works, tried by a connection of its own. */
  tryLogin(user: string, password: string): Answered<boolean>
  close(): Promise<void>
}

/** Systems looked at for the one that is the sled; BMCs show a few (DPUs) at most. */
const SYSTEMS_MAX = 8
/** Chassis looked at for the one that is the sled: servers with many cards name some dozens. */
const CHASSIS_MAX = 32

export function createRedfishSession(
  declaration: RedfishDeclaration,
  password: string,
  ports: RedfishPorts,
  timing?: Partial<RedfishTiming>,
): RedfishSession {
  const { http, clock, redfishSessions } = ports
  const { address, port, user, spkiSha256 } = declaration
  const origin = `https://${address}:${port}`
  const clientFor = (name: string, secret: string): RedfishClient =>
    createRedfishClient({
      http,
      clock,
      baseUrl: origin,
      tls: spkiSha256 === undefined ? { unverified: true } : { pinOnly: true, spkiSha256 },
      user: name,
      password: secret,
      sessions: redfishSessions,
      timing,
    })
  const client = clientFor(user, password)
  let found: Whereabouts | undefined

  async function whereabouts(): Answered<Whereabouts> {
    if (found !== undefined) return ok(found)
    const looked = await findSled(client)
    if (!looked.ok) return err(named(looked.error, undefined))
    found = looked.value
    return looked
  }

  async function read<T>(
    part: 'system' | 'chassis' | 'manager',
    parse: (body: RedfishAnswer['body']) => T,
  ): Answered<Fresh<T>> {
    for (const last of [false, true]) {
      const where = await whereabouts()
      if (!where.ok) return where
      const path = where.value[part]
      if (path === undefined) return err({ kind: 'refused', message: `the BMC shows no ${part}` })
      const answer = await client.get(path)
      if (answer.ok) return ok({ path, etag: answer.value.etag, value: parse(answer.value.body) })
      if (answer.error.status !== 404 || last) return err(named(answer.error, where.value.manner))
      // Ids change with BMC updates and some reboots.
      found = undefined
    }
    return err({ kind: 'protocol', message: `the BMC's ${part} is nowhere` })
  }

  return {
    client,
    origin,
    clock,
    whereabouts,
    system: () => read('system', parseSystem),
    chassis: () => read('chassis', parseChassis),
    manager: () => read('manager', parseManager),
    async write(doing, send) {
      const where = await whereabouts()
      if (!where.ok) return where
      const { manner } = where.value
      for (let tries = 0; ; tries++) {
        const answer = await send(client)
        if (answer.ok) return answer
        const patience = manner.patience(answer.error, doing)
        if (patience === undefined || tries >= patience.triesMax) {
          return err(named(answer.error, manner))
        }
        await sleep(clock, patience.pauseMs)
      }
    },
    async tryLogin(name, secret) {
      const other = clientFor(name, secret)
      const where = await whereabouts()
      if (!where.ok) return where
      const answer = await other.get(where.value.system)
      await other.close()
      if (answer.ok) return ok(true)
      return answer.error.kind === 'auth' ? ok(false) : err(named(answer.error, undefined))
    },
    close: () => client.close(),
  }
}

/** A fault in the maker's terms, where its file knows what the refusal means. */
export function named(fault: RedfishFault, manner: VendorManner | undefined): BmcFault {
  const explained = manner?.explain?.(fault.said)
  // A refusal that has another reason than the login is none of the login.
  const kind = explained === undefined ? fault.kind : 'refused'
  const message = explained === undefined ? fault.message : `${explained} (${fault.message})`
  return { kind, message, ...(fault.status === undefined ? {} : { status: fault.status }) }
}

async function findSled(client: RedfishClient): Promise<Result<Whereabouts, RedfishFault>> {
  const answer = await client.get('/redfish/v1/')
  if (!answer.ok) return answer
  const root = parseServiceRoot(answer.value.body)
  const system = await findSystem(client, root.systems ?? '/redfish/v1/Systems')
  if (!system.ok) return system
  const { path, value } = system.value
  const manager = value.managedBy[0] ?? (await firstMember(client, root.managers))
  const chassis = await findChassis(client, value.chassis, root.chassis)
  const told = manager === undefined ? undefined : await client.get(manager)
  const about = told?.ok === true ? parseManager(told.value.body) : undefined
  const manner = chooseVendor(root, about, value.manufacturer)
  return ok({ root, manner, system: path, manager, chassis })
}

/** The system that is the sled: the first physical one, or the only one. */
async function findSystem(
  client: RedfishClient,
  systems: string,
): Promise<Result<{ readonly path: string; readonly value: System }, RedfishFault>> {
  const members = await membersOf(client, systems, SYSTEMS_MAX)
  if (!members.ok) return members
  let first: { readonly path: string; readonly value: System } | undefined
  for (const { path } of members.value) {
    const answer = await client.get(path)
    if (!answer.ok) return answer
    const value = parseSystem(answer.value.body)
    first ??= { path, value }
    if (value.systemType === undefined || value.systemType === 'Physical')
      return ok({ path, value })
  }
  if (first !== undefined) return ok(first)
  return err({ kind: 'protocol', message: `${systems} has no member`, said: [] })
}

/** The chassis that is the sled, of those the system names or else of all. */
async function findChassis(
  client: RedfishClient,
  named: readonly string[],
  collection: string | undefined,
): Promise<string | undefined> {
  const close = await chassisAt(client, named)
  // Some systems name the board of their BMC alone.
  if (close.some(({ chassis }) => mayBeSled(chassis))) return chooseChassis(close)?.path
  const members =
    collection === undefined ? undefined : await membersOf(client, collection, CHASSIS_MAX)
  const paths = members?.ok === true ? members.value.map(({ path }) => path) : []
  const others = paths.filter((path) => !named.includes(path))
  const all = [...close, ...(await chassisAt(client, others))]
  return chooseChassis(all)?.path ?? named[0]
}

async function chassisAt(
  client: RedfishClient,
  paths: readonly string[],
): Promise<readonly { readonly path: string; readonly chassis: Chassis }[]> {
  const found: { readonly path: string; readonly chassis: Chassis }[] = []
  for (const path of paths.slice(0, CHASSIS_MAX)) {
    const answer = await client.get(path)
    if (answer.ok) found.push({ path, chassis: parseChassis(answer.value.body) })
  }
  return found
}

async function firstMember(
  client: RedfishClient,
  collection: string | undefined,
): Promise<string | undefined> {
  if (collection === undefined) return undefined
  const members = await membersOf(client, collection, 1)
  return members.ok ? members.value[0]?.path : undefined
}
