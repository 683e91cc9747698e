import { assert } from '@brickyard/std/assert'
import { decodeAsf, encodeAsfPong } from './asf-ping.ts'
import { takeOpenSession, takeRakp1, takeRakp3, type LoginMessage } from './bmc-login.ts'
import { answerBeforeSession, answerOfSession } from './bmc-session-commands.ts'
import {
  BMC_ENTROPY_BYTES,
  HANDSHAKE_LIFE_MS,
  REPEAT_LIFE_MS,
  SESSION_LIFE_MS,
  withEntry,
  type BmcAnswer,
  type BmcConfig,
  type BmcEvent,
  type BmcSession,
  type BmcState,
  type BmcStep,
} from './bmc-state.ts'
import { COMPLETION } from './completion-code.ts'
import { decodeRequest, encodeResponse, type IpmiRequest } from './message.ts'
import {
  decodePacket,
  encodeHandshake,
  encodeV15,
  PAYLOAD,
  type Packet,
  type RmcpPlusPacket,
} from './packet.ts'
import { IV_BYTES, sameSecret, seal, unseal } from './protection.ts'
import { decodeRmcp, encodeRmcp } from './rmcp.ts'
import { admit, nextSequence } from './sequence-window.ts'
import { GUID_BYTES } from './commands/system-guid.ts'

/** A BMC without sessions. Names have at most 16, passwords at most 20 ASCII characters. */
export function createBmc<Peer>(config: BmcConfig): BmcState<Peer> {
  assert(config.guid.length === GUID_BYTES, 'a GUID has 16 bytes')
  return { config, handshakes: new Map(), sessions: new Map(), nextTicket: 1 }
}

/**
 * The BMC's side of RMCP+ as a pure machine (IPMI 2.0 §13): answers presence pings, logs consoles
 * in, guards sessions, and hands each command of a session out as an effect, once however often the
 * console repeats it. A datagram, however mangled, never throws.
 */
export function stepBmc<Peer>(
  state: BmcState<Peer>,
  event: BmcEvent<Peer>,
  nowMs: number,
): BmcStep<Peer> {
  assert(event.entropy.length === BMC_ENTROPY_BYTES, 'entropy of a step has 32 bytes')
  const step = takeEvent(expire(state, nowMs), event, nowMs)
  const ended = [...state.sessions.keys()].filter((id) => !step.state.sessions.has(id))
  if (ended.length === 0) return step
  const told = ended.map((sessionId) => ({ kind: 'session-ended', sessionId }) as const)
  return { state: step.state, effects: [...step.effects, ...told] }
}

function takeEvent<Peer>(
  living: BmcState<Peer>,
  event: BmcEvent<Peer>,
  nowMs: number,
): BmcStep<Peer> {
  if (event.kind === 'sol') return sendSol(living, event.sessionId, event.payload, event.entropy)
  if (event.kind === 'answer') return takeAnswer(living, event.ticket, event.answer, event.entropy)
  const rmcp = decodeRmcp(event.datagram)
  if (!rmcp.ok) return nothing(living)
  const { messageClass, body } = rmcp.value
  if (messageClass === 'asf') return takeAsf(living, body, event.from)
  const packet = decodePacket(body)
  if (!packet.ok) return nothing(living)
  const { from, entropy } = event
  return takePacket(living, packet.value, { payload: packet.value.payload, from, entropy, nowMs })
}

const nothing = <Peer>(state: BmcState<Peer>): BmcStep<Peer> => ({ state, effects: [] })

/** Forgets logins and sessions whose time has run out; without any, the state stays as it is. */
function expire<Peer>(state: BmcState<Peer>, nowMs: number): BmcState<Peer> {
  const oldLogin = [...state.handshakes.values()].some(
    (h) => nowMs >= h.startedMs + HANDSHAKE_LIFE_MS,
  )
  const oldSession = [...state.sessions.values()].some(
    (s) => nowMs >= s.lastSeenMs + SESSION_LIFE_MS,
  )
  if (!oldLogin && !oldSession) return state
  return {
    ...state,
    handshakes: new Map(
      [...state.handshakes].filter(([, h]) => nowMs < h.startedMs + HANDSHAKE_LIFE_MS),
    ),
    sessions: new Map(
      [...state.sessions].filter(([, s]) => nowMs < s.lastSeenMs + SESSION_LIFE_MS),
    ),
  }
}

function takeAsf<Peer>(state: BmcState<Peer>, body: Uint8Array, from: Peer): BmcStep<Peer> {
  const asf = decodeAsf(body)
  if (!asf.ok || asf.value.kind !== 'ping') return nothing(state)
  return { state, effects: [{ kind: 'send', datagram: encodeAsfPong(asf.value.tag), to: from }] }
}

function takePacket<Peer>(
  state: BmcState<Peer>,
  packet: Packet,
  message: LoginMessage<Peer>,
): BmcStep<Peer> {
  if (packet.kind === 'v15') {
    return packet.sessionId === 0 ? takeSessionless(state, message, encodeV15) : nothing(state)
  }
  if (packet.sessionId !== 0) return takeSealed(state, packet, message)
  if (packet.encrypted || packet.authenticated) return nothing(state)
  switch (packet.payloadType) {
    case PAYLOAD.ipmi:
      return takeSessionless(state, message, (bytes) => encodeHandshake(PAYLOAD.ipmi, bytes))
    case PAYLOAD.openSessionRequest:
      return takeOpenSession(state, message)
    case PAYLOAD.rakp1:
      return takeRakp1(state, message)
    case PAYLOAD.rakp3:
      return takeRakp3(state, message)
    default:
      return nothing(state)
  }
}

/** A request before any session, in the IPMI 1.5 or the RMCP+ form; the answer comes in the same form. */
function takeSessionless<Peer>(
  state: BmcState<Peer>,
  message: LoginMessage<Peer>,
  wrap: (payload: Uint8Array) => Uint8Array,
): BmcStep<Peer> {
  const request = decodeRequest(message.payload)
  if (!request.ok) return nothing(state)
  const answer = answerBeforeSession(state.config, request.value)
  const datagram = encodeRmcp('ipmi', wrap(encodeResponse({ ...request.value, ...answer })))
  return { state, effects: [{ kind: 'send', datagram, to: message.from }] }
}

function takeSealed<Peer>(
  state: BmcState<Peer>,
  packet: RmcpPlusPacket,
  message: LoginMessage<Peer>,
): BmcStep<Peer> {
  const id = packet.sessionId
  const session = state.sessions.get(id)
  const { payloadType } = packet
  if (session === undefined) return nothing(state)
  if (payloadType !== PAYLOAD.ipmi && payloadType !== PAYLOAD.sol) return nothing(state)
  const payload = unseal(session.suite, session.keys, packet)
  if (!payload.ok) return nothing(state)
  const received = admit(session.received, packet.sequence)
  if (received === undefined) return nothing(state)
  // Whoever moved to another address or port gets the answer there: the packet proved who it is.
  const seen = { ...session, received, lastSeenMs: message.nowMs, peer: message.from }
  const next = { ...state, sessions: withEntry(state.sessions, id, seen) }
  if (payloadType === PAYLOAD.sol) {
    const effect = { kind: 'sol', sessionId: id, payload: payload.value.slice() } as const
    return { state: next, effects: [effect] }
  }
  const request = decodeRequest(payload.value)
  if (!request.ok) return nothing(next)
  return takeRequest(next, id, seen, payload.value, request.value, message)
}

function takeRequest<Peer>(
  state: BmcState<Peer>,
  id: number,
  session: BmcSession<Peer>,
  raw: Uint8Array,
  request: IpmiRequest,
  message: LoginMessage<Peer>,
): BmcStep<Peer> {
  const { entropy, nowMs } = message
  const { last } = session
  const repeated =
    last !== undefined && nowMs < last.atMs + REPEAT_LIFE_MS && sameSecret(last.request, raw)
  if (repeated) {
    return last.answer === undefined
      ? nothing(state)
      : send(state, id, session, request, last.answer, entropy)
  }
  if (last !== undefined && last.answer === undefined) {
    const busy = { completionCode: COMPLETION.nodeBusy, data: new Uint8Array(0) }
    return send(state, id, session, request, busy, entropy)
  }
  const own = answerOfSession(state, id, session, request)
  const ticket = state.nextTicket
  const remembered = { request: raw.slice(), atMs: nowMs, ticket, answer: own?.answer }
  if (own !== undefined) {
    const changed = { ...session, privilege: own.privilege, last: remembered }
    const sent = send(state, id, changed, request, own.answer, entropy)
    if (own.closes === undefined) return sent
    const sessions = withEntry(sent.state.sessions, own.closes, undefined)
    return { ...sent, state: { ...sent.state, sessions } }
  }
  const sessions = withEntry(state.sessions, id, { ...session, last: remembered })
  const { netFn, command } = request
  const { privilege } = session
  return {
    state: { ...state, sessions, nextTicket: ticket + 1 },
    effects: [
      {
        kind: 'command',
        ticket,
        command: {
          sessionId: id,
          netFn,
          command,
          data: request.data.slice(),
          privilege,
          user: session.user.name,
        },
      },
    ],
  }
}

/** The chassis has answered: back to the console that asked, if its session still lives. */
function takeAnswer<Peer>(
  state: BmcState<Peer>,
  ticket: number,
  answer: BmcAnswer,
  entropy: Uint8Array,
): BmcStep<Peer> {
  for (const [id, session] of state.sessions) {
    const { last } = session
    if (last?.ticket !== ticket || last.answer !== undefined) continue
    const request = decodeRequest(last.request)
    if (!request.ok) return nothing(state)
    const answered = { ...session, last: { ...last, answer } }
    return send(state, id, answered, request.value, answer, entropy)
  }
  return nothing(state)
}

function send<Peer>(
  state: BmcState<Peer>,
  id: number,
  session: BmcSession<Peer>,
  request: IpmiRequest,
  answer: BmcAnswer,
  entropy: Uint8Array,
): BmcStep<Peer> {
  const payload = encodeResponse({ ...request, ...answer })
  return sendPayload(state, id, session, PAYLOAD.ipmi, payload, entropy)
}

function sendSol<Peer>(
  state: BmcState<Peer>,
  id: number,
  payload: Uint8Array,
  entropy: Uint8Array,
): BmcStep<Peer> {
  const session = state.sessions.get(id)
  if (session === undefined) return nothing(state)
  return sendPayload(state, id, session, PAYLOAD.sol, payload, entropy)
}

function sendPayload<Peer>(
  state: BmcState<Peer>,
  id: number,
  session: BmcSession<Peer>,
  payloadType: number,
  payload: Uint8Array,
  entropy: Uint8Array,
): BmcStep<Peer> {
  const sentSequence = nextSequence(session.sentSequence)
  const body = seal(session.suite, session.keys, {
    payloadType,
    sessionId: session.consoleSessionId,
    sequence: sentSequence,
    payload,
    iv: entropy.subarray(0, IV_BYTES),
  })
  const sessions = withEntry(state.sessions, id, { ...session, sentSequence })
  const datagram = encodeRmcp('ipmi', body)
  return { state: { ...state, sessions }, effects: [{ kind: 'send', datagram, to: session.peer }] }
}
