import { Seconds } from '@brickyard/std/units'
import type { LacpEnd, LacpPdu, LacpState } from './lacp-pdu.ts'

/**
 * One port of a switch that speaks LACP (IEEE 802.1AX-2020 §6.4): receive, periodic transmission and
 * coupled mux machine as one pure step. Times are monotonic. The switch is active and asks for fast
 * PDUs; at most what it hears makes it send, so nothing here can storm.
 */
export interface LacpPort {
  /** This end, but for what its state follows from the machines. */
  readonly own: Omit<LacpEnd, 'state'>
  /** `defaulted`: nobody speaks LACP there. */
  readonly receive: 'disabled' | 'expired' | 'defaulted' | 'current'
  /** The other end as it was last heard. */
  readonly partner: LacpEnd | undefined
  /** The partner has us right and is in sync itself (§6.4.9, recordPDU). */
  readonly partnerInSync: boolean
  readonly mux: 'detached' | 'waiting' | 'attached' | 'distributing'
  /** When the receive machine's timer ends. */
  readonly heardUntilMs: number
  readonly waitUntilMs: number
  readonly nextSendMs: number
}

export type LacpEvent =
  | { readonly kind: 'link'; readonly up: boolean }
  | { readonly kind: 'heard'; readonly pdu: LacpPdu }
  /** `selected`: its group carries this port's partner (selection logic, §6.4.14). */
  | { readonly kind: 'tick'; readonly selected: boolean }

/** §6.4.4: fast and slow periodic time, short timeout, aggregate wait. */
const FAST_MS = Seconds(1)
const SLOW_MS = Seconds(30)
const SHORT_TIMEOUT_MS = Seconds(3)
const AGGREGATE_WAIT_MS = Seconds(2)

export const newLacpPort = (own: LacpPort['own']): LacpPort => ({
  own,
  receive: 'disabled',
  partner: undefined,
  partnerInSync: false,
  mux: 'detached',
  heardUntilMs: 0,
  waitUntilMs: 0,
  nextSendMs: 0,
})

/** What became of the port, and the PDU that it sends now, if any. */
export function stepLacp(
  port: LacpPort,
  event: LacpEvent,
  nowMs: number,
): { readonly port: LacpPort; readonly send: LacpPdu | undefined } {
  const before = ownEnd(port).state
  const { next, needed } = received(port, event, nowMs)
  const moved = event.kind === 'tick' ? muxed(next, event.selected, nowMs) : next
  if (moved.receive === 'disabled') return { port: moved, send: undefined }
  const due = nowMs >= moved.nextSendMs
  const changed = JSON.stringify(before) !== JSON.stringify(ownEnd(moved).state)
  if (!due && !needed && !changed) return { port: moved, send: undefined }
  return { port: { ...moved, nextSendMs: nowMs + periodMs(moved) }, send: pduOf(moved) }
}

/** The port collects and distributes with its partner. */
export const isBundled = ({ mux }: LacpPort): boolean => mux === 'distributing'

/** Receive machine (§6.4.12): `needed` says that the partner has us wrong. */
function received(
  port: LacpPort,
  event: LacpEvent,
  nowMs: number,
): { readonly next: LacpPort; readonly needed: boolean } {
  switch (event.kind) {
    case 'link': {
      const fresh = newLacpPort(port.own)
      if (!event.up) return { next: fresh, needed: false }
      if (port.receive !== 'disabled') return { next: port, needed: false }
      const expired = {
        ...fresh,
        receive: 'expired',
        heardUntilMs: nowMs + SHORT_TIMEOUT_MS,
      } as const
      return { next: expired, needed: true }
    }
    case 'heard': {
      if (port.receive === 'disabled') return { next: port, needed: false }
      const { actor, partner } = event.pdu
      const own = ownEnd(port)
      const knowsUs = sameEnd(partner, own) && partner.state.aggregation
      const next: LacpPort = {
        ...port,
        receive: 'current',
        partner: actor,
        partnerInSync: knowsUs && actor.state.synchronization && actor.state.aggregation,
        heardUntilMs: nowMs + SHORT_TIMEOUT_MS,
      }
      // update_NTT: of our state these four matter.
      const seen = partner.state
      const told = own.state
      const stale =
        seen.activity !== told.activity ||
        seen.shortTimeout !== told.shortTimeout ||
        seen.aggregation !== told.aggregation ||
        seen.synchronization !== told.synchronization
      return { next, needed: stale || !sameEnd(partner, own) }
    }
    case 'tick':
      return { next: nowMs >= port.heardUntilMs ? silent(port, nowMs) : port, needed: false }
  }
}

/** Its timer ended: first it is asked fast, then nobody is there. */
function silent(port: LacpPort, nowMs: number): LacpPort {
  if (port.receive === 'current') {
    const heardUntilMs = nowMs + SHORT_TIMEOUT_MS
    return { ...port, receive: 'expired', partnerInSync: false, heardUntilMs, nextSendMs: nowMs }
  }
  if (port.receive !== 'expired') return port
  return { ...port, receive: 'defaulted', partner: undefined, partnerInSync: false }
}

/** Coupled control mux machine (§6.4.15). */
function muxed(port: LacpPort, selected: boolean, nowMs: number): LacpPort {
  if (!selected) return port.mux === 'detached' ? port : { ...port, mux: 'detached' }
  switch (port.mux) {
    case 'detached':
      return { ...port, mux: 'waiting', waitUntilMs: nowMs + AGGREGATE_WAIT_MS }
    case 'waiting':
      return nowMs < port.waitUntilMs ? port : { ...port, mux: 'attached' }
    case 'attached':
      return port.partnerInSync ? { ...port, mux: 'distributing' } : port
    case 'distributing':
      return port.partnerInSync ? port : { ...port, mux: 'attached' }
  }
}

/** Periodic machine (§6.4.13): as fast as the partner wants it; fast while it is being found again. */
const periodMs = ({ receive, partner }: LacpPort): number =>
  receive === 'expired' || partner?.state.shortTimeout === true ? FAST_MS : SLOW_MS

function ownEnd(port: LacpPort): LacpEnd {
  const { receive, mux } = port
  const state: LacpState = {
    activity: true,
    shortTimeout: true,
    aggregation: true,
    synchronization: mux === 'attached' || mux === 'distributing',
    collecting: mux === 'distributing',
    distributing: mux === 'distributing',
    defaulted: receive === 'defaulted',
    expired: receive === 'expired',
  }
  return { ...port.own, state }
}

const pduOf = (port: LacpPort): LacpPdu => ({
  actor: ownEnd(port),
  partner: port.partner ?? NOBODY,
})

/** What is said of a partner that was not heard (§6.4.7, the administrative defaults). */
const NOBODY: LacpEnd = {
  systemPriority: 0,
  system: '00:00:00:00:00:00',
  key: 0,
  portPriority: 0,
  port: 0,
  state: {
    activity: false,
    shortTimeout: false,
    aggregation: false,
    synchronization: false,
    collecting: false,
    distributing: false,
    defaulted: false,
    expired: false,
  },
}

const sameEnd = (a: LacpEnd, b: LacpEnd): boolean =>
  a.system === b.system &&
  a.systemPriority === b.systemPriority &&
  a.key === b.key &&
  a.port === b.port &&
  a.portPriority === b.portPriority
