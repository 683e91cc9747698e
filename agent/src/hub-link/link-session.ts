import {
  decodeHubFrame,
  encodeFrame,
  type HubFrame,
  type SiteFrame,
} from '@brickyard/protocol/frames'
import type { Clock, Timer } from '@brickyard/runtime/clock'
import type { Log } from '@brickyard/runtime/log'
import { randomFraction, type Random } from '@brickyard/runtime/random'
import type { WebSocketLink } from '@brickyard/runtime/websocket'
import { unreachable } from '@brickyard/std/assert'
import { err } from '@brickyard/std/result'
import { Seconds } from '@brickyard/std/units'
import { firstSeq, lastSeq } from '../store/journal.ts'
import type { SerialDesk } from '../bmc/serial-desk.ts'
import type { SiteOperations } from '../operations/site-operations.ts'
import type { SiteStore } from '../store/site-store.ts'
import type { ActsInbox } from './acts-inbox.ts'
import { checkJournal, type JournalCheck } from './journal-check.ts'
import { createOutbox, type Outbox } from './outbox.ts'
import { createSerialStreams } from './serial-streams.ts'
import type { LookUp } from '../look-up.ts'
import type { ReadingsBuffer } from './readings-buffer.ts'
import type { WantedStore } from './wanted-store.ts'

/** The site says that it lives, up to a fifth later so that a fleet does not keep step; the hub answers. */
const ALIVE_MS = Seconds(30)
const ALIVE_JITTER_MS = Seconds(6)
/** No frame at all came from a hub that answers: two answers are missing, the way is gone. */
const SILENCE_MS = Seconds(90)
/** A hub that does not answer the hello, or what is asked of its copy of the journal, is none. */
const ANSWER_TIMEOUT_MS = Seconds(30)
/** The outbox looks again whether the socket has drained, and sends readings that came meanwhile. */
const PUMP_MS = Seconds(2)
/** Events go unacknowledged: whatever else the hub says, it does not take them. */
const ACK_TIMEOUT_MS = Seconds(90)

/** How the reason of a close begins when the hub said that it does not want us. */
export const REFUSED = 'the hub refused'
/** As the frame allows. */
const REASON_CHARS_MAX = 500

export interface LinkSessionParts {
  readonly link: WebSocketLink
  readonly site: SiteStore
  readonly siteName: string
  readonly agentVersion: string
  readonly bootId: string
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly readings: ReadingsBuffer
  readonly wanted: WantedStore
  readonly acts: ActsInbox
  readonly operations: Pick<SiteOperations, 'doubt'>
  /** What the hub asks to look up: the answer, or why there is none. */
  readonly look: LookUp
  readonly serial: SerialDesk
  readonly onWelcome: (hubMs: number) => void
  readonly onWanted: () => void
  readonly onCertificate: (certPem: string) => void
  readonly onClose: (reason: string) => void
}

/** One connection to the hub, from hello to close. */
export interface LinkSession {
  /** Something was written to the journal. */
  pump(): void
  renew(requestPem: string): void
  close(reason: string): void
}

export function openLinkSession(parts: LinkSessionParts): LinkSession {
  const { link, site, clock, log, wanted } = parts
  let outbox: Outbox | undefined
  let welcomed: (HubFrame & { kind: 'welcome' }) | undefined
  let check: JournalCheck | undefined
  let over = false
  const timers = new Set<Timer>()
  let heardMs = clock.monotonicMs()
  let ackedMs = heardMs
  /** An older hub does not answer an `alive`: its silence means nothing. */
  let hubAnswers = false

  const send = (frame: SiteFrame): void => {
    if (!over) link.send(encodeFrame(frame))
  }
  const bufferedBytes = (): number => link.bufferedBytes()
  const streams = createSerialStreams({ desk: parts.serial, clock, send, bufferedBytes })
  const every = (pauseMs: () => number, work: () => void): void => {
    const timer = clock.after(pauseMs(), () => {
      timers.delete(timer)
      if (over) return
      work()
      every(pauseMs, work)
    })
    timers.add(timer)
  }
  const end = (reason: string): void => {
    if (over) return
    over = true
    for (const timer of timers) timer.cancel()
    streams.end()
    parts.onClose(reason)
  }
  let impatience: Timer | undefined
  const expectAnswer = (otherwise: string): void => {
    if (impatience !== undefined) timers.delete(impatience)
    impatience?.cancel()
    impatience = clock.after(ANSWER_TIMEOUT_MS, () => close(otherwise))
    timers.add(impatience)
  }
  expectAnswer('no welcome came')

  function close(reason: string): void {
    link.close(1000, reason.slice(0, 100))
    end(reason)
  }

  /** The store may refuse (a full disk): then this connection ends, nothing is half taken. */
  const safely = (work: () => void): void => {
    try {
      work()
    } catch (error) {
      log.error('the link ended over a fault of the appliance', { error: String(error) })
      close('the appliance cannot write')
    }
  }

  const pump = (): void => safely(() => outbox?.pump())
  /** A peer that vanished closes nothing, and TCP may not notice for a quarter of an hour. */
  const lookForLife = (): void => {
    const nowMs = clock.monotonicMs()
    if (outbox?.waits() !== true) ackedMs = nowMs
    if (hubAnswers && nowMs - heardMs >= SILENCE_MS) close('nothing was heard from the hub')
    else if (nowMs - ackedMs >= ACK_TIMEOUT_MS) close('the hub acknowledges nothing')
  }

  link.onClose((code, reason) => end(`closed with ${code} ${reason}`))
  link.onMessage((message) => {
    if (over || typeof message !== 'string') return
    heardMs = clock.monotonicMs()
    const frame = decodeHubFrame(message)
    if (!frame.ok) return log.warn('a frame of the hub was ignored', { why: frame.error })
    safely(() => take(frame.value))
  })
  send({
    v: 1,
    kind: 'hello',
    site: parts.siteName as (SiteFrame & { kind: 'hello' })['site'],
    agentVersion: parts.agentVersion,
    epoch: site.epoch,
    bootId: parts.bootId,
    lastSeq: site.read(lastSeq),
    firstSeq: site.read(firstSeq),
    wantedGeneration: wanted.held(),
    wallMs: clock.wallMs(),
  })

  function take(frame: HubFrame): void {
    switch (frame.kind) {
      case 'welcome':
        return welcome(frame)
      case 'journal-held':
        return takeHeld(frame)
      case 'refused':
        return close(`${REFUSED}: ${frame.reason}`)
      case 'heard':
        hubAnswers = true
        return
      case 'ack':
        ackedMs = clock.monotonicMs()
        outbox?.acked(frame.epoch, frame.seq)
        return outbox?.pump()
      case 'wanted':
        // It comes again with the next connection; a site that was set back must not act on it.
        if (outbox === undefined) return
        return takeWanted(frame.delta)
      case 'act':
        if (outbox === undefined) return
        return parts.acts.take(frame)
      case 'ask':
        return void answer(frame.id, frame.what)
      case 'certificate':
        return parts.onCertificate(frame.certPem)
      case 'upgrade':
        return log.warn('the hub asks for a newer agent', { reason: frame.reason })
      case 'stream-open':
      case 'stream-data':
      case 'stream-ask':
      case 'stream-credit':
      case 'stream-close':
        return streams.take(frame)
      default:
        return unreachable(frame)
    }
  }

  async function answer(id: string, what: unknown): Promise<void> {
    const found = await parts.look(what).catch((error: unknown) => err(String(error)))
    const said = found.ok
      ? { body: found.value, reason: null }
      : { body: null, reason: found.error.slice(0, REASON_CHARS_MAX) }
    send({ v: 1, kind: 'answer', id, ...said })
  }

  function welcome(frame: HubFrame & { kind: 'welcome' }): void {
    if (welcomed !== undefined) return
    welcomed = frame
    parts.onWelcome(frame.hubMs)
    report()
    const alive = (): void => send({ v: 1, kind: 'alive' })
    alive()
    every(() => ALIVE_MS + ALIVE_JITTER_MS * randomFraction(parts.random), alive)
    every(
      () => PUMP_MS,
      () => {
        pump()
        lookForLife()
      },
    )
    check = checkJournal(site, frame)
    goOn(frame)
  }

  function takeHeld({ epoch, seq, print }: HubFrame & { kind: 'journal-held' }): void {
    const asked = check?.next()
    if (welcomed === undefined || epoch !== site.epoch || asked?.seq !== seq) return
    check?.held(seq, print)
    goOn(welcomed)
  }

  /** Nothing of the journal is sent before it is clear that the hub's copy is of this one. */
  function goOn({ ackedSeq }: HubFrame & { kind: 'welcome' }): void {
    const next = check?.next()
    if (next?.kind === 'ask') {
      expectAnswer('the hub does not say what it holds of the journal')
      return send({ v: 1, kind: 'journal-ask', epoch: site.epoch, seq: next.seq })
    }
    impatience?.cancel()
    if (next !== undefined) {
      site.beginJournal(next.seq, ackedSeq, (change) => parts.operations.doubt(change))
      log.error('the store was set back; a new journal begins', { alike: next.seq, hub: ackedSeq })
      // A journal is announced by a hello, and a connection has one.
      return close('a new journal was begun')
    }
    const { readings } = parts
    const wallMs = (): number => clock.wallMs()
    outbox = createOutbox({ site, link, readings, wallMs, hubAckedSeq: ackedSeq })
    outbox.pump()
  }

  function takeWanted(delta: (HubFrame & { kind: 'wanted' })['delta']): void {
    const taken = wanted.take(delta)
    if (!taken.ok) {
      if (taken.error.kind === 'gap') {
        send({ v: 1, kind: 'wanted-resend', held: wanted.held() })
        return
      }
      log.warn('an older wanted state was refused', {
        held: taken.error.held,
        offered: taken.error.offered,
      })
      return report()
    }
    parts.onWanted()
    report()
  }

  const report = (): void =>
    send({ v: 1, kind: 'wanted-report', held: wanted.held(), applied: wanted.applied() })

  return { pump, renew: (requestPem) => send({ v: 1, kind: 'renew', requestPem }), close }
}
