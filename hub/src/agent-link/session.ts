import type { Ask } from '@brickyard/protocol/asks'
import type { SiteName } from '@brickyard/model/names'
import {
  decodeSiteFrame,
  encodeFrame,
  type HubFrame,
  type Reading,
  type SiteFrame,
} from '@brickyard/protocol/frames'
import type { WebSocketLink } from '@brickyard/runtime/websocket'
import { unreachable } from '@brickyard/std/assert'
import type { Result } from '@brickyard/std/result'
import { MiB, Seconds } from '@brickyard/std/units'
import type { HubParts } from '../parts.ts'
import { wantedSince } from '../store/wanted.ts'
import { markSent, sendableActs } from '../store/acts.ts'
import { createAsks, type Asks } from './asks.ts'
import { admit, printOf, type Hello } from './hello.ts'
import { ingest } from './ingest.ts'
import { createStreams, type Streams } from './streams.ts'

/** A site that says nothing after it connected is no site. */
const HELLO_TIMEOUT_MS = Seconds(15)
/** Frames waiting to be taken; a site's send window keeps it far below. */
const PENDING_CHARS_MAX = MiB(16)

/** Close codes (RFC 6455 §7.4.1; from 4000 on our own). */
export const CLOSE_GOING_AWAY = 1001
export const CLOSE_REFUSED = 4001
export const CLOSE_REPLACED = 4002
export const CLOSE_SILENT = 4003

type Parts = Pick<HubParts, 'clock' | 'log' | 'store' | 'authority' | 'identity'>

/** What a session tells the registry of links. */
export interface SessionEvents {
  /** The site is who it says; an older session of it has to go. */
  admitted(site: SiteName, session: Session): void
  heard(site: SiteName): void
  readings(site: SiteName, values: readonly Reading[]): void
  /** Called once. */
  closed(site: SiteName | undefined, session: Session): void
}

/** One connection of a site, from its hello to its end. Frames are taken one after the other. */
export interface Session {
  /** Sends what the site does not have of its wanted state. */
  pushWanted(): void
  /** Sends acts that wait for the site. */
  pushActs(): void
  /** Asks the site to look something up. */
  ask(what: Ask): Promise<Result<unknown>>
  readonly streams: Pick<Streams, 'openSerial'>
  close(code: number, reason: string): void
}

export function openSession(link: WebSocketLink, parts: Parts, events: SessionEvents): Session {
  return new LinkSession(link, parts, events)
}

class LinkSession implements Session {
  readonly #link: WebSocketLink
  readonly #parts: Parts
  readonly #events: SessionEvents
  readonly #asks: Asks
  readonly streams: Streams
  #site: SiteName | undefined
  #epoch = ''
  /** Generation that the site holds once everything sent has arrived. */
  #sentGeneration = 0
  #over = false
  #pendingChars = 0
  /** The tail of what is being done: everything of a session happens in order. */
  #tail: Promise<void> = Promise.resolve()

  constructor(link: WebSocketLink, parts: Parts, events: SessionEvents) {
    this.#link = link
    this.#parts = parts
    this.#events = events
    this.#asks = createAsks(parts.clock, (frame) => this.#send(frame))
    this.streams = createStreams((frame) => this.#send(frame))
    const impatience = parts.clock.after(HELLO_TIMEOUT_MS, () => {
      if (this.#site === undefined) this.#refuse('no hello came')
    })
    link.onClose(() => {
      this.#over = true
      impatience.cancel()
      this.#asks.end()
      this.streams.end()
      events.closed(this.#site, this)
    })
    link.onMessage((message) => this.#take(message))
  }

  pushWanted(): void {
    this.#then(async () => await this.#sendWanted())
  }

  pushActs(): void {
    this.#then(async () => await this.#sendActs())
  }

  ask(what: Ask): Promise<Result<unknown>> {
    return this.#asks.ask(what)
  }

  close(code: number, reason: string): void {
    if (this.#over) return
    this.#over = true
    this.#asks.end()
    this.streams.end()
    this.#link.close(code, reason)
  }

  #take(message: string | Uint8Array): void {
    if (this.#over) return
    if (this.#site !== undefined) this.#events.heard(this.#site)
    // No release of the protocol has binary messages from a site yet.
    if (typeof message !== 'string') return this.#refuse('a binary message')
    this.#pendingChars += message.length
    if (this.#pendingChars > PENDING_CHARS_MAX) return this.#refuse('more frames than can be taken')
    this.#then(async () => {
      this.#pendingChars -= message.length
      const frame = decodeSiteFrame(message)
      if (!frame.ok) return this.#refuse(frame.error)
      await this.#takeFrame(frame.value)
    })
  }

  #then(work: () => Promise<void>): void {
    this.#tail = this.#tail.then(async () => {
      if (this.#over) return
      try {
        await work()
      } catch (error) {
        // A fault of ours must not cost other sites their link: this one comes again and resends.
        this.#parts.log.error('a frame could not be taken', {
          site: this.#site,
          error: error instanceof Error ? (error.stack ?? error.message) : String(error),
        })
        this.#refuse('the hub failed; try again')
      }
    })
  }

  async #takeFrame(frame: SiteFrame): Promise<void> {
    if (frame.kind === 'hello') return await this.#takeHello(frame)
    const site = this.#site
    if (site === undefined) return this.#refuse(`'${frame.kind}' came before the hello`)
    switch (frame.kind) {
      case 'events':
        return await this.#takeEvents(site, frame)
      case 'readings':
        return this.#events.readings(site, frame.values)
      case 'wanted-report':
        return await this.#takeReport(site, frame)
      case 'wanted-resend':
        this.#sentGeneration = 0
        return await this.#sendWanted()
      case 'journal-ask':
        return await this.#takeAsk(site, frame)
      case 'renew':
        return await this.#renew(site, frame.requestPem)
      case 'alive':
        return this.#send({ v: 1, kind: 'heard' })
      case 'answer':
        return this.#asks.answered(frame.id, frame.body, frame.reason)
      case 'stream-data':
      case 'stream-told':
      case 'stream-credit':
      case 'stream-close':
        return this.streams.take(frame)
      default:
        return unreachable(frame)
    }
  }

  async #takeHello(hello: Hello): Promise<void> {
    if (this.#site !== undefined) return this.#refuse('a second hello')
    const { store, clock } = this.#parts
    const admitted = await store.write((tx, notes) =>
      admit(tx, hello, this.#link.peer, clock.wallMs(), notes),
    )
    if (!admitted.ok) return this.#refuse(admitted.error)
    const { site, ackedSeq, ackedPrint } = admitted.value
    this.#site = site
    this.#epoch = hello.epoch
    this.#sentGeneration = hello.wantedGeneration
    this.#events.admitted(site, this)
    this.#send({ v: 1, kind: 'welcome', ackedSeq, ackedPrint, hubMs: clock.wallMs() })
    await this.#sendWanted()
    await this.#sendActs()
  }

  async #takeEvents(
    site: SiteName,
    { epoch, events }: Extract<SiteFrame, { kind: 'events' }>,
  ): Promise<void> {
    if (epoch !== this.#epoch) return this.#refuse('events of a journal that was not announced')
    const { store, clock } = this.#parts
    const receivedAtMs = clock.wallMs()
    const taken = await store.write((tx, notes) =>
      ingest(tx, { site, epoch, events, receivedAtMs }, notes),
    )
    if (!taken.ok) return this.#refuse(taken.error)
    this.#send({ v: 1, kind: 'ack', epoch, seq: taken.value })
  }

  /** A site whose store was set back looks for the last event that both hold alike. */
  async #takeAsk(
    site: SiteName,
    { epoch, seq }: Extract<SiteFrame, { kind: 'journal-ask' }>,
  ): Promise<void> {
    const print = await this.#parts.store.read((tx) => printOf(tx, site, epoch, seq))
    this.#send({ v: 1, kind: 'journal-held', epoch, seq, print })
  }

  async #takeReport(
    site: SiteName,
    { held, applied }: Extract<SiteFrame, { kind: 'wanted-report' }>,
  ): Promise<void> {
    await this.#parts.store.write(async (tx, notes) => {
      await tx
        .updateTable('sites')
        .set({ held_generation: held, applied_generation: applied })
        .where('name', '=', site)
        .execute()
      notes.changed({ kind: 'site', id: site, site })
    })
  }

  async #sendWanted(): Promise<void> {
    const site = this.#site
    if (site === undefined) return
    const delta = await this.#parts.store.read((tx) => wantedSince(tx, site, this.#sentGeneration))
    if (delta === undefined) return
    this.#sentGeneration = delta.generation
    this.#send({ v: 1, kind: 'wanted', delta })
  }

  async #sendActs(): Promise<void> {
    const site = this.#site
    if (site === undefined) return
    const { store, clock } = this.#parts
    const acts = await store.read((tx) => sendableActs(tx, site, clock.wallMs()))
    if (acts.length === 0) return
    for (const { payload, signature } of acts) this.#send({ v: 1, kind: 'act', payload, signature })
    await store.write((tx, notes) => markSent(tx, acts, notes))
  }

  /** A new certificate for the key the site already proved; never for another (DESIGN.md §9). */
  async #renew(site: SiteName, requestPem: string): Promise<void> {
    const { authority, identity, log } = this.#parts
    const certPem = await authority.issueSiteCertificate(site, requestPem).catch(() => undefined)
    const spki = certPem === undefined ? undefined : identity.describe(certPem).spkiSha256
    if (certPem === undefined || spki !== this.#link.peer.spkiSha256) {
      log.warn('a renewal was refused: the request is not for the key in use', { site })
      return
    }
    this.#send({ v: 1, kind: 'certificate', certPem })
  }

  #send(frame: HubFrame): void {
    if (!this.#over) this.#link.send(encodeFrame(frame))
  }

  #refuse(reason: string): void {
    if (this.#over) return
    const { peer } = this.#link
    this.#parts.log.warn('a link was refused', {
      reason,
      site: this.#site ?? peer.commonName,
      address: peer.address,
    })
    this.#send({ v: 1, kind: 'refused', reason })
    this.close(CLOSE_REFUSED, reason.slice(0, 100))
  }
}
