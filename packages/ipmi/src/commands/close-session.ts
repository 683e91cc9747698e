import { ByteReader, ByteWriter } from '@brickyard/std/bytes'
import { err, ok, type Result } from '@brickyard/std/result'
import { NET_FN } from '../message.ts'
import type { Command, CommandRequest } from './command.ts'

/** Close Session (IPMI 2.0 §22.19). A BMC has few sessions: one left open is one lost for a minute. */
export const CLOSE_SESSION: Command = { netFn: NET_FN.app, command: 0x3c }

export const closeSessionRequest = (bmcSessionId: number): CommandRequest => ({
  ...CLOSE_SESSION,
  data: new ByteWriter(4).u32le(bmcSessionId).done(),
})

/** The id of the session to close. */
export function decodeCloseSession(data: Uint8Array): Result<number> {
  const reader = new ByteReader(data)
  const sessionId = reader.u32le()
  return reader.short ? err(`close session request of ${data.length} bytes`) : ok(sessionId)
}
