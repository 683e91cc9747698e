import type { ServerResponse } from 'node:http'
import { Milliseconds } from '@brickyard/std/units'
import type { FileResponse } from '../netboot/range-response.ts'
import type { FilePieces, PieceReader } from './file-pieces.ts'

/**
 * A piece that the system took so quickly went to a reader that keeps up, even while two dozen
 * others are served in the same turn: large ones at 1.3 MB/s, which a rack of 48 has of a gigabit.
 */
const KEEPS_UP_MS = Milliseconds(400)

/**
 * Sends a part of a file: a piece is read while the one before it is on its way. A reader that does
 * not keep up holds one small piece, and nothing is read for it until that is gone. The body of
 * `response` stays unread. Settles when all is sent or the reader is gone; never rejects.
 */
export async function sendFile(
  outgoing: ServerResponse,
  { file, status, headers, ended }: FileResponse,
  pieces: FilePieces,
): Promise<void> {
  let reader: PieceReader
  try {
    reader = await pieces.open(file.path)
  } catch {
    outgoing.writeHead(503, { 'content-type': 'text/plain' })
    outgoing.end('the file cannot be opened\n')
    ended(0)
    return
  }
  const sent = { bytes: 0 }
  try {
    outgoing.writeHead(status, Object.fromEntries(headers))
    await sendPieces(outgoing, reader, file, sent)
    outgoing.end()
  } catch {
    // The length was promised: only a broken connection says that it was not kept.
    outgoing.destroy()
  } finally {
    ended(sent.bytes)
    await reader.close()
  }
}

/** Rejects when the reader is gone or the file ends too early. */
async function sendPieces(
  outgoing: ServerResponse,
  reader: PieceReader,
  { start, end }: FileResponse['file'],
  sent: { bytes: number },
): Promise<void> {
  let sending: Promise<boolean> | undefined
  let keepsUp = false
  try {
    for (let at = start; at < end;) {
      const { bytes, giveBack } = await reader.take(at, end, keepsUp ? 'large' : 'small')
      try {
        if (sending !== undefined) keepsUp = await sending
      } catch (error) {
        giveBack()
        throw error
      }
      sending = send(outgoing, bytes)
        .then((quick) => {
          sent.bytes += bytes.length
          return quick
        })
        .finally(giveBack)
      // It may fail while the next piece is read; that is heard when it is waited for.
      sending.catch(() => undefined)
      at += bytes.length
      if (!keepsUp) {
        keepsUp = await sending
        sending = undefined
      }
    }
  } finally {
    await sending
  }
}

/** Hands a piece to the system and waits until it was taken; true when that was quick. */
function send(outgoing: ServerResponse, piece: Uint8Array): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const beganMs = performance.now()
    // A response whose connection is gone calls nobody back, only `close` tells.
    const gone = (): void => reject(new Error('the reader is gone'))
    if (outgoing.destroyed) return gone()
    outgoing.once('close', gone)
    outgoing.write(piece, (error) => {
      outgoing.off('close', gone)
      if (error === null || error === undefined) resolve(performance.now() - beganMs < KEEPS_UP_MS)
      else reject(error)
    })
  })
}
