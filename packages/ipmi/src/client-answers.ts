import {
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
import { takeOpeningPacket } from './client-opening.ts'
import { arrive } from './client-session.ts'
import { decodeSessionPrivilege } from './commands/session-privilege.ts'
import { COMPLETION, describeCompletion } from './completion-code.ts'
import type { IpmiResponse } from './message.ts'
import type { Packet } from './packet.ts'
import { PRIVILEGES } from './privilege.ts'

/** Takes one packet while the session opens. */
export function takeOpening(
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

/** Takes one packet of the open session. */
export function takeActive(
  state: ClientState,
  link: ActiveLink,
  packet: Packet,
  nowMs: number,
): ClientStep {
  const arrival = arrive(state.config, link, packet)
  if (arrival === undefined) return unchanged(state)
  const { answer, sol } = arrival
  if (sol !== undefined) {
    const alive = { ...arrival.session, lastExchangeMs: nowMs }
    return {
      state: { ...state, link: { ...link, session: alive } },
      effects: [{ kind: 'sol', payload: sol.slice() }],
    }
  }
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
