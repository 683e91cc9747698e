import { err, ok, type Result } from '@brickyard/std/result'
import { NET_FN } from '../message.ts'
import { PRIVILEGES, type Privilege } from '../privilege.ts'
import type { Command, CommandRequest } from './command.ts'

/** Set Session Privilege Level (IPMI 2.0 §22.18): a session starts with few rights and asks for more. */
export const SET_SESSION_PRIVILEGE: Command = { netFn: NET_FN.app, command: 0x3b }

export const sessionPrivilegeRequest = (privilege: Privilege): CommandRequest => ({
  ...SET_SESSION_PRIVILEGE,
  data: new Uint8Array([PRIVILEGES[privilege]]),
})

/** The level on the wire, in requests and answers; 0 in a request means "tell me the present one". */
export function decodeSessionPrivilege(data: Uint8Array): Result<number> {
  const level = data[0]
  return level === undefined ? err('session privilege level is missing') : ok(level & 0x0f)
}

export const encodeSessionPrivilege = (privilege: Privilege): Uint8Array =>
  new Uint8Array([PRIVILEGES[privilege]])
