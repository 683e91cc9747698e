import { err, ok, type Result } from '@brickyard/std/result'
import { TFTP_ERROR, type TftpPacket } from './packet.ts'

export interface Refusal {
  readonly code: number
  readonly message: string
}

/**
 * What a first packet on the server's port may do: read one of the files named in `files`, nothing
 * else. Names are looked up, never resolved: there is no folder to climb out of.
 */
export function admit<File>(
  packet: TftpPacket,
  files: ReadonlyMap<string, File>,
): Result<{ readonly name: string; readonly file: File }, Refusal> {
  if (packet.kind === 'write') {
    return err({ code: TFTP_ERROR.accessViolation, message: 'this server is read-only' })
  }
  if (packet.kind !== 'read') {
    return err({ code: TFTP_ERROR.unknownTransfer, message: 'no such transfer' })
  }
  if (packet.mode !== 'octet') {
    return err({ code: TFTP_ERROR.illegalOperation, message: 'only mode octet is served' })
  }
  // Firmware writes the same name with and without a leading slash.
  const name = packet.name.replace(/^\/+/, '')
  const file = files.get(name)
  if (file === undefined) return err({ code: TFTP_ERROR.fileNotFound, message: 'no such file' })
  return ok({ name, file })
}
