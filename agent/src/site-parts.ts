import type { BmcInventory } from '@brickyard/bmc/inventory'
import { connectBmc } from '@brickyard/bmc/connect'
import { loadCatalogue } from '@brickyard/firmware-catalog/load'
import type { SledName } from '@brickyard/model/names'
import type { PowerState } from '@brickyard/model/operation'
import { noCloudSeed } from '@brickyard/netboot/nocloud'
import type { AgentConfig } from './agent-config.ts'
import type { AgentPorts } from './agent-ports.ts'
import { createBlobStore, type BlobStore } from './blobs/blob-store.ts'
import type { BlobSource } from './blobs/fetch-blob.ts'
import { createBmcDesk, type BmcDesk } from './bmc/bmc-desk.ts'
import { createStoredSessions } from './bmc/stored-sessions.ts'
import { createReadingsBuffer, type ReadingsBuffer } from './hub-link/readings-buffer.ts'
import { createWantedStore, type WantedStore } from './hub-link/wanted-store.ts'
import { checkTouchable } from './operations/adoption-check.ts'
import { assignedNetwork } from './operations/assigned-network.ts'
import { createBootIntents, type BootIntents } from './operations/boot-intents.ts'
import { conclude } from './operations/conclude.ts'
import { createEngine, type Engine } from './operations/engine.ts'
import { execute } from './operations/execute.ts'
import type { Operation } from './operations/operation.ts'
import { phoneHomeToken } from './operations/phone-home.ts'
import type { Seen } from './operations/plan.ts'
import { createSiteOperations, type SiteOperations } from './operations/site-operations.ts'
import type { SerialDesk } from './bmc/serial-desk.ts'
import { openSerialDesk } from './serial-parts.ts'
import { createSledPower, type SledPower } from './sled-power.ts'
import { openSiteStore, type SiteStore } from './store/site-store.ts'

/** What the rest of the agent gives to the operations. */
export interface SiteHooks {
  readonly blobSource: (sha256: string) => BlobSource | undefined
  /** What netboot last saw of a sled since it was powered to the network. */
  readonly netbootSeen: (sled: string) => string | null
  readonly onPoweredToNetwork: (sled: string) => void
  readonly onBmcInventory: (sled: SledName, inventory: BmcInventory) => void
  readonly onChange: () => void
}

/** The site's own working parts: store, wanted state, operations, BMCs, images. No socket is open yet. */
export interface SiteParts {
  readonly site: SiteStore
  readonly wanted: WantedStore
  readonly readings: ReadingsBuffer
  readonly intents: BootIntents
  readonly desk: BmcDesk
  readonly serial: SerialDesk
  readonly power: SledPower
  readonly blobs: BlobStore
  readonly engine: Engine
  readonly operations: SiteOperations
  /** The seed's files of a provision; `base` is this agent as the sled reaches it. */
  seed(operation: Operation, base: string): Readonly<Record<string, string>>
}

/** Opens the store and builds everything on it. Throws when the store cannot be used. */
export function openSiteParts(config: AgentConfig, ports: AgentPorts, hooks: SiteHooks): SiteParts {
  const { clock, random, log } = ports
  const site = openSiteStore(ports)
  const wanted = createWantedStore(site, config.standAlone)
  const rack = () => wanted.rack()
  const assignments = () => wanted.assignments()
  const readings = createReadingsBuffer({ store: ports.readings, clock, log })
  const intents = createBootIntents({ site, clock, random })
  const desk = openDesk(config, ports, wanted, site)
  const serial = openSerialDesk(ports, { site, wanted })
  const power = createSledPower({ site, clock, log, readings, onChange: hooks.onChange })
  const blobs = openBlobs(config, ports, hooks, { site, wanted, readings })
  const catalogue = loadCatalogue()
  const engine = createEngine({
    site,
    clock,
    log,
    seen: seenBy(config, hooks, { site, wanted, blobs }),
    execute: (operation, action) => {
      if (action.kind === 'power-up') hooks.onPoweredToNetwork(operation.sled)
      return execute(executeParts(ports, hooks, { site, desk, power, blobs }), operation, action)
    },
    concluded: (change, operation) => conclude({ rack, intents, catalogue }, change, operation),
    onIdle: hooks.onChange,
  })
  const { inspectionsMax } = config.limits
  const operations = createSiteOperations({
    site,
    clock,
    random,
    log,
    engine,
    rack,
    assignments,
    inspectionsMax,
  })
  const seed = seedWriter(site, wanted)
  return { site, wanted, readings, intents, desk, serial, power, blobs, engine, operations, seed }
}

function openDesk(
  config: AgentConfig,
  ports: AgentPorts,
  wanted: WantedStore,
  site: SiteStore,
): BmcDesk {
  const { clock, log, credentials } = ports
  const declared = (sled: SledName) => wanted.rack()?.sleds.find(({ name }) => name === sled)
  const redfishSessions = createStoredSessions({ store: ports.readings, log })
  return createBmcDesk({
    clock,
    log,
    minCycleMs: config.limits.minCycleMs,
    untouchable: (sled) => checkTouchable(declared(sled), site.sleds.get(sled)),
    connect(sled) {
      const bmc = declared(sled)?.bmc
      if (bmc === undefined) return undefined
      const password = credentials.bmcPassword(sled)
      if (password.ok) return connectBmc(bmc, password.value, { ...ports, redfishSessions })
      log.warn('a BMC cannot be used', { sled, why: password.error })
      return undefined
    },
  })
}

function openBlobs(
  config: AgentConfig,
  ports: AgentPorts,
  hooks: SiteHooks,
  held: { site: SiteStore; wanted: WantedStore; readings: ReadingsBuffer },
): BlobStore {
  const { site, wanted, readings } = held
  return createBlobStore({
    ...ports,
    site,
    folder: `${config.stateFolder}/blobs`,
    bytesMax: config.limits.blobBytesMax,
    source: hooks.blobSource,
    local: new Map(config.standAlone?.images.map(({ image, path }) => [image.sha256, path])),
    inUse: () =>
      new Set([
        ...wanted.assignments().map(({ image }) => image.sha256),
        ...[...site.running.values()].flatMap(({ assignment }) => assignment?.image.sha256 ?? []),
      ]),
    onProgress: (sha256, bytes) => readings.put(`image/${sha256}/bytes`, bytes, 'B'),
  })
}

const seenBy =
  (
    config: AgentConfig,
    hooks: SiteHooks,
    held: { site: SiteStore; wanted: WantedStore; blobs: BlobStore },
  ) =>
  (operation: Operation): Seen => {
    const { site, wanted, blobs } = held
    const image = operation.assignment?.image.sha256
    return {
      declared: wanted.rack()?.sleds.find(({ name }) => name === operation.sled),
      imageHere: image !== undefined && blobs.has(image),
      netboot: hooks.netbootSeen(operation.sled),
      diskSerials: site.sleds.get(operation.sled)?.diskSerials ?? [],
      claimTimeoutMs: config.limits.claimTimeoutMs,
      phoneHomeTimeoutMs: config.limits.phoneHomeTimeoutMs,
    }
  }

function executeParts(
  ports: AgentPorts,
  hooks: SiteHooks,
  held: { site: SiteStore; desk: BmcDesk; power: SledPower; blobs: BlobStore },
): Parameters<typeof execute>[0] {
  const { site, desk, power, blobs } = held
  return {
    desk,
    clock: ports.clock,
    fetchImage: (image) => blobs.fetch(image),
    onPower: (operation: Operation, state: PowerState) =>
      power.note(operation.sled, state, undefined),
    onInventory(operation, inventory) {
      const record = site.sleds.get(operation.sled)
      if (record !== undefined) {
        site.commit((change) => change.putSled({ ...record, bmc: inventory }))
      }
      hooks.onBmcInventory(operation.sled, inventory)
    },
  }
}

const seedWriter =
  (site: SiteStore, wanted: WantedStore) =>
  (operation: Operation, base: string): Readonly<Record<string, string>> => {
    const { assignment, id, sled } = operation
    const declared = wanted.rack()?.sleds.find(({ name }) => name === sled)
    if (assignment === null || declared === undefined) return {}
    const { hostname, sshKeys, userData } = assignment
    const network = assignedNetwork(assignment, declared)
    // Its provision has failed, or fails at once: the rack document was changed meanwhile.
    if (!network.ok) return {}
    return noCloudSeed({
      instanceId: id,
      hostname,
      sshKeys,
      userData: userData === '' ? undefined : userData,
      phoneHomeUrl: `${base}/phone-home/${phoneHomeToken(site.secret, id)}`,
      macs: declared.macs,
      networkConfig: network.value,
    })
  }
