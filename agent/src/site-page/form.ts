/** Reads a form that the page itself sent: small, URL-encoded, nothing else. */
import { err, ok, type Result } from '@brickyard/std/result'

/** The longest form has a remark of 500 characters, each up to nine bytes when encoded. */
const FORM_BYTES_MAX = 8192

export async function readForm(request: Request): Promise<Result<URLSearchParams>> {
  const type = request.headers.get('content-type') ?? ''
  if (!/^application\/x-www-form-urlencoded\b/i.test(type)) return err('This is not a form.')
  const pieces: Uint8Array[] = []
  let length = 0
  for await (const piece of request.body ?? []) {
    length += piece.length
    if (length > FORM_BYTES_MAX) return err('This form is too long.')
    pieces.push(piece)
  }
  return ok(new URLSearchParams(Buffer.concat(pieces).toString('utf8')))
}
