import { ok } from '@brickyard/std/result'
import {
  channelAuthCapabilitiesRequest,
  decodeChannelAuthCapabilities,
} from './commands/channel-auth-capabilities.ts'
import {
  CIPHER_SUITE_PIECES_MAX,
  cipherSuitesRequest,
  decodeCipherSuitesPiece,
  suiteIdsOf,
} from './commands/channel-cipher-suites.ts'
import { COMPLETION } from './completion-code.ts'
import { nonsense, type Conversation } from './conversation.ts'
import { encodeOpenSessionRequest, decodeOpenSessionResponse } from './open-session.ts'
import { decodePacket, encodeHandshake, PAYLOAD } from './packet.ts'
import { decodeRmcp, encodeRmcp } from './rmcp.ts'

/** What a BMC's login settings give away. */
export interface Exposure {
  /** Cipher suites it offers; 0 logs anybody in who knows a user name (§22.15.2). Undefined: not told. */
  readonly cipherSuites: readonly number[] | undefined
  /** Undefined: some BMCs answer this only before a session. */
  readonly logins: LoginExposure | undefined
}

export interface LoginExposure {
  /** Logins without a name and password (§22.13). */
  readonly anonymous: boolean
  /** Logins without a name, with a password. */
  readonly nullUsers: boolean
  /** A BMC key of its own is needed beside a password. */
  readonly bmcKeyNeeded: boolean
  /** IPMI 1.5 logins are offered: MD5 at best, `none` at worst. */
  readonly old: readonly OldLogin[]
}

export const OLD_LOGINS = ['none', 'md2', 'md5', 'reserved', 'password', 'oem'] as const
export type OldLogin = (typeof OLD_LOGINS)[number]

/** Reads how a BMC lets people in (IPMI 2.0 §22.13, §22.15). */
export function* readExposure(): Conversation<Exposure> {
  const cipherSuites = yield* readCipherSuites()
  if (!cipherSuites.ok) return cipherSuites
  const { completionCode, data } = yield channelAuthCapabilitiesRequest('administrator')
  if (completionCode !== COMPLETION.ok) {
    return ok({ cipherSuites: cipherSuites.value, logins: undefined })
  }
  const capabilities = decodeChannelAuthCapabilities(data)
  if (!capabilities.ok) return nonsense(capabilities.error)
  const { anonymousLogin, nullUsers, bmcKeyNeeded, oldLogins } = capabilities.value
  const logins = {
    anonymous: anonymousLogin,
    nullUsers,
    bmcKeyNeeded,
    old: OLD_LOGINS.filter((_, bit) => (oldLogins & (1 << bit)) !== 0),
  }
  return ok({ cipherSuites: cipherSuites.value, logins })
}

function* readCipherSuites(): Conversation<readonly number[] | undefined> {
  const records: number[] = []
  for (let index = 0; index < CIPHER_SUITE_PIECES_MAX; index++) {
    const { completionCode, data } = yield cipherSuitesRequest(index)
    if (completionCode !== COMPLETION.ok) return ok(undefined)
    const piece = decodeCipherSuitesPiece(data)
    if (!piece.ok) return nonsense(piece.error)
    records.push(...piece.value.records)
    if (piece.value.last) break
  }
  return ok(suiteIdsOf(Uint8Array.from(records)))
}

const PROBE_TAG = 0x0b
const NO_ALGORITHMS = { authentication: 0, integrity: 0, confidentiality: 0 }
const ADMINISTRATOR = 4

/**
 * Asks a BMC for a session of cipher suite 0 without going on: one datagram, no login. What a BMC
 * lists and what it takes are not always the same.
 */
export const cipherZeroProbe = (consoleSessionId: number): Uint8Array =>
  encodeRmcp(
    'ipmi',
    encodeHandshake(
      PAYLOAD.openSessionRequest,
      encodeOpenSessionRequest({
        tag: PROBE_TAG,
        privilege: ADMINISTRATOR,
        consoleSessionId,
        algorithms: NO_ALGORITHMS,
      }),
    ),
  )

/** What a datagram says to the probe; undefined when it is no answer to it. */
export function readCipherZeroProbe(
  datagram: Uint8Array,
  consoleSessionId: number,
): 'taken' | 'refused' | undefined {
  const rmcp = decodeRmcp(datagram)
  if (!rmcp.ok || rmcp.value.messageClass !== 'ipmi') return undefined
  const packet = decodePacket(rmcp.value.body)
  if (!packet.ok || packet.value.kind !== 'rmcp-plus') return undefined
  if (packet.value.payloadType !== PAYLOAD.openSessionResponse) return undefined
  const answer = decodeOpenSessionResponse(packet.value.payload)
  if (!answer.ok || answer.value.tag !== PROBE_TAG) return undefined
  if (answer.value.kind === 'refused') return 'refused'
  if (answer.value.consoleSessionId !== consoleSessionId) return undefined
  const { authentication, integrity, confidentiality } = answer.value.algorithms
  // A BMC that answers with other algorithms has not taken suite 0.
  return authentication === 0 && integrity === 0 && confidentiality === 0 ? 'taken' : 'refused'
}
