import { err, ok, type Result } from '@brickyard/std/result'
import { assert } from '@brickyard/std/assert'
import { ByteReader } from '@brickyard/std/bytes'
import { cipherSuite } from './cipher-suite.ts'
import {
  channelAuthCapabilitiesRequest,
  decodeChannelAuthCapabilities,
  GET_CHANNEL_AUTH_CAPABILITIES,
} from './commands/channel-auth-capabilities.ts'
import {
  attemptTimeoutMs,
  STEP_ENTROPY_BYTES,
  type ClientConfig,
  type ClientFault,
  type Exchange,
  type FaultKind,
  type OpeningLink,
  type Session,
} from './client-state.ts'
import { COMPLETION } from './completion-code.ts'
import { decodeResponse, encodeRequest } from './message.ts'
import { decodeOpenSessionResponse, encodeOpenSessionRequest } from './open-session.ts'
import { encodeHandshake, encodeV15, PAYLOAD, type Packet } from './packet.ts'
import { PRIVILEGES } from './privilege.ts'
import { sameSecret } from './protection.ts'
import { decodeRakp2, decodeRakp4, encodeRakp1, encodeRakp3, RAKP_RANDOM_BYTES } from './rakp.ts'
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
import { describeStatus, isAuthenticationStatus, STATUS } from './status-code.ts'

/** Message tags, one per stage: a late answer to an earlier stage cannot be taken for this one's. */
const TAG = { openSession: 1, rakp1: 2, rakp3: 3 } as const
const CAPABILITIES_SEQUENCE = 1

/** What an answer did to the opening of a session. */
export type OpeningOutcome =
  /** Not for us, damaged, or forged: go on waiting. */
  | { readonly kind: 'ignored' }
  | { readonly kind: 'next'; readonly link: OpeningLink }
  | { readonly kind: 'opened'; readonly session: Session }
  | { readonly kind: 'failed'; readonly fault: ClientFault; readonly goodbye?: Uint8Array }

const IGNORED: OpeningOutcome = { kind: 'ignored' }

const failed = (kind: FaultKind, message: string, goodbye?: Uint8Array): OpeningOutcome => ({
  kind: 'failed',
  fault: { kind, message },
  ...(goodbye === undefined ? {} : { goodbye }),
})

const exchange = (config: ClientConfig, body: Uint8Array, nowMs: number): Exchange => ({
  datagram: encodeRmcp('ipmi', body),
  attempt: 0,
  retryAtMs: nowMs + (attemptTimeoutMs(config, 0) ?? 0),
})

const role = (config: ClientConfig): number => ROLE_NAME_ONLY | PRIVILEGES[config.privilege]

/** The first message of a session: is anybody there, and does it speak IPMI 2.0? */
export function beginOpening(
  config: ClientConfig,
  entropy: Uint8Array,
  nowMs: number,
): OpeningLink {
  assert(entropy.length === STEP_ENTROPY_BYTES, 'entropy of a step has 32 bytes')
  const random = new ByteReader(entropy)
  const consoleRandom = random.take(RAKP_RANDOM_BYTES).slice()
  const request = {
    ...channelAuthCapabilitiesRequest(config.privilege),
    requesterSequence: CAPABILITIES_SEQUENCE,
  }
  return {
    phase: 'opening',
    opening: { stage: 'capabilities' },
    // Zero means "no session", so it is no id.
    consoleSessionId: random.u32le() || 1,
    consoleRandom,
    exchange: exchange(config, encodeV15(encodeRequest(request)), nowMs),
  }
}

/** Takes one packet while a session opens. Pure; never throws on what the packet holds. */
export function takeOpeningPacket(
  config: ClientConfig,
  link: OpeningLink,
  packet: Packet,
  nowMs: number,
): OpeningOutcome {
  if (packet.kind === 'v15') {
    return link.opening.stage === 'capabilities'
      ? takeCapabilities(config, link, packet.payload, nowMs)
      : IGNORED
  }
  if (packet.sessionId !== 0 || packet.encrypted || packet.authenticated) return IGNORED
  switch (link.opening.stage) {
    case 'capabilities':
      return packet.payloadType === PAYLOAD.ipmi
        ? takeCapabilities(config, link, packet.payload, nowMs)
        : IGNORED
    case 'open-session':
      return packet.payloadType === PAYLOAD.openSessionResponse
        ? takeOpenSession(config, link, packet.payload, nowMs)
        : IGNORED
    case 'rakp-2':
      return packet.payloadType === PAYLOAD.rakp2
        ? takeRakp2(config, link, link.opening.bmcSessionId, packet.payload, nowMs)
        : IGNORED
    case 'rakp-4':
      return packet.payloadType === PAYLOAD.rakp4
        ? takeRakp4(config, link, link.opening, packet.payload, nowMs)
        : IGNORED
  }
}

function takeCapabilities(
  config: ClientConfig,
  link: OpeningLink,
  payload: Uint8Array,
  nowMs: number,
): OpeningOutcome {
  const response = decodeResponse(payload)
  if (!response.ok) return IGNORED
  const { netFn, command, requesterSequence, completionCode, data } = response.value
  if (netFn !== GET_CHANNEL_AUTH_CAPABILITIES.netFn) return IGNORED
  if (command !== GET_CHANNEL_AUTH_CAPABILITIES.command) return IGNORED
  if (requesterSequence !== CAPABILITIES_SEQUENCE) return IGNORED
  // Some BMCs refuse the question but open a session all the same; the next answer will tell.
  if (completionCode === COMPLETION.ok) {
    const capabilities = decodeChannelAuthCapabilities(data)
    if (!capabilities.ok) return failed('protocol', capabilities.error)
    if (!capabilities.value.ipmi20) return failed('protocol', 'the BMC does not speak IPMI 2.0')
  }
  const request = encodeOpenSessionRequest({
    tag: TAG.openSession,
    privilege: PRIVILEGES[config.privilege],
    consoleSessionId: link.consoleSessionId,
    algorithms: cipherSuite(config.cipherSuite),
  })
  return {
    kind: 'next',
    link: {
      ...link,
      opening: { stage: 'open-session' },
      exchange: exchange(config, encodeHandshake(PAYLOAD.openSessionRequest, request), nowMs),
    },
  }
}

const refusal = (step: string, status: number): OpeningOutcome =>
  failed(
    isAuthenticationStatus(status) ? 'auth' : 'refused',
    `${step} was refused with status ${describeStatus(status)}`,
  )

function takeOpenSession(
  config: ClientConfig,
  link: OpeningLink,
  payload: Uint8Array,
  nowMs: number,
): OpeningOutcome {
  const response = decodeOpenSessionResponse(payload)
  if (!response.ok || response.value.tag !== TAG.openSession) return IGNORED
  if (response.value.kind === 'refused') return refusal('Open Session', response.value.status)
  const { algorithms, bmcSessionId, consoleSessionId } = response.value
  if (consoleSessionId !== link.consoleSessionId) return IGNORED
  const suite = cipherSuite(config.cipherSuite)
  const asked =
    algorithms.authentication === suite.authentication &&
    algorithms.integrity === suite.integrity &&
    algorithms.confidentiality === suite.confidentiality
  if (!asked) return failed('protocol', 'the BMC chose other algorithms than were asked for')
  const rakp1 = encodeRakp1({
    tag: TAG.rakp1,
    bmcSessionId,
    consoleRandom: link.consoleRandom,
    role: role(config),
    user: config.user,
  })
  return {
    kind: 'next',
    link: {
      ...link,
      opening: { stage: 'rakp-2', bmcSessionId },
      exchange: exchange(config, encodeHandshake(PAYLOAD.rakp1, rakp1), nowMs),
    },
  }
}

/** RAKP 2 as a result: undefined when it is not ours, the key exchange when the BMC knows the password. */
function checkRakp2(
  config: ClientConfig,
  link: OpeningLink,
  bmcSessionId: number,
  payload: Uint8Array,
): Result<KeyExchange, OpeningOutcome> {
  const suite = cipherSuite(config.cipherSuite)
  const message = decodeRakp2(payload, suite.hmacBytes)
  if (!message.ok || message.value.tag !== TAG.rakp1) return err(IGNORED)
  if (message.value.kind === 'refused') return err(refusal('RAKP 1', message.value.status))
  if (message.value.consoleSessionId !== link.consoleSessionId) return err(IGNORED)
  const agreed: KeyExchange = {
    consoleSessionId: link.consoleSessionId,
    bmcSessionId,
    consoleRandom: link.consoleRandom,
    bmcRandom: message.value.bmcRandom,
    bmcGuid: message.value.bmcGuid,
    role: role(config),
    user: config.user,
  }
  const expected = rakp2Code(suite, paddedSecret(config.password), agreed)
  if (sameSecret(expected, message.value.code)) return ok(agreed)
  // §13.22: tell the BMC, so that it frees the half-open session at once.
  const status = STATUS.invalidIntegrityCheck
  const goodbye = { tag: TAG.rakp3, status, bmcSessionId, code: new Uint8Array(0) }
  const datagram = encodeRmcp('ipmi', encodeHandshake(PAYLOAD.rakp3, encodeRakp3(goodbye)))
  return err(failed('auth', `the password of user '${config.user}' is wrong`, datagram))
}

function takeRakp2(
  config: ClientConfig,
  link: OpeningLink,
  bmcSessionId: number,
  payload: Uint8Array,
  nowMs: number,
): OpeningOutcome {
  const checked = checkRakp2(config, link, bmcSessionId, payload)
  if (!checked.ok) return checked.error
  const agreed = checked.value
  const suite = cipherSuite(config.cipherSuite)
  const password = paddedSecret(config.password)
  const bmcKey = config.bmcKey === undefined ? password : paddedSecret(config.bmcKey)
  const rakp3 = encodeRakp3({
    tag: TAG.rakp3,
    status: STATUS.ok,
    bmcSessionId,
    code: rakp3Code(suite, password, agreed),
  })
  return {
    kind: 'next',
    link: {
      ...link,
      opening: { stage: 'rakp-4', agreed, keys: sessionKeys(suite, bmcKey, agreed) },
      exchange: exchange(config, encodeHandshake(PAYLOAD.rakp3, rakp3), nowMs),
    },
  }
}

function takeRakp4(
  config: ClientConfig,
  link: OpeningLink,
  opening: Extract<OpeningLink['opening'], { stage: 'rakp-4' }>,
  payload: Uint8Array,
  nowMs: number,
): OpeningOutcome {
  const suite = cipherSuite(config.cipherSuite)
  const message = decodeRakp4(payload, suite.integrityCheckBytes)
  if (!message.ok || message.value.tag !== TAG.rakp3) return IGNORED
  if (message.value.kind === 'refused') return refusal('RAKP 3', message.value.status)
  if (message.value.consoleSessionId !== link.consoleSessionId) return IGNORED
  const { agreed, keys } = opening
  if (!sameSecret(rakp4Code(suite, keys.sik, agreed), message.value.check)) {
    return failed('auth', 'the BMC key (Kg) is wrong: RAKP 4 does not check')
  }
  return {
    kind: 'opened',
    session: {
      consoleSessionId: link.consoleSessionId,
      bmcSessionId: agreed.bmcSessionId,
      keys,
      sentSequence: 0,
      received: FRESH_WINDOW,
      requesterSequence: 0,
      lastExchangeMs: nowMs,
      lastUseMs: nowMs,
      proven: false,
    },
  }
}
