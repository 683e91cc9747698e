import { assert } from '@brickyard/std/assert'
import { cipherSuite } from './cipher-suite.ts'
import { attemptTimeoutMs } from './client-state.ts'
import type { ActiveLink, ClientConfig, Flight, Session } from './client-state.ts'
import { decodeResponse, encodeRequest, REQUESTER_SEQUENCES } from './message.ts'
import type { IpmiResponse } from './message.ts'
import { PAYLOAD, type Packet } from './packet.ts'
import { IV_BYTES, seal, unseal } from './protection.ts'
import { encodeRmcp } from './rmcp.ts'
import { admit, nextSequence } from './sequence-window.ts'

export interface Departure {
  readonly link: ActiveLink
  readonly datagram: Uint8Array
}

/**
 * Sends the flight's request once (again). A repeat carries a fresh session sequence number, so that
 * the BMC's replay window takes it, and the same requester number, so that it can know it as a
 * repeat (IPMI 2.0 §6.12.8).
 */
export function depart(
  config: ClientConfig,
  session: Session,
  flight: Flight,
  entropy: Uint8Array,
): Departure {
  const { requesterSequence } = session
  const payload = encodeRequest({ ...flight.request, requesterSequence })
  const sealed = sealNext(config, session, PAYLOAD.ipmi, payload, entropy)
  return { link: { phase: 'active', session: sealed.session, flight }, datagram: sealed.datagram }
}

/** Sends a serial-over-LAN payload beside whatever request is in the air. */
export function departSol(
  config: ClientConfig,
  link: ActiveLink,
  payload: Uint8Array,
  entropy: Uint8Array,
): Departure {
  const sealed = sealNext(config, link.session, PAYLOAD.sol, payload, entropy)
  return { link: { ...link, session: sealed.session }, datagram: sealed.datagram }
}

function sealNext(
  config: ClientConfig,
  session: Session,
  payloadType: number,
  payload: Uint8Array,
  entropy: Uint8Array,
): { readonly session: Session; readonly datagram: Uint8Array } {
  assert(entropy.length >= IV_BYTES, 'a sealed packet needs an IV')
  const sentSequence = nextSequence(session.sentSequence)
  const body = seal(cipherSuite(config.cipherSuite), session.keys, {
    payloadType,
    sessionId: session.bmcSessionId,
    sequence: sentSequence,
    payload,
    iv: entropy.subarray(0, IV_BYTES),
  })
  return { session: { ...session, sentSequence }, datagram: encodeRmcp('ipmi', body) }
}

/** Puts a new request into the air, with the next requester number. */
export function launch(
  config: ClientConfig,
  session: Session,
  flight: Omit<Flight, 'attempt' | 'retryAtMs'>,
  entropy: Uint8Array,
  nowMs: number,
): Departure {
  const requesterSequence = (session.requesterSequence + 1) % REQUESTER_SEQUENCES
  // Closing is a courtesy: said once, for a session that ends by itself all the same.
  const once = flight.queued?.repeat === 'never' || flight.purpose === 'close'
  const waitMs =
    flight.queued?.repeat === 'never'
      ? config.attemptTimeoutsMs.reduce((sum, ms) => sum + ms, 0)
      : (attemptTimeoutMs(config, 0) ?? 0)
  const started: Flight = {
    ...flight,
    // The last attempt number leaves no further one: what must not be repeated is sent once.
    attempt: once ? config.attemptTimeoutsMs.length - 1 : 0,
    retryAtMs: nowMs + waitMs,
  }
  return depart(config, { ...session, requesterSequence }, started, entropy)
}

export interface Arrival {
  readonly session: Session
  /** The answer to the flight in the air; undefined for an answer to something else. */
  readonly answer: IpmiResponse | undefined
  readonly sol: Uint8Array | undefined
}

/** Takes one packet of an active session; undefined when it is not ours, damaged or a replay. */
export function arrive(
  config: ClientConfig,
  link: ActiveLink,
  packet: Packet,
): Arrival | undefined {
  const { session, flight } = link
  if (packet.kind !== 'rmcp-plus') return undefined
  if (packet.payloadType !== PAYLOAD.ipmi && packet.payloadType !== PAYLOAD.sol) return undefined
  if (packet.sessionId !== session.consoleSessionId) return undefined
  const payload = unseal(cipherSuite(config.cipherSuite), session.keys, packet)
  if (!payload.ok) return undefined
  const received = admit(session.received, packet.sequence)
  if (received === undefined) return undefined
  const seen = { ...session, received }
  if (packet.payloadType === PAYLOAD.sol) {
    return { session: seen, answer: undefined, sol: payload.value }
  }
  const response = decodeResponse(payload.value)
  const answers =
    response.ok &&
    flight !== undefined &&
    response.value.netFn === flight.request.netFn &&
    response.value.command === flight.request.command &&
    response.value.requesterSequence === session.requesterSequence
  return { session: seen, answer: answers ? response.value : undefined, sol: undefined }
}
