import { takeActive, takeOpening } from './client-answers.ts'
import { beginOpening } from './client-opening.ts'
import { expire, takeTick } from './client-patience.ts'
import { departSol, launch } from './client-session.ts'
import {
  failQueue,
  fault,
  QUEUE_REQUESTS_MAX,
  unchanged,
  type ActiveLink,
  type ClientConfig,
  type ClientEffect,
  type ClientEvent,
  type ClientRequest,
  type ClientState,
  type ClientStep,
  type FaultKind,
  type Flight,
} from './client-state.ts'
import { closeSessionRequest } from './commands/close-session.ts'
import { deviceIdRequest } from './commands/device-id.ts'
import { sessionPrivilegeRequest } from './commands/session-privilege.ts'
import { decodePacket } from './packet.ts'
import { decodeRmcp } from './rmcp.ts'

/** A client that has no session yet; the first request opens one. */
export const createClient = (config: ClientConfig): ClientState => ({
  config,
  link: { phase: 'idle' },
  queue: [],
  closing: false,
  held: false,
})

/**
 * The remote console as a pure machine (IPMI 2.0 §13): opens a session when a request needs one,
 * keeps it, sends one request at a time, repeats it, notices a dead session and opens another, and
 * closes it when idle. Each event brings 32 random bytes; a datagram, however mangled, never throws.
 */
export function stepClient(state: ClientState, event: ClientEvent, nowMs: number): ClientStep {
  const expired = expire(state, nowMs)
  const taken = take(expired.state, event, nowMs)
  const moved = advance(taken.state, event.entropy, nowMs, hasSent(taken.effects))
  const effects = [...expired.effects, ...taken.effects, ...moved.effects]
  const before = sessionOf(state)
  const ended = before !== undefined && sessionOf(moved.state) !== before
  return { state: moved.state, effects: ended ? [...effects, SESSION_ENDED] : effects }
}

const SESSION_ENDED: ClientEffect = { kind: 'session-ended' }

const sessionOf = ({ link }: ClientState): number | undefined =>
  link.phase === 'active' ? link.session.bmcSessionId : undefined

/** When the machine wants a tick, on the clock of `nowMs`; undefined when it has nothing to wait for. */
export function clientWakesAtMs(state: ClientState): number | undefined {
  const times = state.queue.map((queued) => queued.deadlineMs)
  if (state.link.phase === 'opening') times.push(state.link.exchange.retryAtMs)
  if (state.link.phase === 'active') {
    const { session, flight } = state.link
    if (flight === undefined) {
      times.push(session.lastExchangeMs + state.config.keepaliveMs)
      if (!state.held) times.push(session.lastUseMs + state.config.idleCloseMs)
    } else {
      times.push(flight.retryAtMs)
      if (flight.queued !== undefined) times.push(flight.queued.deadlineMs)
    }
  }
  return times.length === 0 ? undefined : Math.min(...times)
}

/** True once a step has sent something: its entropy is spent, and one packet a step is the rule. */
const hasSent = (effects: readonly ClientEffect[]): boolean =>
  effects.some((effect) => effect.kind === 'send')

function take(state: ClientState, event: ClientEvent, nowMs: number): ClientStep {
  switch (event.kind) {
    case 'request':
      return takeRequest(state, event.request, nowMs)
    case 'datagram':
      return takeDatagram(state, event.datagram, nowMs)
    case 'tick':
      return takeTick(state, event.entropy, nowMs)
    case 'sol':
      return takeSol(state, event.payload, event.entropy)
    case 'hold':
      return unchanged({ ...state, held: event.held })
    case 'close':
      return takeClose(state, event.entropy, nowMs)
  }
}

function takeRequest(state: ClientState, request: ClientRequest, nowMs: number): ClientStep {
  const refuse = (message: string, kind: FaultKind = 'refused'): ClientStep => ({
    state,
    effects: [{ kind: 'failed', id: request.id, fault: fault(kind, message) }],
  })
  if (nowMs >= request.deadlineMs) return refuse('the deadline passed before it began', 'timeout')
  if (state.closing) return refuse('the connection is closed')
  if (state.queue.length >= QUEUE_REQUESTS_MAX) {
    return refuse(`${QUEUE_REQUESTS_MAX} requests are waiting already`)
  }
  return unchanged({ ...state, queue: [...state.queue, { ...request, reopened: false }] })
}

function takeSol(state: ClientState, payload: Uint8Array, entropy: Uint8Array): ClientStep {
  const { link, config } = state
  if (link.phase !== 'active') return unchanged(state)
  const departure = departSol(config, link, payload, entropy)
  return {
    state: { ...state, link: departure.link },
    effects: [{ kind: 'send', datagram: departure.datagram }],
  }
}

function takeDatagram(state: ClientState, datagram: Uint8Array, nowMs: number): ClientStep {
  const rmcp = decodeRmcp(datagram)
  if (!rmcp.ok || rmcp.value.messageClass !== 'ipmi') return unchanged(state)
  const packet = decodePacket(rmcp.value.body)
  if (!packet.ok) return unchanged(state)
  const { link } = state
  if (link.phase === 'opening') return takeOpening(state, link, packet.value, nowMs)
  if (link.phase === 'active') return takeActive(state, link, packet.value, nowMs)
  return unchanged(state)
}

function takeClose(state: ClientState, entropy: Uint8Array, nowMs: number): ClientStep {
  if (state.closing) return unchanged(state)
  const gone = fault('refused', 'the connection was closed')
  const step = failQueue({ ...state, closing: true }, gone)
  const { link } = step.state
  if (link.phase !== 'active') return { ...step, state: { ...step.state, link: { phase: 'idle' } } }
  const effects: ClientEffect[] = [...step.effects]
  if (link.flight?.queued !== undefined) {
    effects.push({ kind: 'failed', id: link.flight.queued.id, fault: gone })
  }
  const closing = sendClose(step.state, link, entropy, nowMs)
  return { state: closing.state, effects: [...effects, ...closing.effects] }
}

/** Starts whatever can start now: an opening, the next request, a keepalive or the closing of an idle session. */
function advance(
  state: ClientState,
  entropy: Uint8Array,
  nowMs: number,
  sent: boolean,
): ClientStep {
  const { link, config } = state
  if (link.phase === 'idle' && state.closing) {
    return { state: { ...state, link: { phase: 'closed' } }, effects: [{ kind: 'closed' }] }
  }
  if (sent) return unchanged(state)
  if (link.phase === 'idle' && state.queue.length > 0) {
    const opening = beginOpening(config, entropy, nowMs)
    return {
      state: { ...state, link: opening },
      effects: [{ kind: 'send', datagram: opening.exchange.datagram }],
    }
  }
  if (link.phase !== 'active' || link.flight !== undefined) return unchanged(state)
  const { session } = link
  if (session.requesterSequence === 0 && session.sentSequence === 0) {
    const request = sessionPrivilegeRequest(config.privilege)
    return fly(state, link, { purpose: 'privilege', request, queued: undefined }, entropy, nowMs)
  }
  const [queued, ...queue] = state.queue
  if (queued !== undefined) {
    const flight = { purpose: 'caller', request: queued.request, queued } as const
    return fly({ ...state, queue }, link, flight, entropy, nowMs)
  }
  if (!state.held && nowMs >= session.lastUseMs + config.idleCloseMs) {
    return sendClose(state, link, entropy, nowMs)
  }
  if (nowMs >= session.lastExchangeMs + config.keepaliveMs) {
    const request = deviceIdRequest()
    return fly(state, link, { purpose: 'keepalive', request, queued: undefined }, entropy, nowMs)
  }
  return unchanged(state)
}

function fly(
  state: ClientState,
  link: ActiveLink,
  flight: Omit<Flight, 'attempt' | 'retryAtMs'>,
  entropy: Uint8Array,
  nowMs: number,
): ClientStep {
  const departure = launch(state.config, link.session, flight, entropy, nowMs)
  return {
    state: { ...state, link: departure.link },
    effects: [{ kind: 'send', datagram: departure.datagram }],
  }
}

function sendClose(
  state: ClientState,
  link: ActiveLink,
  entropy: Uint8Array,
  nowMs: number,
): ClientStep {
  const request = closeSessionRequest(link.session.bmcSessionId)
  return fly(state, link, { purpose: 'close', request, queued: undefined }, entropy, nowMs)
}
