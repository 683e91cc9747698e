import { err, ok, type Result } from '@brickyard/std/result'
import { TFTP_ERROR, type TftpOptions, type TftpPacket } from './packet.ts'

/** How a file's bytes are sent: as they are, or as text (RFC 1350 §1). */
export type TransferMode = 'octet' | 'netascii'

export interface Admitted<File> {
  readonly name: string
  readonly file: File
  readonly mode: TransferMode
  readonly options: TftpOptions
}

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
  files: { get(name: string): File | undefined },
): Result<Admitted<File>, Refusal> {
  if (packet.kind === 'write') {
    return err({ code: TFTP_ERROR.accessViolation, message: 'this server is read-only' })
  }
  if (packet.kind !== 'read') {
    return err({ code: TFTP_ERROR.unknownTransfer, message: 'no such transfer' })
  }
  const { mode, options } = packet
  // `mail` sends to a person and is obsolete (RFC 1350 §1).
  if (mode !== 'octet' && mode !== 'netascii') {
    const message = 'only modes octet and netascii are served'
    return err({ code: TFTP_ERROR.illegalOperation, message })
  }
  // Firmware writes the same name with and without a leading slash.
  const name = packet.name.replace(/^\/+/, '')
  const file = files.get(name)
  if (file === undefined) return err({ code: TFTP_ERROR.fileNotFound, message: 'no such file' })
  return ok({ name, file, mode, options })
}
