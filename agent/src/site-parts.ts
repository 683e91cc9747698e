import type { BmcInventory } from '@brickyard/bmc/inventory'
import { loadCatalogue } from '@brickyard/firmware-catalog/load'
import type { SledName } from '@brickyard/model/names'
import type { RackDocument } from '@brickyard/model/rack'
import type { PowerState } from '@brickyard/model/operation'
import { noCloudSeed } from '@brickyard/netboot/nocloud'
import type { AgentConfig } from './agent-config.ts'
import type { AgentPorts } from './agent-ports.ts'
import { createBlobStore, type BlobStore } from './blobs/blob-store.ts'
import type { BlobSource } from './blobs/fetch-blob.ts'
import { createBmcPins, type BmcPins } from './bmc/bmc-pins.ts'
import { createBmcRestarts } from './bmc/bmc-restarts.ts'
import { silenceMsOf } from './bmc/bmc-path.ts'
import { createBmcDesk, type BmcDesk } from './bmc/bmc-desk.ts'
import type { LockedOut } from './credentials/login-watch.ts'
import { onceLogin, regain } from './credentials/regain.ts'
import { rotate } from './credentials/rotate.ts'
import { openSiteLogins, type SiteLogins } from './credentials/site-logins.ts'
import { createReadingsBuffer, type ReadingsBuffer } from './hub-link/readings-buffer.ts'
import { createWantedStore, type WantedStore } from './hub-link/wanted-store.ts'
import { createFeedDesk, type FeedDesk } from './feeds/feed-desk.ts'
import { checkTouchable } from './operations/adoption-check.ts'
import { assignedNetwork } from './operations/assigned-network.ts'
import { createBootDiscs, type BootDiscs } from './operations/boot-discs.ts'
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
import { ownerBeside } from './operations/sled-boot.ts'
import { createSledPower, type SledPower } from './sled-power.ts'
import { openSiteStore, type SiteStore } from './store/site-store.ts'

/** What the rest of the agent gives to the operations. */
export interface SiteHooks {
  readonly blobSource: (sha256: string) => BlobSource | undefined
  /** What netboot last saw of a sled since it was powered to the network. */
  readonly netbootSeen: (sled: string) => string | null
  readonly onPoweredToNetwork: (sled: string) => void
  readonly onBmcInventory: (sled: SledName, inventory: BmcInventory) => void
  /** A sled's power reads as another than before. */
  readonly onPowerChange: (sled: SledName) => void
  readonly onChange: () => void
  /** No login that is known works at a BMC any more, or one does again. */
  readonly onLockedOut: (sled: SledName, locked: LockedOut | undefined) => void
  /** The login of a BMC was changed, or (a reason) could not be. */
  readonly onRotated: (sled: SledName, trouble: string | undefined) => void
  /** A lost login of a BMC was made anew, or (a reason) could not be. */
  readonly onRegained: (sled: SledName, trouble: string | undefined) => void
  /** A PDU did not do what it was asked, or (undefined) is well again. */
  readonly onPduTrouble: (pdu: string, trouble: string | undefined) => void
  readonly onPduExposed: (pdu: string, found: string | undefined) => void
}

/** The site's own working parts: store, wanted state, operations, BMCs, images. No socket is open yet. */
export interface SiteParts {
  readonly site: SiteStore
  readonly wanted: WantedStore
  readonly readings: ReadingsBuffer
  readonly intents: BootIntents
  readonly discs: BootDiscs
  readonly logins: SiteLogins
  readonly desk: BmcDesk
  readonly feeds: FeedDesk
  readonly pins: BmcPins
  readonly serial: SerialDesk
  readonly power: SledPower
  readonly blobs: BlobStore
  readonly engine: Engine
  readonly operations: SiteOperations
  /** The seed's files of a provision; `base` is this agent as the sled reaches it. */
  seed(operation: Operation, base: string): Readonly<Record<string, string>>
  /** The password for once that a regain's installer gives to its BMC. */
  bmcPassword(operation: Operation): string | undefined
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
  const discs = createBootDiscs({ site, clock, random })
  const pins = createBmcPins({ site, http: ports.http })
  const logins = openSiteLogins(ports, {
    site,
    siteName: config.site,
    declared(sled) {
      const bmc = rack()?.sleds.find(({ name }) => name === sled)?.bmc
      return bmc && pins.pinned(sled, bmc)
    },
    onLockedOut: hooks.onLockedOut,
  })
  const desk = openDesk(config, ports, { wanted, site, logins })
  const feeds = openFeeds(ports, hooks, { rack, site })
  const serial = openSerialDesk(ports, { site, wanted, logins })
  const power = createSledPower({ site, clock, log, readings, ...hooks })
  const blobs = openBlobs(config, ports, hooks, { site, wanted, readings })
  const catalogue = loadCatalogue()
  const engine = createEngine({
    site,
    clock,
    log,
    seen: seenBy(config, hooks, { site, wanted, blobs, logins, discs }),
    execute: (operation, action) => {
      const byFeed = action.kind === 'feed' && operation.stage === 'power-to-network'
      if (action.kind === 'power-up' || byFeed) hooks.onPoweredToNetwork(operation.sled)
      const held = { site, desk, feeds, power, blobs, logins, rack, siteName: config.site }
      return execute(executeParts(ports, hooks, held), operation, action)
    },
    concluded: (change, operation) =>
      conclude({ rack, intents, catalogue, ...hooks }, change, operation),
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
    discsInside: () => discs.inside(),
    hasHub: config.hub !== undefined,
    handedOver: logins.handedOver,
    loginOrigin: (sled) => logins.book.held(sled, 'using')?.origin ?? 'given',
  })
  const seed = seedWriter(site, wanted)
  const shared = { site, wanted, readings, intents, discs, pins, logins, desk, feeds, serial }
  const bmcPassword = ({ kind, sled, id }: Operation): string | undefined =>
    kind === 'regain-bmc' ? onceLogin(logins.book, sled, id)?.password : undefined
  return { ...shared, power, blobs, engine, operations, seed, bmcPassword }
}

function openFeeds(
  { clock, snmp, credentials }: AgentPorts,
  hooks: SiteHooks,
  { rack, site }: { rack: () => RackDocument | undefined; site: SiteStore },
): FeedDesk {
  return createFeedDesk({
    snmp,
    clock,
    rack,
    secretOf: (pdu) => credentials.pduSecret(pdu),
    untouchable: (sled) =>
      checkTouchable(
        rack()?.sleds.find(({ name }) => name === sled),
        site.sleds.get(sled),
      ),
    trouble: hooks.onPduTrouble,
    exposed: hooks.onPduExposed,
  })
}

function openDesk(
  config: AgentConfig,
  { clock, log }: AgentPorts,
  { wanted, site, logins }: { wanted: WantedStore; site: SiteStore; logins: SiteLogins },
): BmcDesk {
  const declared = (sled: SledName) => wanted.rack()?.sleds.find(({ name }) => name === sled)
  return createBmcDesk({
    clock,
    log,
    minCycleMs: config.limits.minCycleMs,
    silenceMs: (sled) => silenceMsOf(declared(sled)?.bmc),
    restarts: createBmcRestarts({ site, clock }),
    untouchable: (sled) => checkTouchable(declared(sled), site.sleds.get(sled)),
    connect: (sled) => logins.connect(sled),
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
    held: Pick<SiteParts, 'site' | 'wanted' | 'blobs' | 'logins' | 'discs'>,
  ) =>
  (operation: Operation): Seen => {
    const { site, wanted, blobs, logins, discs } = held
    const image = operation.assignment?.image.sha256
    return {
      declared: wanted.rack()?.sleds.find(({ name }) => name === operation.sled),
      imageHere: image !== undefined && blobs.has(image),
      discInside: discs.inside().has(operation.sled),
      netboot: hooks.netbootSeen(operation.sled),
      diskSerials: site.sleds.get(operation.sled)?.diskSerials ?? [],
      claimTimeoutMs: config.limits.claimTimeoutMs,
      phoneHomeTimeoutMs: config.limits.phoneHomeTimeoutMs,
      rotation:
        operation.kind === 'rotate-credentials'
          ? {
              sealed: logins.book.sealedState(operation.sled, operation.id),
              busyWith: ownerBeside(site, operation),
            }
          : undefined,
      onceUser: onceLogin(logins.book, operation.sled, operation.id)?.user,
    }
  }

function executeParts(
  ports: AgentPorts,
  hooks: SiteHooks,
  held: {
    site: SiteStore
    desk: BmcDesk
    feeds: FeedDesk
    power: SledPower
    blobs: BlobStore
    logins: SiteLogins
    rack: () => RackDocument | undefined
    siteName: string
  },
): Parameters<typeof execute>[0] {
  const { site, desk, feeds, power, blobs, logins, rack, siteName } = held
  const { book, watch, connectAs } = logins
  const declared = (sled: SledName) => rack()?.sleds.find(({ name }) => name === sled)?.bmc
  const { random } = ports
  const beside = { site, book, desk, random, declared, connectAs }
  return {
    desk,
    feeds,
    clock: ports.clock,
    fetchImage: (image) => blobs.fetch(image),
    rotate: (operation, action) =>
      rotate({ ...beside, siteName, policy: () => rack()?.bmcPasswords }, operation, action),
    regain: (operation, action) => regain({ ...beside, watch }, operation, action),
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
