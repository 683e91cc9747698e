import type { BmcAnswer, BmcConfig, BmcSession, BmcState } from './bmc-state.ts'
import {
  encodeChannelAuthCapabilities,
  GET_CHANNEL_AUTH_CAPABILITIES,
} from './commands/channel-auth-capabilities.ts'
import {
  decodeCipherSuitesRequest,
  encodeCipherSuites,
  GET_CHANNEL_CIPHER_SUITES,
} from './commands/channel-cipher-suites.ts'
import { CLOSE_SESSION, decodeCloseSession } from './commands/close-session.ts'
import {
  decodeSessionPrivilege,
  encodeSessionPrivilege,
  SET_SESSION_PRIVILEGE,
} from './commands/session-privilege.ts'
import { GET_DEVICE_GUID, GET_SYSTEM_GUID } from './commands/system-guid.ts'
import type { Command } from './commands/command.ts'
import { COMPLETION } from './completion-code.ts'
import type { IpmiRequest } from './message.ts'
import { atLeast, privilegeOf, type Privilege } from './privilege.ts'

/** The only LAN channel there is. */
const LAN_CHANNEL = 1

const is = (request: IpmiRequest, command: Command): boolean =>
  request.netFn === command.netFn && request.command === command.command

const refuse = (completionCode: number): BmcAnswer => ({
  completionCode,
  data: new Uint8Array(0),
})
const answer = (data: Uint8Array): BmcAnswer => ({ completionCode: COMPLETION.ok, data })

/** The few questions anybody may ask without a session (IPMI 2.0 §22.13 to §22.15). */
export function answerBeforeSession(config: BmcConfig, request: IpmiRequest): BmcAnswer {
  return answerPublic(config, request) ?? refuse(COMPLETION.insufficientPrivilege)
}

function answerPublic(config: BmcConfig, request: IpmiRequest): BmcAnswer | undefined {
  if (is(request, GET_CHANNEL_AUTH_CAPABILITIES)) {
    const nameless = config.users.filter(({ name }) => name === '')
    return answer(
      encodeChannelAuthCapabilities({
        channel: LAN_CHANNEL,
        ipmi20: true,
        bmcKeyNeeded: config.bmcKey !== undefined,
        anonymousLogin: nameless.some(({ password }) => password === ''),
        nullUsers: nameless.some(({ password }) => password !== ''),
        oldLogins: 0,
      }),
    )
  }
  if (is(request, GET_CHANNEL_CIPHER_SUITES)) {
    const wanted = decodeCipherSuitesRequest(request.data)
    if (!wanted.ok) return refuse(COMPLETION.requestTooShort)
    return answer(encodeCipherSuites(LAN_CHANNEL, config.cipherSuites, wanted.value.index))
  }
  if (is(request, GET_SYSTEM_GUID) || is(request, GET_DEVICE_GUID)) return answer(config.guid)
  return undefined
}

export interface SessionAnswer {
  readonly answer: BmcAnswer
  readonly privilege: Privilege
  /** The session that ends once the answer is sent. */
  readonly closes?: number
}

/** Commands about sessions themselves; undefined for everything the chassis must answer. */
export function answerOfSession<Peer>(
  state: BmcState<Peer>,
  id: number,
  session: BmcSession<Peer>,
  request: IpmiRequest,
): SessionAnswer | undefined {
  const { privilege } = session
  if (is(request, SET_SESSION_PRIVILEGE)) return setPrivilege(session, request)
  if (is(request, CLOSE_SESSION)) {
    const wanted = decodeCloseSession(request.data)
    if (!wanted.ok) return { answer: refuse(COMPLETION.requestTooShort), privilege }
    const own = wanted.value === id
    if (!own && !(state.sessions.has(wanted.value) && atLeast(privilege, 'administrator'))) {
      return { answer: refuse(COMPLETION.invalidSession), privilege }
    }
    return { answer: answer(new Uint8Array(0)), privilege, closes: wanted.value }
  }
  const open = answerPublic(state.config, request)
  return open === undefined ? undefined : { answer: open, privilege }
}

/** §22.18: 0 asks for the present level; more than the login allowed is refused with 0x81. */
function setPrivilege<Peer>(session: BmcSession<Peer>, request: IpmiRequest): SessionAnswer {
  const level = decodeSessionPrivilege(request.data)
  const { privilege } = session
  if (!level.ok) return { answer: refuse(COMPLETION.requestTooShort), privilege }
  if (level.value === 0) return { answer: answer(encodeSessionPrivilege(privilege)), privilege }
  const wanted = privilegeOf(level.value)
  if (wanted === undefined) return { answer: refuse(COMPLETION.specific80), privilege }
  if (!atLeast(session.privilegeMax, wanted)) {
    return { answer: refuse(COMPLETION.specific81), privilege }
  }
  return { answer: answer(encodeSessionPrivilege(wanted)), privilege: wanted }
}
