import { ByteReader } from '@brickyard/std/bytes'
import {
  HANDSHAKES_MAX,
  withEntry,
  type BmcConfig,
  type BmcState,
  type BmcStep,
  type BmcUser,
  type Handshake,
} from './bmc-state.ts'
import { cipherSuite } from './cipher-suite.ts'
import {
  decodeOpenSessionRequest,
  encodeOpenSessionResponse,
  type OpenSessionRequest,
} from './open-session.ts'
import { encodeHandshake, PAYLOAD } from './packet.ts'
import { atLeast, PRIVILEGES, privilegeOf, type Privilege } from './privilege.ts'
import { sameSecret } from './protection.ts'
import {
  decodeRakp1,
  decodeRakp3,
  encodeRakp2,
  encodeRakp4,
  encodeRakpRefusal,
  RAKP_RANDOM_BYTES,
  type Rakp1,
} from './rakp.ts'
import { encodeRmcp } from './rmcp.ts'
import { FRESH_WINDOW } from './sequence-window.ts'
import {
  paddedSecret,
  rakp2Code,
  rakp3Code,
  rakp4Code,
  ROLE_NAME_ONLY,
  sessionKeys,
  type KeyExchange,
} from './session-keys.ts'
import { STATUS } from './status-code.ts'

/** One message of a login as the machine hands it on. */
export interface LoginMessage<Peer> {
  readonly payload: Uint8Array
  readonly from: Peer
  readonly entropy: Uint8Array
  readonly nowMs: number
}

function reply<Peer>(
  state: BmcState<Peer>,
  to: Peer,
  payloadType: number,
  payload: Uint8Array,
): BmcStep<Peer> {
  const datagram = encodeRmcp('ipmi', encodeHandshake(payloadType, payload))
  return { state, effects: [{ kind: 'send', datagram, to }] }
}

/** Open Session Request (IPMI 2.0 §13.17): takes a suite we have and hands out a session id. */
export function takeOpenSession<Peer>(
  state: BmcState<Peer>,
  message: LoginMessage<Peer>,
): BmcStep<Peer> {
  const request = decodeOpenSessionRequest(message.payload)
  if (!request.ok) return { state, effects: [] }
  const { tag, consoleSessionId, algorithms } = request.value
  const answer = (next: BmcState<Peer>, payload: Uint8Array): BmcStep<Peer> =>
    reply(next, message.from, PAYLOAD.openSessionResponse, payload)
  const refuse = (status: number): BmcStep<Peer> =>
    answer(state, encodeOpenSessionResponse({ kind: 'refused', tag, status }, consoleSessionId))
  const suite = state.config.cipherSuites
    .map(cipherSuite)
    .find(
      (s) =>
        s.authentication === algorithms.authentication &&
        s.integrity === algorithms.integrity &&
        s.confidentiality === algorithms.confidentiality,
    )
  if (suite === undefined) return refuse(STATUS.noCipherSuiteMatch)
  if (state.sessions.size >= state.config.sessionsMax) return refuse(STATUS.insufficientResources)
  const bmcSessionId = new ByteReader(message.entropy).u32le()
  const taken = state.sessions.has(bmcSessionId) || state.handshakes.has(bmcSessionId)
  if (bmcSessionId === 0 || taken) return refuse(STATUS.insufficientResources)
  const handshake: Handshake = {
    consoleSessionId,
    suite,
    privilegeAsked: request.value.privilege,
    startedMs: message.nowMs,
    challenge: undefined,
  }
  const opened = {
    kind: 'opened',
    tag,
    privilege: privilegeOffered(request.value),
    consoleSessionId,
    bmcSessionId,
    algorithms,
  } as const
  const handshakes = withEntry(roomFor(state.handshakes), bmcSessionId, handshake)
  return answer({ ...state, handshakes }, encodeOpenSessionResponse(opened, consoleSessionId))
}

const privilegeOffered = (request: OpenSessionRequest): number =>
  privilegeOf(request.privilege) === undefined ? PRIVILEGES.administrator : request.privilege

/** Drops the oldest login when there is no room for another: a Map keeps the order of arrival. */
function roomFor(handshakes: ReadonlyMap<number, Handshake>): ReadonlyMap<number, Handshake> {
  if (handshakes.size < HANDSHAKES_MAX) return handshakes
  const [oldest] = handshakes.keys()
  return oldest === undefined ? handshakes : withEntry(handshakes, oldest, undefined)
}

/** The user of RAKP 1, or the status that refuses it. */
function admitUser(
  config: BmcConfig,
  handshake: Handshake,
  rakp1: Rakp1,
): { readonly user: BmcUser } | { readonly status: number } {
  const asked = privilegeOf(rakp1.role & 0x0f) ?? 'administrator'
  const nameOnly = (rakp1.role & ROLE_NAME_ONLY) !== 0
  const user = config.users.find(
    // §13.20: without the name-only bit the level takes part in the lookup.
    (u) => u.name === rakp1.user && (nameOnly || atLeast(u.privilege, asked)),
  )
  if (user === undefined) return { status: STATUS.unauthorizedName }
  const limit = privilegeOf(handshake.privilegeAsked) ?? 'administrator'
  if (!atLeast(user.privilege, asked) || !atLeast(limit, asked)) {
    return { status: STATUS.unauthorizedRole }
  }
  return { user }
}

/** RAKP 1 (§13.20): answers with a challenge that proves we know the user's password. */
export function takeRakp1<Peer>(state: BmcState<Peer>, message: LoginMessage<Peer>): BmcStep<Peer> {
  const rakp1 = decodeRakp1(message.payload)
  if (!rakp1.ok) return { state, effects: [] }
  const { bmcSessionId, tag } = rakp1.value
  const handshake = state.handshakes.get(bmcSessionId)
  const answer = (next: BmcState<Peer>, payload: Uint8Array): BmcStep<Peer> =>
    reply(next, message.from, PAYLOAD.rakp2, payload)
  if (handshake === undefined) {
    return answer(state, encodeRakpRefusal(tag, STATUS.invalidSessionId, 0))
  }
  const { consoleSessionId, suite, challenge } = handshake
  if (challenge !== undefined) {
    // A second, different RAKP 1 in one login is no repeat; it gets nothing.
    return sameSecret(challenge.rakp1, message.payload)
      ? answer(state, challenge.rakp2)
      : { state, effects: [] }
  }
  const admitted = admitUser(state.config, handshake, rakp1.value)
  if ('status' in admitted) {
    return answer(state, encodeRakpRefusal(tag, admitted.status, consoleSessionId))
  }
  const agreed: KeyExchange = {
    consoleSessionId,
    bmcSessionId,
    consoleRandom: rakp1.value.consoleRandom,
    bmcRandom: message.entropy.slice(0, RAKP_RANDOM_BYTES),
    bmcGuid: state.config.guid,
    role: rakp1.value.role,
    user: rakp1.value.user,
  }
  const password = paddedSecret(admitted.user.password)
  const rakp2 = encodeRakp2({
    kind: 'challenge',
    tag,
    consoleSessionId,
    bmcRandom: agreed.bmcRandom,
    bmcGuid: agreed.bmcGuid,
    code: rakp2Code(suite, password, agreed),
  })
  const next: Handshake = {
    ...handshake,
    challenge: { rakp1: message.payload.slice(), rakp2, agreed, user: admitted.user },
  }
  const handshakes = withEntry(state.handshakes, bmcSessionId, next)
  return answer({ ...state, handshakes }, rakp2)
}

/** RAKP 3 (§13.22): the console proves its password, and the session is there. */
export function takeRakp3<Peer>(state: BmcState<Peer>, message: LoginMessage<Peer>): BmcStep<Peer> {
  const rakp3 = decodeRakp3(message.payload)
  if (!rakp3.ok) return { state, effects: [] }
  const { bmcSessionId, tag, status, code } = rakp3.value
  const answer = (next: BmcState<Peer>, payload: Uint8Array): BmcStep<Peer> =>
    reply(next, message.from, PAYLOAD.rakp4, payload)
  const session = state.sessions.get(bmcSessionId)
  if (session !== undefined) {
    return sameSecret(session.login.rakp3, message.payload)
      ? answer(state, session.login.rakp4)
      : { state, effects: [] }
  }
  const handshake = state.handshakes.get(bmcSessionId)
  if (handshake?.challenge === undefined) {
    return answer(state, encodeRakpRefusal(tag, STATUS.inactiveSessionId, 0))
  }
  const { suite, consoleSessionId } = handshake
  const { agreed, user } = handshake.challenge
  const without = {
    ...state,
    handshakes: withEntry(state.handshakes, bmcSessionId, undefined),
  }
  if (status !== STATUS.ok) return { state: without, effects: [] }
  const password = paddedSecret(user.password)
  const refuse = (why: number): BmcStep<Peer> =>
    answer(without, encodeRakpRefusal(tag, why, consoleSessionId))
  if (!sameSecret(rakp3Code(suite, password, agreed), code)) {
    return refuse(STATUS.invalidIntegrityCheck)
  }
  if (state.sessions.size >= state.config.sessionsMax) return refuse(STATUS.insufficientResources)
  const { bmcKey } = state.config
  const secret = bmcKey === undefined ? password : paddedSecret(bmcKey)
  const keys = sessionKeys(suite, secret, agreed)
  const check = rakp4Code(suite, keys.sik, agreed)
  const rakp4 = encodeRakp4({ kind: 'active', tag, consoleSessionId, check })
  const sessions = withEntry(state.sessions, bmcSessionId, {
    suite,
    keys,
    consoleSessionId,
    user,
    privilegeMax: roleOf(agreed, user),
    privilege: 'user',
    received: FRESH_WINDOW,
    sentSequence: 0,
    lastSeenMs: message.nowMs,
    peer: message.from,
    login: { rakp3: message.payload.slice(), rakp4 },
    last: undefined,
  })
  return answer({ ...without, sessions }, rakp4)
}

/** The role asked for in RAKP 1; 0 is "the highest", which is the user's own. */
const roleOf = (agreed: KeyExchange, user: BmcUser): Privilege =>
  privilegeOf(agreed.role & 0x0f) ?? user.privilege
