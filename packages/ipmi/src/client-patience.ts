import { depart } from './client-session.ts'
import {
  attemptTimeoutMs,
  failQueue,
  fault,
  unchanged,
  type ActiveLink,
  type ClientEffect,
  type ClientState,
  type ClientStep,
  type Flight,
  type OpeningLink,
} from './client-state.ts'

/** Repeats what has waited long enough for its answer, or gives it up after the last attempt. */
export function takeTick(state: ClientState, entropy: Uint8Array, nowMs: number): ClientStep {
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

/** Fails what is past its deadline, in the queue and in the air; a late answer is then ignored. */
export function expire(state: ClientState, nowMs: number): ClientStep {
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
