import type { Ask } from '@brickyard/protocol/asks'
import type { SiteName } from '@brickyard/model/names'
import { POWER_STATES } from '@brickyard/model/operation'
import type { Reading } from '@brickyard/protocol/frames'
import type { SerialOpen } from '@brickyard/protocol/serial-stream'
import type { Timer } from '@brickyard/runtime/clock'
import type { WebSocketLink } from '@brickyard/runtime/websocket'
import { err, type Result } from '@brickyard/std/result'
import { Seconds } from '@brickyard/std/units'
import type { HubParts } from '../parts.ts'
import { expireActs } from '../store/acts.ts'
import type { ScopedChange } from '../store/hub-store.ts'
import {
  CLOSE_GOING_AWAY,
  CLOSE_REPLACED,
  CLOSE_SILENT,
  openSession,
  type Session,
} from './session.ts'
import type { StreamEvents, StreamToSite } from './streams.ts'

/** Without a word for this long a site is away; the socket's own state proves nothing (DESIGN.md §5). */
export const SILENCE_MS = Seconds(90)
/** Links looked after, last-seen times written, acts expired. */
const ROUND_MS = Seconds(5)
/** Readings kept per site: some per sled and operation. */
const READINGS_PER_SITE_MAX = 20_000
/** A power reading that only repeats itself is written at most this often. */
const POWER_WRITE_MS = Seconds(60)

export type LinkState = 'connected' | 'away' | 'never-seen'

/** Every link of every site of this process. */
export interface AgentLinks {
  accept(link: WebSocketLink): void
  state(site: string): LinkState
  lastSeenMs(site: string): number | undefined
  reading(site: string, key: string): Reading | undefined
  /** All readings of a site whose key begins so. */
  readings(site: string, prefix: string): Reading[]
  pushWanted(site: SiteName): void
  pushActs(site: SiteName): void
  /** Asks a site to look something up; one that is not connected to this process is away. */
  ask(site: string, what: Ask): Promise<Result<unknown>>
  /** Opens a console's stream; undefined where the site is away. */
  openSerial(site: string, open: SerialOpen, events: StreamEvents): StreamToSite | undefined
  /** Calls `take` whenever a site has connected anew. */
  onConnected(take: (site: SiteName) => void): void
  /** Takes up from the store when each site was last heard, and begins to watch. */
  start(): Promise<void>
  stop(): Promise<void>
}

interface SiteLink {
  session: Session | undefined
  heardMonotonicMs: number
  heardWallMs: number
  writtenWallMs: number
  shown: LinkState
  readonly readings: Map<string, Reading>
}

type Parts = Pick<HubParts, 'clock' | 'log' | 'store' | 'authority' | 'identity' | 'feed'>

export function createAgentLinks(parts: Parts): AgentLinks {
  const { clock, log, store, feed } = parts
  const sites = new Map<string, SiteLink>()
  const unnamed = new Set<Session>()
  const onConnected: ((site: SiteName) => void)[] = []
  let round: Timer | undefined
  let stopped = false
  /** Some act may still expire; nothing is asked of the store while none can. */
  let actsOpen = true

  const linkOf = (site: string): SiteLink => {
    const held = sites.get(site)
    if (held !== undefined) return held
    const fresh: SiteLink = {
      session: undefined,
      heardMonotonicMs: clock.monotonicMs(),
      heardWallMs: clock.wallMs(),
      writtenWallMs: 0,
      shown: 'never-seen',
      readings: new Map(),
    }
    sites.set(site, fresh)
    return fresh
  }
  const stateOf = (link: SiteLink): LinkState =>
    clock.monotonicMs() - link.heardMonotonicMs < SILENCE_MS ? 'connected' : 'away'
  const heard = (site: string): void => {
    const link = linkOf(site)
    link.heardMonotonicMs = clock.monotonicMs()
    link.heardWallMs = clock.wallMs()
  }

  async function lookAround(): Promise<void> {
    for (const [site, link] of sites) {
      const state = stateOf(link)
      if (state === 'away') link.session?.close(CLOSE_SILENT, 'nothing was heard for too long')
      if (state !== link.shown) feed.publish([{ kind: 'site', id: site, site }])
      link.shown = state
    }
    const heardOf = [...sites].filter(([, link]) => link.writtenWallMs !== link.heardWallMs)
    if (heardOf.length === 0 && !actsOpen) return
    actsOpen = false
    await store.write(async (tx, notes) => {
      for (const [site, link] of heardOf) {
        link.writtenWallMs = link.heardWallMs
        await tx
          .updateTable('sites')
          .set({ last_seen_ms: link.heardWallMs })
          .where('name', '=', site)
          .execute()
      }
      if (await expireActs(tx, clock.wallMs(), notes)) actsOpen = true
    })
  }
  const schedule = (): void => {
    if (stopped) return
    round = clock.after(ROUND_MS, () => {
      lookAround()
        .catch((error: unknown) =>
          log.error('the round over the links failed', { error: String(error) }),
        )
        .finally(schedule)
    })
  }

  function takeReadings(site: SiteName, values: readonly Reading[]): void {
    const { readings } = linkOf(site)
    const changes: ScopedChange[] = []
    const power: Reading[] = []
    for (const reading of values) {
      const before = readings.get(reading.key)
      if (before === undefined && readings.size >= READINGS_PER_SITE_MAX) continue
      readings.set(reading.key, reading)
      const [noun, id = '', what] = reading.key.split('/')
      const isPower = noun === 'sled' && what === 'power'
      const changed = before?.value !== reading.value
      if (isPower && (changed || reading.atMs - (before?.atMs ?? 0) >= POWER_WRITE_MS)) {
        power.push(reading)
      }
      if (!changed) continue
      if (noun === 'sled') changes.push({ kind: 'sled', id: `${site}/${id}`, site })
      if (noun === 'operation') changes.push({ kind: 'operation', id, site })
    }
    if (power.length > 0) {
      writePower(site, power).catch((error: unknown) =>
        log.error('power readings were not written', { site, error: String(error) }),
      )
    }
    feed.publish(changes)
  }

  const writePower = (site: SiteName, power: readonly Reading[]): Promise<void> =>
    store.write(async (tx) => {
      for (const { key, value, atMs } of power) {
        const state = POWER_STATES.find((known) => known === value) ?? 'unknown'
        await tx
          .updateTable('sleds')
          .set({ power: state, power_as_of_ms: atMs })
          .where('site', '=', site)
          .where('name', '=', key.split('/')[1] ?? '')
          .execute()
      }
    })

  return {
    accept(link) {
      if (stopped) return link.close(CLOSE_GOING_AWAY, 'the hub is going down')
      const session = openSession(link, parts, {
        admitted(site, session) {
          unnamed.delete(session)
          const held = linkOf(site)
          const older = held.session
          held.session = session
          heard(site)
          held.shown = 'connected'
          older?.close(CLOSE_REPLACED, 'a newer connection of this site took over')
          log.info('a site is connected', { site, address: link.peer.address })
          // Not before the welcome, which follows at once.
          clock.after(0, () => {
            if (!stopped && held.session === session) for (const take of onConnected) take(site)
          })
        },
        heard,
        readings: takeReadings,
        closed(site, session) {
          unnamed.delete(session)
          // The close of a connection that a newer one replaced must not take that one away.
          const held = site === undefined ? undefined : sites.get(site)
          if (held?.session === session) held.session = undefined
        },
      })
      unnamed.add(session)
    },
    state(site) {
      const link = sites.get(site)
      return link === undefined ? 'never-seen' : stateOf(link)
    },
    lastSeenMs: (site) => sites.get(site)?.heardWallMs,
    reading: (site, key) => sites.get(site)?.readings.get(key),
    readings: (site, prefix) =>
      [...(sites.get(site)?.readings.values() ?? [])].filter(({ key }) => key.startsWith(prefix)),
    pushWanted: (site) => sites.get(site)?.session?.pushWanted(),
    pushActs(site) {
      actsOpen = true
      sites.get(site)?.session?.pushActs()
    },
    async ask(site, what) {
      const session = sites.get(site)?.session
      return session === undefined ? err('the site is away') : await session.ask(what)
    },
    openSerial: (site, open, events) => sites.get(site)?.session?.streams.openSerial(open, events),
    onConnected: (take) => void onConnected.push(take),
    async start() {
      const known = await store.read((tx) =>
        tx
          .selectFrom('sites')
          .select(['name', 'last_seen_ms'])
          .where('last_seen_ms', 'is not', null)
          .execute(),
      )
      for (const { name, last_seen_ms } of known) {
        const link = linkOf(name)
        const heardMs = last_seen_ms ?? 0
        // A wall clock that was set back must not make a site younger than now.
        link.heardMonotonicMs -= Math.max(0, clock.wallMs() - heardMs)
        link.heardWallMs = heardMs
        link.writtenWallMs = heardMs
        link.shown = stateOf(link)
      }
      schedule()
    },
    async stop() {
      stopped = true
      round?.cancel()
      const sessions = [...unnamed, ...[...sites.values()].flatMap((link) => link.session ?? [])]
      for (const session of sessions) session.close(CLOSE_GOING_AWAY, 'the hub is going down')
    },
  }
}
