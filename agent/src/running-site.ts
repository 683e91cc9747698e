import type { RackDocument } from '@brickyard/model/rack'
import type { Timer } from '@brickyard/runtime/clock'
import type { FetchHandler } from '@brickyard/runtime/http'
import { randomHex } from '@brickyard/runtime/random'
import { Minutes, Seconds } from '@brickyard/std/units'
import type { AgentConfig } from './agent-config.ts'
import type { AgentPorts } from './agent-ports.ts'
import { createBootServer, type BootServer } from './boot-server.ts'
import { type BmcWatches, createBmcWatches } from './bmc/bmc-watches.ts'
import { createLoginTrial } from './credentials/login-trial.ts'
import { recoveryKeyTrouble } from './credentials/recovery-pin.ts'
import { createLostLogins } from './credentials/lost-login.ts'
import { createDiscDesk } from './disc-desk.ts'
import { createHubLink, type HubLink, type LinkState } from './hub-link/hub-link.ts'
import { createLookUp } from './look-up.ts'
import { createNetbootLog, type NetbootLog } from './netboot-log.ts'
import { servedLoaders } from './netboot/loaders.ts'
import { createTracing, type Tracing } from './netboot/trace-parts.ts'
import { createPlaces, type Places } from './places.ts'
import { createSiteApi } from './site-api.ts'
import { outOfReachInWords } from './site-network-troubles.ts'
import { openSiteParts, type SiteParts } from './site-parts.ts'
import { pruneJournal } from './store/journal.ts'
import { createTechnicianDesk, type TechnicianDesk } from './technician-desk.ts'
import { createTroubles, type Troubles } from './troubles.ts'

/** Everything is looked at again this often, whether or not something seemed to change. */
const LOOK_MS = Seconds(30)
const PRUNE_MS = Minutes(10)
/** Outlets are read, and PDUs asked how they let people in. */
const FEED_LOOK_MS = Minutes(10)
/** A hub whose clock is further away than this proves nothing about ours. */
const CLOCK_SKEW_MAX_MS = Minutes(5)

/** A site at work, from an open store to its sockets. */
export interface RunningSite {
  readonly parts: SiteParts
  readonly bootHttp: FetchHandler
  readonly sitePage: FetchHandler
  readonly siteApi: FetchHandler
  start(): Promise<void>
  stop(): Promise<void>
  link(): LinkState
}

/** Opens the store and wires the site together. Throws when the store cannot be used. */
export function openRunningSite(config: AgentConfig, ports: AgentPorts): RunningSite {
  return new Site(config, ports)
}

class Site implements RunningSite {
  readonly parts: SiteParts
  readonly bootHttp: FetchHandler
  readonly sitePage: FetchHandler
  readonly siteApi: FetchHandler
  readonly #config: AgentConfig
  readonly #ports: AgentPorts
  readonly #troubles: Troubles
  readonly #tracing: Tracing
  readonly #netbootLog: NetbootLog
  readonly #places: Places
  readonly #watches: BmcWatches
  readonly #technician: TechnicianDesk
  readonly #link: HubLink
  readonly #boot: BootServer
  readonly #bootId: string
  #clockProven = false
  #rack: RackDocument | undefined
  #timers: Timer[] = []
  #stopped = false

  constructor(config: AgentConfig, ports: AgentPorts) {
    this.#config = config
    this.#ports = ports
    this.#bootId = randomHex(ports.random, 8)
    const changed = (): void => this.#changed()
    this.parts = openSiteParts(config, ports, {
      blobSource: (sha256) => this.#link.blobSource(sha256),
      netbootSeen: (sled) => this.#netbootLog.last(sled),
      onPoweredToNetwork: (sled) => this.#netbootLog.forget(sled),
      onBmcInventory: (sled, { serial }) => {
        this.#places.noteBmc(sled, serial)
        this.#watches.lookOver(sled)
      },
      onPowerChange: (sled) => this.#watches.powerChanged(sled),
      onChange: changed,
      onLockedOut: (sled, locked) => lostLogins.lockedOut(sled, locked),
      onRegained: (sled, trouble) => lostLogins.regained(sled, trouble),
      onRotated: (sled, trouble) => this.#troubles.set(`bmc-rotation/${sled}`, trouble),
      onPduTrouble: (pdu, trouble) => this.#troubles.set(`pdu/${pdu}`, trouble),
      onPduExposed: (pdu, found) => this.#troubles.set(`pdu-exposed/${pdu}`, found),
    })
    const { site, wanted, desk, power, operations, readings } = this.parts
    const { clock, log } = ports
    this.#troubles = createTroubles({ site, clock, log })
    this.#tracing = createTracing({ ...ports, site, rack: () => wanted.rack() })
    this.#netbootLog = createNetbootLog({ site, clock, log, watches: this.#tracing.watches })
    const rack = () => wanted.rack()
    const lostLogins = createLostLogins({
      site,
      regain: (sled) => operations.regain(sled),
      declared: (sled) => rack()?.sleds.find(({ name }) => name === sled),
      troubles: this.#troubles,
      workOrders: () => this.#technician.workOrders,
      log,
    })
    const { report } = this.#netbootLog
    this.#boot = createBootServer({
      config,
      ports,
      parts: this.parts,
      troubles: this.#troubles,
      report,
      trace: this.#tracing.tracer,
    })
    const dhcpServers = () => this.#boot.dhcpServers()
    this.#places = createPlaces({ site, clock, rack, dhcpServers })
    this.#watches = createBmcWatches({
      ...ports,
      ...this.parts,
      rack,
      limits: config.limits,
      troubles: this.#troubles,
    })
    this.#link = createHubLink({
      ...ports,
      hub: config.hub,
      folder: `${config.stateFolder}/link`,
      siteName: config.site,
      agentVersion: config.agentVersion,
      bootId: this.#bootId,
      site,
      readings,
      wanted,
      operations: {
        ...operations,
        doubt: (change) => {
          operations.doubt(change)
          this.#troubles.tellAgain(change)
        },
      },
      serial: this.parts.serial,
      clockProven: () => this.#clockProven,
      look: createLookUp({
        clock,
        ...this.#tracing,
        preview: (mode) => this.#boot.preview(mode),
        loaders: () => servedLoaders(this.#boot.loaders()),
      }),
      onWelcome: (hubMs) => this.#proveClock(hubMs),
      onWanted: changed,
    })
    this.#technician = createTechnicianDesk(
      ports,
      {
        site,
        siteName: config.site,
        agentVersion: config.agentVersion,
        clock,
        operations,
        desk,
        power,
        places: this.#places,
        rack,
        boots: (sled) => this.#tracing.tracer.trace({ sled }),
        discs: createDiscDesk({
          ...this.parts,
          rack,
          maker: this.#boot.disc,
          onInserted: changed,
        }),
        loaders: () => servedLoaders(this.#boot.loaders()),
        logins: this.parts.logins,
        readings,
        trial: createLoginTrial({ ...this.parts, clock }),
        link: () => this.#link.state(),
        clockProven: () => this.#clockProven,
      },
      config.sitePinHash,
    )
    this.sitePage = this.#technician.page
    this.siteApi = createSiteApi({
      site,
      agentVersion: config.agentVersion,
      link: () => this.#link.state(),
      blobBytes: () => this.parts.blobs.bytesHeld(),
      troubles: () => this.#troubles.now(),
      netboot: this.#tracing.counts,
      boots: () => this.#tracing.book.standing(),
      bootLoaders: () => this.#boot.loaders(),
    })
    this.bootHttp = this.#boot.http
  }

  link = (): LinkState => this.#link.state()

  async start(): Promise<void> {
    const { site, engine, blobs, wanted } = this.parts
    const { log } = this.#ports
    site.commit((change) =>
      change.event('site.started', {
        agentVersion: this.#config.agentVersion,
        bootId: this.#bootId,
        sealingKey: this.parts.logins.handedOver.publicKey,
      }),
    )
    await this.#boot.start(wanted.rack())
    await blobs.start()
    engine.start()
    this.#changed()
    this.#technician.workOrders.start()
    this.#every(LOOK_MS, () => this.#look())
    this.#every(PRUNE_MS, () => this.#prune())
    this.#every(FEED_LOOK_MS, () => void this.parts.feeds.look())
    await this.#link.start()
    log.info('the agent is up', { site: this.#config.site, epoch: site.epoch })
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.#troubles.stop()
    for (const timer of this.#timers) timer.cancel()
    this.#technician.workOrders.stop()
    this.parts.engine.stop()
    this.#watches.stop()
    this.#link.stop()
    this.#boot.stop()
    this.#netbootLog.flush()
    this.#tracing.book.save()
    this.parts.readings.save()
    await Promise.all([this.parts.desk.close(), this.parts.serial.close()])
  }

  /** Wanted state, a sled or an operation changed: see what follows. */
  #changed(): void {
    if (this.#stopped) return
    try {
      const rack = this.parts.wanted.rack()
      if (rack !== this.#rack) this.#takeRack(rack)
      this.parts.operations.reconcile()
      const outOfReach = this.parts.operations.outOfReach()
      this.#troubles.set('installers out of reach', outOfReachInWords(outOfReach))
    } catch (error) {
      this.#ports.log.error('the site could not be reconciled', { error: String(error) })
    }
  }

  #takeRack(rack: RackDocument | undefined): void {
    const before = new Map(this.#rack?.sleds.map((sled) => [sled.name, JSON.stringify(sled.bmc)]))
    this.#rack = rack
    this.#boot.sync(rack)
    for (const { name, bmc } of rack?.sleds ?? []) {
      const was = before.get(name)
      if (was === undefined || was === JSON.stringify(bmc)) continue
      void this.parts.desk.forget(name)
      this.parts.serial.forget(name)
    }
    const watched = rack?.sleds.filter(({ bmc }) => bmc !== undefined) ?? []
    this.#watches.watch(watched.map(({ name }) => name))
    const logged = watched.filter(({ serialLog }) => serialLog === 'always')
    this.parts.serial.watch(logged.map(({ name }) => name))
  }

  #look(): void {
    this.#changed()
    const policy = this.#rack?.bmcPasswords
    const keyTrouble = this.parts.site.read((sql) => recoveryKeyTrouble(sql, policy))
    this.#troubles.set('recovery-key', keyTrouble)
    try {
      this.#places.refresh()
    } catch (error) {
      this.#ports.log.error('places could not be graded', { error: String(error) })
    }
    this.parts.readings.save()
  }

  #prune(): void {
    const { eventKeepMs, eventsMax } = this.#config.limits
    try {
      this.parts.site.commit((change) => {
        const bounds = { keepMs: eventKeepMs, eventsMax }
        const lost = pruneJournal(change.sql, bounds, change.wallMs)
        if (lost === undefined) return
        const reason = `${lost.count} events from ${lost.first} to ${lost.last} were dropped: the journal is full and the hub never took them`
        change.event('site.trouble', { what: 'journal', reason })
      })
    } catch (error) {
      this.#ports.log.error('the journal could not be pruned', { error: String(error) })
    }
  }

  #every(ms: number, work: () => void): void {
    const at = this.#timers.length
    const arm = (): void => {
      this.#timers[at] = this.#ports.clock.after(ms, () => {
        if (this.#stopped) return
        work()
        arm()
      })
    }
    arm()
  }

  /** Acts and their expiry mean nothing on a clock that nobody confirmed. */
  #proveClock(hubMs: number): void {
    const skewMs = Math.abs(hubMs - this.#ports.clock.wallMs())
    this.#clockProven = skewMs <= CLOCK_SKEW_MAX_MS
    const reason = `the clock is ${Math.round(skewMs / 1000)} s away from the hub's; acts are refused`
    this.#troubles.set('clock', this.#clockProven ? undefined : reason)
  }
}
