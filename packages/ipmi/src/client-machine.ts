import { closeSessionRequest } from './commands/close-session.ts'
import { deviceIdRequest } from './commands/device-id.ts'
import { decodeSessionPrivilege, sessionPrivilegeRequest } from './commands/session-privilege.ts'
import { beginOpening, takeOpeningPacket } from './client-opening.ts'
import { arrive, depart, launch } from './client-session.ts'
import {
  attemptTimeoutMs,
  failQueue,
  QUEUE_REQUESTS_MAX,
  type ActiveLink,
  type ClientConfig,
  type ClientEffect,
  type ClientEvent,
  type ClientFault,
  type ClientRequest,
  type ClientState,
  type ClientStep,
  type FaultKind,
  type Flight,
  type OpeningLink,
} from './client-state.ts'
import { COMPLETION, describeCompletion } from './completion-code.ts'
import type { IpmiResponse } from './message.ts'
import { decodePacket, type Packet } from './packet.ts'
import { PRIVILEGES } from './privilege.ts'
import { decodeRmcp } from './rmcp.ts'

/** A client that has no session yet; the first request opens one. */
export const createClient = (config: ClientConfig): ClientState => ({
  config,
  link: { phase: 'idle' },
  queue: [],
  closing: false,
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
  return { state: moved.state, effects: [...expired.effects, ...taken.effects, ...moved.effects] }
}

/** When the machine wants a tick, on the clock of `nowMs`; undefined when it has nothing to wait for. */
export function clientWakesAtMs(state: ClientState): number | undefined {
  const times = state.queue.map((queued) => queued.deadlineMs)
  if (state.link.phase === 'opening') times.push(state.link.exchange.retryAtMs)
  if (state.link.phase === 'active') {
    const { session, flight } = state.link
    if (flight === undefined) {
      times.push(session.lastExchangeMs + state.config.keepaliveMs)
      times.push(session.lastUseMs + state.config.idleCloseMs)
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

const unchanged = (state: ClientState): ClientStep => ({ state, effects: [] })
const fault = (kind: FaultKind, message: string): ClientFault => ({ kind, message })

function take(state: ClientState, event: ClientEvent, nowMs: number): ClientStep {
  switch (event.kind) {
    case 'request':
      return takeRequest(state, event.request, nowMs)
    case 'datagram':
      return takeDatagram(state, event.datagram, nowMs)
    case 'tick':
      return takeTick(state, event.entropy, nowMs)
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

function takeOpening(
  state: ClientState,
  link: OpeningLink,
  packet: Packet,
  nowMs: number,
): ClientStep {
  const outcome = takeOpeningPacket(state.config, link, packet, nowMs)
  switch (outcome.kind) {
    case 'ignored':
      return unchanged(state)
    case 'next':
      return {
        state: { ...state, link: outcome.link },
        effects: [{ kind: 'send', datagram: outcome.link.exchange.datagram }],
      }
    case 'opened':
      // advance() asks for the privilege first: requesterSequence 0 marks a session still without.
      return unchanged({
        ...state,
        link: { phase: 'active', session: outcome.session, flight: undefined },
      })
    case 'failed': {
      const step = failQueue({ ...state, link: { phase: 'idle' } }, outcome.fault)
      const goodbye: ClientEffect[] =
        outcome.goodbye === undefined ? [] : [{ kind: 'send', datagram: outcome.goodbye }]
      return { state: step.state, effects: [...goodbye, ...step.effects] }
    }
  }
}

function takeActive(
  state: ClientState,
  link: ActiveLink,
  packet: Packet,
  nowMs: number,
): ClientStep {
  const arrival = arrive(state.config, link, packet)
  if (arrival === undefined) return unchanged(state)
  const { answer } = arrival
  if (answer === undefined || link.flight === undefined) {
    return unchanged({ ...state, link: { ...link, session: arrival.session } })
  }
  const session = { ...arrival.session, lastExchangeMs: nowMs }
  return takeAnswer({ ...state, link: { ...link, session } }, link.flight, answer, nowMs)
}

function takeAnswer(
  state: ClientState,
  flight: Flight,
  answer: IpmiResponse,
  nowMs: number,
): ClientStep {
  if (state.link.phase !== 'active') return unchanged(state)
  const landed: ActiveLink = { ...state.link, flight: undefined }
  switch (flight.purpose) {
    case 'keepalive':
      return unchanged({ ...state, link: landed })
    case 'close':
      return unchanged({ ...state, link: { phase: 'idle' } })
    case 'privilege': {
      const granted = decodeSessionPrivilege(answer.data)
      const { completionCode } = answer
      const wanted = PRIVILEGES[state.config.privilege]
      if (completionCode === COMPLETION.ok && granted.ok && granted.value >= wanted) {
        return unchanged({ ...state, link: landed })
      }
      const why = `user '${state.config.user}' does not get ${state.config.privilege} privilege: ${describeCompletion(completionCode)}`
      // The session is of no use; lastUseMs in the past makes advance() close it.
      const useless = { ...landed.session, lastUseMs: nowMs - state.config.idleCloseMs }
      return failQueue({ ...state, link: { ...landed, session: useless } }, fault('auth', why))
    }
    case 'caller': {
      const session = { ...landed.session, lastUseMs: nowMs, proven: true }
      const { completionCode, data } = answer
      return {
        state: { ...state, link: { ...landed, session } },
        effects:
          flight.queued === undefined
            ? []
            : [{ kind: 'answered', id: flight.queued.id, completionCode, data: data.slice() }],
      }
    }
  }
}

function takeTick(state: ClientState, entropy: Uint8Array, nowMs: number): ClientStep {
  const { link, config } = state
  if (link.phase === 'opening' && nowMs >= link.exchange.retryAtMs) {
    const attempt = link.exchange.attempt + 1
    const waitMs = attemptTimeoutMs(config, attempt)
    if (waitMs === undefined) return giveUpOpening(state, link)
    const exchange = { ...link.exchange, attempt, retryAtMs: nowMs + waitMs }
    return {
      state: { ...state, link: { ...link, exchange } },
      effects: [{ kind: 'send', datagram: exchange.datagram }],
    }
  }
  if (link.phase === 'active' && link.flight !== undefined && nowMs >= link.flight.retryAtMs) {
    const attempt = link.flight.attempt + 1
    const waitMs = attemptTimeoutMs(config, attempt)
    if (waitMs === undefined) return giveUpFlight(state, link, link.flight)
    const flight = { ...link.flight, attempt, retryAtMs: nowMs + waitMs }
    const again = depart(config, link.session, flight, entropy)
    return {
      state: { ...state, link: again.link },
      effects: [{ kind: 'send', datagram: again.datagram }],
    }
  }
  return unchanged(state)
}

function giveUpOpening(state: ClientState, link: OpeningLink): ClientStep {
  const { stage } = link.opening
  const silent = { ...state, link: { phase: 'idle' } } as const
  if (stage === 'capabilities') return failQueue(silent, fault('unreachable', 'no BMC answers'))
  const why =
    stage === 'rakp-2'
      ? 'the BMC fell silent at RAKP 1; some do so for an unknown user'
      : `the BMC fell silent while the session opened (${stage})`
  return failQueue(silent, fault('timeout', why))
}

function giveUpFlight(state: ClientState, link: ActiveLink, flight: Flight): ClientStep {
  const silent: ClientState = { ...state, link: { phase: 'idle' } }
  const { queued, purpose } = flight
  if (purpose === 'privilege') {
    return failQueue(silent, fault('timeout', 'the BMC fell silent right after the login'))
  }
  if (queued === undefined) return unchanged(silent)
  if (queued.repeat === 'harmless' && link.session.proven && !queued.reopened) {
    // The BMC may have restarted and forgotten the session: a fresh one deserves one more try.
    return unchanged({ ...silent, queue: [{ ...queued, reopened: true }, ...silent.queue] })
  }
  const why =
    queued.repeat === 'never'
      ? 'no answer came; whether the command was carried out must be read back'
      : 'the BMC does not answer'
  return {
    state: silent,
    effects: [{ kind: 'failed', id: queued.id, fault: fault('timeout', why) }],
  }
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

/** Fails what is past its deadline, in the queue and in the air; a late answer is then ignored. */
function expire(state: ClientState, nowMs: number): ClientStep {
  const effects: ClientEffect[] = []
  const late = (id: number): void => {
    effects.push({ kind: 'failed', id, fault: fault('timeout', 'the deadline passed') })
  }
  for (const queued of state.queue) if (nowMs >= queued.deadlineMs) late(queued.id)
  const queue = state.queue.filter((queued) => nowMs < queued.deadlineMs)
  const { link } = state
  if (link.phase !== 'active' || link.flight?.queued === undefined) {
    return { state: { ...state, queue }, effects }
  }
  if (nowMs < link.flight.queued.deadlineMs) return { state: { ...state, queue }, effects }
  late(link.flight.queued.id)
  return { state: { ...state, queue, link: { ...link, flight: undefined } }, effects }
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
  if (nowMs >= session.lastUseMs + config.idleCloseMs) {
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
